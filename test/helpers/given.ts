import type { Test } from 'tap';
import type { GuestClaim } from '../../src/engine/claim-purchase.ts';
import { decide, type MemberCommand, type Situation } from '../../src/engine/decide.ts';
import type { Shared } from '../../src/engine/draft.ts';
import type { Changes, Decision, LoadedMember } from '../../src/model/decision.ts';
import type { Event } from '../../src/model/event.ts';
import type { MemberId } from '../../src/model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../../src/model/instant.ts';
import type { LedgerEntry } from '../../src/model/ledger-entry.ts';
import type { Lot } from '../../src/model/lot.ts';
import type { PutMember } from '../../src/model/member.ts';
import type { Account } from '../../src/model/member-state.ts';
import type { PurchaseLine, RecordPurchase } from '../../src/model/purchase.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { returningOf } from './returning.ts';

/*
 * Given what happened, when a command comes, then this is so. A member is enrolled first; everything about it is at
 * hand for every decision. What came of it is compared as short text, so that a table of examples reads as a table.
 */

export const ada = 1 as MemberId;
const enrolledAt = Date.parse('2020-01-01T00:00:00Z');

const redemptionsAfter = (member: LoadedMember | null, { redeemed, redemptions }: Changes) => {
  const all = new Map(member?.redemptions);
  for (const row of redeemed) all.set(row.redemption_id, row);
  for (const [id, standing] of redemptions) all.set(id, { ...all.get(id)!, ...standing });
  return all;
};

const entitlementsAfter = (member: LoadedMember | null, changes: Changes) => {
  const all = new Map(member?.entitlements);
  for (const one of changes.entitlements) all.set(one.number, one);
  for (const [number, use] of changes.entitlementsUsed)
    all.set(number, { ...all.get(number)!, used_at: null, redemption_id: null, ...use });
  for (const number of changes.revoked)
    all.set(number, { ...all.get(number)!, revoked_at: changes.state?.recorded_at ?? null });
  return all;
};

const vouchersAfter = (member: LoadedMember | null, { issued, vouchers }: Changes) => {
  const all = new Map(member?.vouchers);
  for (const { pooled: _, ...row } of issued) all.set(row.number, row);
  for (const [number, standing] of vouchers) all.set(number, { ...all.get(number)!, ...standing });
  return all;
};

/** A member with everything at hand, as an accepted command leaves it. */
export const after = (member: LoadedMember | null, changes: Changes): LoadedMember => {
  const state = changes.state;
  if (state === null) {
    if (member === null) throw new Error('a command about a member changes its state');
    return member;
  }
  return {
    state,
    profile: changes.profile ?? member?.profile ?? null,
    lots: new Map([...(member?.lots ?? []), ...changes.lots]),
    days: new Map([...(member?.days ?? []), ...changes.days]),
    redemptions: redemptionsAfter(member, changes),
    entitlements: entitlementsAfter(member, changes),
    vouchers: vouchersAfter(member, changes),
    later: new Map(
      Object.keys(state.accounts).map((wallet) => [
        wallet,
        { releases_from: null, expires_from: null, beyond_notice: null },
      ]),
    ),
  };
};

const short = (instant: Instant): string => instantText(instant).replace(/(:00)?\.000Z$/, 'Z');
const until = (instant: Instant | null): string => (instant === null ? 'for ever' : `until ${short(instant)}`);

const accountText = (account: Account): string =>
  (['pending', 'available', 'held', 'debt'] as const)
    .filter((bucket) => account[bucket] !== 0)
    .map((bucket) => `${account[bucket]} ${bucket}`)
    .join(', ');

const lotText = (lot: Lot): string =>
  [
    `${lot.lot}: ${lot.pending + lot.available + lot.held} of ${lot.original}`,
    ...(lot.pending > 0 ? [`pending until ${short(lot.available_at)},`] : []),
    lot.slides === true ? 'slides' : until(lot.expires_at),
    ...(lot.value === null ? [] : [`worth ${lot.value.amount} for ${lot.value.points}`]),
  ].join(' ');

const entryText = (entry: LedgerEntry): string =>
  [
    `${entry.movement} ${entry.points} ${entry.wallet} ${entry.from_bucket}→${entry.to_bucket}`,
    ...entry.allocations.map(({ lot, points }) => `${lot}:${points}`),
  ].join(' ');

