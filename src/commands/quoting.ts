import { randomBytes } from 'node:crypto';
import type { Shared } from '../engine/draft.ts';
import { type Offer, quoteCart, refuseQuoteUntil } from '../engine/quote.ts';
import type { Supply } from '../engine/rewards.ts';
import type { Refusal } from '../model/decision.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantText, parseInstant } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import type { CreateQuote, Quote } from '../model/quote.ts';
import type { Rules } from '../rules/rules.ts';
import type { Database } from '../store/database.ts';
import { readBudgets } from '../store/earn-budgets.ts';
import { Gather } from '../store/gather.ts';
import type { AnyIdentity } from '../store/identities.ts';
import { insertQuotes, type OwnedQuote } from '../store/quotes.ts';
import { readStock } from '../store/reward-stock.ts';
import { findEmptyPools } from '../store/voucher-codes.ts';
import { cartHash } from './cart-hash.ts';
import { budgetPeriods } from './load-budgets.ts';
import type { MemberReader, ReadMember } from './read-member.ts';
import { workingMember } from './world.ts';

const newQuoteId = (member: MemberId): string =>
  `quo_${member.toString(36)}_${randomBytes(8).readBigUInt64BE().toString(36).padStart(13, '0')}`;

/** The member inside the id of a quote; null: it is none. */
export const memberOfQuote = (id: string): MemberId | null => {
  const match = /^quo_([0-9a-z]{1,10})_[0-9a-z]{13}$/.exec(id);
  return match === null ? null : (Number.parseInt(match[1] ?? '', 36) as MemberId);
};

type Used = Pick<Shared, 'budgetsUsed'> & Supply;

interface Given {
  readonly offer: Offer;
  readonly row: OwnedQuote;
}

const quoteFor = ({ state, row, rules, now }: ReadMember, request: CreateQuote, used: Used): Refusal | Given => {
  const until = request.expires_at === undefined ? now + limits.quoteDefaultMs : parseInstant(request.expires_at);
  const refusal = refuseQuoteUntil(until, now, now + limits.quoteMs);
  if (refusal !== null) return refusal;
  const offer = quoteCart(workingMember(state, row, false), rules, now, used, request);
  if ('outcome' in offer) return offer;
  return {
    offer,
    row: {
      member_id: state.member_id,
      quote_id: newQuoteId(state.member_id),
      revision: rules.revision,
      cart: cartHash(request),
      created_at: now,
      expires_at: until,
      tiers: state.tiers,
      used_by: null,
    },
  };
};

const viewOf = ({ offer, row }: Given): Quote => ({
  id: row.quote_id,
  created_at: instantText(row.created_at),
  expires_at: instantText(row.expires_at),
  revision: row.revision,
  ...offer,
});

/** Quotes carts. Those that are to be kept at the same time share a statement; nothing is locked. */
export class Quoter {
  readonly #members: MemberReader;
  readonly #database: Database;
  readonly #kept: Gather<OwnedQuote, null>;

  constructor(database: Database, members: MemberReader, clock: () => Instant, concurrent: number) {
    this.#members = members;
    this.#database = database;
    this.#kept = new Gather(async (program, quotes) => {
      await database.write(program, (tx) => insertQuotes(tx, program, quotes, clock()));
      return quotes.map(() => null);
    }, concurrent);
  }

  /** What a cart comes to for a member, kept to be honoured; null: there is no such member. */
  async quote(program: ProgramId, identity: AnyIdentity, request: CreateQuote): Promise<Quote | Refusal | null> {
    const member = await this.#members.find(program, identity);
    if (member === null) return null;
    const given = quoteFor(member, request, await this.#shared(program, member.rules, member.now));
    if ('outcome' in given) return given;
    await this.#kept.get(program, given.row);
    return viewOf(given);
  }

  /** What was used of budgets and of rewards just now: others may use them before the purchase comes. */
  async #shared(program: ProgramId, rules: Rules, now: Instant): Promise<Used> {
    const periods = budgetPeriods(rules, rules.budgeted, now);
    const rewards = [...rules.rewards.values()];
    const hasStock = rewards.some(({ reward }) => reward.stock !== null);
    const pools = rewards.filter(({ reward }) => reward.voucher?.codes === 'pool').map(({ code }) => code);
    if (periods.length === 0 && !hasStock && pools.length === 0)
      return { budgetsUsed: new Map(), stockUsed: new Map(), emptyPools: new Set() };
    const [budgets, stock, empty] = await this.#database.read(program, (db) =>
      Promise.all([
        periods.length > 0 ? readBudgets(db, program, periods) : [],
        hasStock ? readStock(db, program) : [],
        pools.length > 0 ? findEmptyPools(db, program, pools) : [],
      ]),
    );
    return {
      budgetsUsed: new Map(periods.map(({ rule }) => [rule, budgets.find((row) => row.rule === rule)?.used ?? 0])),
      stockUsed: new Map(stock.map(({ reward, used }) => [reward, used])),
      emptyPools: new Set(empty),
    };
  }
}