/** What happened to tiers and segments, in the order it was told. */
const statusText = ({ type, occurred_at, data }: Event): string[] => {
  const said = `${short(occurred_at)} ${data['segment'] ?? data['scheme']}`;
  const backfill = data['backfill'] === true ? ', backfill' : '';
  switch (type) {
    case 'tier.upgraded':
    case 'tier.downgraded':
      return [`${said}: ${data['from'] ?? 'none'} → ${data['to'] ?? 'none'}${backfill}`];
    case 'tier.expiring':
      return [`${said}: ${data['tier']} expires ${short(Date.parse(`${data['leaves_at']}`))}`];
    case 'segment.entered':
    case 'segment.left':
      return [`${said} ${type.slice('segment.'.length)}${backfill}`];
    default:
      return [];
  }
};

/** What is so after the command, and what the command did. A refusal leaves everything as it was. */
const outcomeOf = (decision: Decision, member: LoadedMember | null) => {
  const changes = decision.outcome === 'accepted' ? decision.changes : null;
  const { state, lots } = member ?? {};
  const faults = decision.outcome === 'refused' ? decision.errors : [];
  return {
    refused: decision.outcome === 'refused' ? decision.code : null,
    faults: faults?.map((fault) => `${fault.pointer} ${fault.code}`) ?? [],
    missing: decision.outcome === 'refused' ? decision.missing : undefined,
    status: state?.status,
    balances: Object.fromEntries(
      Object.entries(state?.accounts ?? {}).map(([code, account]) => [code, accountText(account)]),
    ),
    lots: [...(lots?.values() ?? [])].map(lotText),
    entries: changes?.entries.map(entryText) ?? [],
    times: changes?.entries.map((entry) => short(entry.occurred_at)) ?? [],
    given: changes?.entries.flatMap((entry) => entry.rules.map(({ rule, points }) => `${rule} ${points}`)) ?? [],
    facts: changes?.purchase?.facts.rules.map((fact) => `${fact.rule} ${fact.points} on ${fact.counted}`) ?? [],
    withheld:
      changes?.purchase?.facts.rules.flatMap((fact) =>
        fact.withheld === undefined ? [] : [`${fact.rule} ${fact.withheld}`],
      ) ?? [],
    limited: Object.fromEntries(
      changes?.purchase?.facts.rules.flatMap((fact) =>
        fact.limited_to === undefined ? [] : [[fact.rule, fact.limited_to]],
      ) ?? [],
    ),
    entitled: changes?.entitlements ?? [],
    causes: changes?.entries.map(({ cause, cause_id }) => `${cause} ${cause_id}`) ?? [],
    granted: changes?.entitlements.map(({ reward, rule }) => `${reward} by ${rule}`) ?? [],
    codes: changes?.issued.map(({ code }) => code) ?? [],
    vouchers: [...(member?.vouchers.values() ?? [])].map(({ code, status }) => `${code} ${status}`),
    fields: changes?.purchase?.facts.fields,
    counted: changes?.purchase?.report.lines.map((line) => line.counted) ?? [],
    spend: changes?.purchase?.spend,
    events: changes?.events.map((event) => event.type) ?? [],
    changes: changes?.events.flatMap(statusText) ?? [],
    tiers: Object.fromEntries(
      Object.entries(state?.tiers ?? {}).map(([scheme, held]) => [scheme, `${held.tier} since ${short(held.since)}`]),
    ),
    due: instantTextOrNull(state?.reassess_at ?? null)?.replace(/(:00)?\.000Z$/, 'Z') ?? null,
    profile: member?.profile,
    identities: changes?.identities,
    answer: decision.outcome === 'accepted' ? decision.answer : null,
    state,
  };
};
export type Outcome = ReturnType<typeof outcomeOf>;

export interface Given {
  /** The member as it stands; null when nobody was enrolled. */
  readonly member: LoadedMember | null;
  /** How many of a reward are used of its stock. */
  stock(reward: string): number;
  /** What every command wrote. */
  readonly history: readonly Changes[];
  /** The same program and member after one more command, which must be accepted. `more` is what a store would know besides. */
  and(at: string, command: MemberCommand, more?: Partial<Situation>): Given;
  /** From now on the program has other rules. */
  under(rules: Rules): Given;
  when(
    at: string,
    command: MemberCommand,
    taken?: readonly string[],
    more?: Partial<Situation>,
  ): { then(expected: Partial<Outcome>): void; outcome: Outcome };
}

/** What is used of what members share, and codes for vouchers. */
interface Used {
  readonly budgets: ReadonlyMap<string, number>;
  readonly stock: ReadonlyMap<string, number>;
  /** Vouchers issued so far. */
  readonly issued: number;
}

const nothingUsed: Used = { budgets: new Map(), stock: new Map(), issued: 0 };

/** As a store would tell it: of every budget and stock, with codes that tell how many there were before. */
const sharedOf = (rules: Rules, { budgets, stock, issued }: Used): Omit<Shared, 'key'> => ({
  budgetsUsed: new Map(rules.budgeted.map(({ code }) => [code, budgets.get(code) ?? 0])),
  stockUsed: new Map([...[...rules.rewards.keys()].map((code) => [code, 0] as const), ...stock]),
  codes: {
    generated: [1, 2, 3].map((more) => `CODE-${issued + more}`),
    pool: new Map([...rules.rewards.keys()].map((code) => [code, [1, 2, 3].map((more) => `POOL-${issued + more}`)])),
  },
});

const sums = (used: ReadonlyMap<string, number>, more: ReadonlyMap<string, number>): ReadonlyMap<string, number> =>
  new Map([...used, ...[...more].map(([key, count]) => [key, (used.get(key) ?? 0) + count] as const)]);

const usedAfter = (used: Used, changes: Changes): Used => ({
  budgets: sums(used.budgets, changes.budgets),
  stock: sums(used.stock, changes.stock),
  issued: used.issued + changes.issued.length,
});

/** What is known of the purchase that a command returns. */
const returned = (
  command: MemberCommand,
  history: readonly Changes[],
  rules: Rules,
  revisions: ReadonlyMap<number, Rules>,
) => {
  const id =
    command.kind === 'return_purchase'
      ? command.purchase
      : command.kind === 'record_purchase'
        ? command.report.replaces
        : undefined;
  if (id === undefined) return {};
  const returning = returningOf(history, id, (revision) => revisions.get(revision) ?? rules);
  if (returning !== undefined) return { returning };
  if (command.kind !== 'return_purchase') return {};
  return { unknownReturns: history.filter(({ purchaseReturn }) => purchaseReturn?.purchase_id === id).length };
};

const story = (
  t: Test,
  rules: Rules,
  member: LoadedMember | null,
  used: Used = nothingUsed,
  history: readonly Changes[] = [],
  revisions: ReadonlyMap<number, Rules> = new Map(),
): Given => ({
  member,
  history,
  stock: (reward) => used.stock.get(reward) ?? 0,
  and: (at, command, more = {}) => {
    const shared = sharedOf(rules, used);
    const returning = returned(command, history, rules, revisions);
    const now = Date.parse(at);
    const decision = decide({ member, command, rules, now, newId: ada, ...shared, ...returning, ...more });
    if (decision.outcome === 'refused')
      throw new Error(`${command.kind} at ${at}: ${decision.code}, ${decision.detail}`);
    const written = [...history, decision.changes];
    return story(t, rules, after(member, decision.changes), usedAfter(used, decision.changes), written, revisions);
  },
  under: (others) => story(t, others, member, used, history, new Map(revisions).set(rules.revision, rules)),
  when: (at, command, taken = [], more = {}) => {
    const shared = sharedOf(rules, used);
    const now = Date.parse(at);
    const returning = returned(command, history, rules, revisions);
    const decision = decide({
      member,
      command,
      rules,
      now,
      newId: ada,
      ...shared,
      taken: new Set(taken),
      ...returning,
      ...more,
    });
    const outcome = outcomeOf(decision, decision.outcome === 'accepted' ? after(member, decision.changes) : member);
    const then = (expected: Partial<Outcome>): void => {
      const found = Object.fromEntries(Object.keys(expected).map((name) => [name, outcome[name as keyof Outcome]]));
      t.strictSame(found, expected);
    };
    return { then, outcome };
  },
});

/** A member enrolled years ago with nothing to their name, or as a store has them. */
export const given = (t: Test, rules: Rules, member: LoadedMember | null = null): Given =>
  member === null
    ? story(t, rules, null).and(instantText(enrolledAt), put({}, { member_id: null }))
    : story(t, rules, member);

/** Nobody yet. */
export const nobody = (t: Test, rules: Rules): Given => story(t, rules, null);

export const put = (
  body: PutMember,
  { member_id = ada, replace = true }: { member_id?: MemberId | null; replace?: boolean } = {},
): MemberCommand => ({ kind: 'put_member', member_id, external_id: 'ada', body, replace });

export const line = (total: number, more: Partial<PurchaseLine> = {}): PurchaseLine => ({
  sku: 'thing',
  quantity: 1,
  unit_price: total,
  total,
  ...more,
});

/** A report whose sums hold, unless `more` says otherwise. */
export const report = (lines: number | readonly PurchaseLine[], more: Partial<RecordPurchase> = {}): RecordPurchase => {
  const listed = typeof lines === 'number' ? [line(lines)] : [...lines];
  const { discount = 0, shipping = 0, tax } = more;
  const net = listed.reduce((sum, { total }) => sum + total, 0) - discount + shipping;
  return {
    id: 'p-1',
    currency: 'EUR',
    lines: listed,
    total: net + (tax === undefined || tax.included ? 0 : tax.amount),
    ...more,
  };
};

export const purchase = (
  lines: number | readonly PurchaseLine[],
  more: Partial<RecordPurchase> = {},
): MemberCommand => ({
  kind: 'record_purchase',
  member_id: ada,
  report: report(lines, more),
});

type Redemption = Extract<MemberCommand, { kind: 'redeem_points' }>['request'];

/** Points held under an id, for half an hour unless `more` says otherwise. */
export const hold = (id: string, points: number, more: Partial<Redemption> = {}): MemberCommand => ({
  kind: 'redeem_points',
  member_id: ada,
  request: { id, member: 'ada', points, capture: false, ...more },
});

const some = (points: number | undefined) => (points === undefined ? {} : { points });

export const capture = (id: string, points?: number): MemberCommand => ({
  kind: 'capture_redemption',
  member_id: ada,
  id,
  request: some(points),
});

export const voiding = (id: string): MemberCommand => ({ kind: 'void_redemption', member_id: ada, id });

export const refund = (id: string, points?: number): MemberCommand => ({
  kind: 'refund_redemption',
  member_id: ada,
  id,
  request: some(points),
});

/** Pieces by line, or an amount, of a purchase. */
export const back = (
  what: number | readonly (readonly [line: number, quantity: number])[],
  { id = 'b-1', of = 'p-1' }: { id?: string; of?: string } = {},
): MemberCommand => ({
  kind: 'return_purchase',
  member_id: ada,
  purchase: of,
  request: {
    kind: 'return',
    id,
    ...(typeof what === 'number'
      ? { amount: what }
      : { lines: what.map(([index, quantity]) => ({ line: index, quantity })) }),
  },
});

export const cancel = (of = 'p-1'): MemberCommand => ({
  kind: 'return_purchase',
  member_id: ada,
  purchase: of,
  request: { kind: 'cancellation' },
});

/** The command that claims a guest's purchase, and what it is decided on. */
export const claim = (guest: GuestClaim): [MemberCommand, Partial<Situation>] => [
  { kind: 'claim_purchase', member_id: ada, followUp: { id: `claim:${guest.row.purchase_id}`, member_id: ada, at: 0 } },
  { isOpen: true, claim: guest },
];

export const redeem = (points: number, wallet?: string): MemberCommand => ({
  kind: 'redeem_points',
  member_id: ada,
  request: { id: 'r-1', member: 'ada', points, ...(wallet === undefined ? {} : { wallet }) },
});

type Adjustment = Extract<MemberCommand, { kind: 'adjust_points' }>['request'];

export const adjust = (points: number, more: Partial<Adjustment> = {}): MemberCommand => ({
  kind: 'adjust_points',
  member_id: ada,
  request: { member: 'ada', points, reason: 'because', actor: 'somebody', ...more },
});

export const suspend: MemberCommand = { kind: 'suspend_member', member_id: ada };
export const reactivate: MemberCommand = { kind: 'reactivate_member', member_id: ada };
export const close: MemberCommand = { kind: 'close_member', member_id: ada };
export const settle: MemberCommand = { kind: 'settle_member', member_id: ada };

type RewardRequest = Extract<MemberCommand, { kind: 'redeem_reward' }>['request'];

/** A reward redeemed under an id, at once unless `more` says otherwise. */
export const redeemFor = (reward: string, id = 'r-1', more: Partial<RewardRequest> = {}): MemberCommand => ({
  kind: 'redeem_reward',
  member_id: ada,
  request: { id, member: 'ada', reward, ...more },
});

export const grant = (reward: string, valid_for: string | null = null): MemberCommand => ({
  kind: 'grant_entitlement',
  member_id: ada,
  request: { member: 'ada', reward, valid_for, reason: 'because', actor: 'somebody' },
});

export const revoking = (number: number): MemberCommand => ({
  kind: 'revoke_entitlement',
  member_id: ada,
  number,
  request: { reason: 'because', actor: 'somebody' },
});

export const using = (number: number, purchase?: string): MemberCommand => ({
  kind: 'use_voucher',
  member_id: ada,
  number,
  request: purchase === undefined ? {} : { purchase },
});

export const cancelling = (number: number): MemberCommand => ({
  kind: 'cancel_voucher',
  member_id: ada,
  number,
  request: { reason: 'because', actor: 'somebody' },
});
