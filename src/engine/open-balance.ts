import { accept, type Outcome, refuse } from '../model/decision.ts';
import { type Instant, instantText, parseInstant } from '../model/instant.ts';
import type { OpenBalance, OpeningAnswer, OpeningLot } from '../model/opening-balance.ts';
import type { Fault } from '../model/problem.ts';
import type { Wallet } from '../model/wallet.ts';
import { expiresAt, isSliding } from '../rules/points-life.ts';
import { apply } from './apply.ts';
import { addEvent, type Draft } from './draft.ts';
import { faultsOfTiers, openTiers } from './open-tiers.ts';
import { countLifetime, reassessQuietly } from './past-totals.ts';
import { unknownWallet } from './redeem.ts';
import { slideTo, slidingOf } from './sliding.ts';
import { subjectAt } from './subject.ts';
import { balancesOf, tierViews } from './view.ts';

/*
 * An opening balance takes a member's points over from another system, to the point: each lot with its own dates. No
 * rule is set off and nothing is paid back with it. Lots that have expired by now are taken over and expire at once, at
 * their own instant, so that the ledger says what became of them.
 */

interface Life {
  readonly points: number;
  readonly earnedAt: Instant;
  readonly availableAt: Instant;
  /** Null: never. Of one that slides: at least until then. */
  readonly expiresAt: Instant | null;
  readonly slides: boolean;
}

const lifeOf = ({ rules }: Draft, wallet: Wallet, lot: OpeningLot): Life => {
  const earnedAt = parseInstant(lot.earned_at);
  const availableAt = lot.available_at === undefined ? earnedAt : parseInstant(lot.available_at);
  const policy = lot.expires_at === undefined ? expiresAt(rules.calendar, wallet, earnedAt) : null;
  const expires = lot.expires_at == null ? policy : parseInstant(lot.expires_at);
  return {
    points: lot.points,
    earnedAt,
    availableAt,
    expiresAt: lot.expires_at === undefined && expires !== null ? Math.max(expires, availableAt) : expires,
    slides: isSliding(wallet) && expires !== null,
  };
};

const faultsOfTime = (pointer: string, text: string, now: Instant): Fault[] => {
  const at = parseInstant(text);
  if (at > now) return [{ pointer, code: 'occurred_in_future', detail: text, expected: `at most ${instantText(now)}` }];
  return at < 0 ? [{ pointer, code: 'too_long_ago', detail: text, expected: `at least ${instantText(0)}` }] : [];
};

const faultsOfLot = ({ now }: Draft, lot: OpeningLot, index: number): Fault[] => {
  const pointer = (name: string): string => `/lots/${index}/${name}`;
  const from = lot.available_at ?? lot.earned_at;
  return [
    ...faultsOfTime(pointer('earned_at'), lot.earned_at, now),
    ...(lot.available_at !== undefined && parseInstant(lot.available_at) < parseInstant(lot.earned_at)
      ? [
          {
            pointer: pointer('available_at'),
            code: 'before_earned',
            detail: lot.available_at,
            expected: `at least ${lot.earned_at}`,
          },
        ]
      : []),
    ...(lot.expires_at != null && parseInstant(lot.expires_at) < parseInstant(from)
      ? [
          {
            pointer: pointer('expires_at'),
            code: 'before_available',
            detail: lot.expires_at,
            expected: `at least ${from}`,
          },
        ]
      : []),
  ];
};

const faultsOf = (draft: Draft, { lots, tiers = {}, lifetime = {} }: OpenBalance): Fault[] => [
  ...lots.flatMap((lot, index) => faultsOfLot(draft, lot, index)),
  ...faultsOfTiers(draft, tiers),
  ...(['first_purchase_at', 'last_purchase_at'] as const).flatMap((name) => {
    const at = lifetime[name];
    return at === undefined ? [] : faultsOfTime(`/lifetime/${name}`, at, draft.now);
  }),
];

const expire = (draft: Draft, wallet: string, lot: number, { points, expiresAt }: Life): void => {
  const at = expiresAt ?? draft.now;
  const { sequence } = apply(draft, {
    movement: 'expire',
    wallet,
    from: 'available',
    to: 'expired',
    points,
    occurredAt: at,
    allocations: [{ lot, points }],
  });
  addEvent(draft, 'points.expired', at, { wallet, points, entry: sequence, backfill: true });
};

/** Makes the lots, the oldest first: of those that expire together the oldest are spent first. Returns what is pending and what went at once. */
const openLots = (draft: Draft, code: string, wallet: Wallet, lives: readonly Life[]) => {
  const sums = { pending: 0, expired: 0 };
  const slideEnds = Math.max(
    slidingOf(draft.state.accounts[code]).at ?? Number.NEGATIVE_INFINITY,
    ...lives.flatMap(({ slides, expiresAt }) => (slides && expiresAt !== null ? [expiresAt] : [])),
  );
  const slidesOn = slideEnds > draft.now;
  for (const life of lives.toSorted((a, b) => a.earnedAt - b.earnedAt)) {
    const { points, earnedAt, availableAt, expiresAt } = life;
    const slides = life.slides && slidesOn;
    const isExpired = !slides && expiresAt !== null && expiresAt <= draft.now;
    const isPending = availableAt > draft.now;
    if (slides) slideTo(draft, code, slideEnds);
    const { sequence } = apply(draft, {
      movement: 'opening',
      wallet: code,
      from: 'issued',
      to: isPending ? 'pending' : 'available',
      points,
      occurredAt: draft.now,
      makes: { value: wallet.value, earnedAt, availableAt, expiresAt: slides ? null : expiresAt, slides },
    });
    if (isPending) sums.pending += points;
    if (isExpired) {
      expire(draft, code, sequence, life);
      sums.expired += points;
    }
  }
  return sums;
};

/** Takes over what a member had of a wallet elsewhere. Whether that was done before is found out before. The draft is settled. */
export const openBalance = (draft: Draft, request: OpenBalance): Outcome => {
  const { rules, state, now } = draft;
  const code = request.wallet ?? 'points';
  const wallet = rules.wallets.get(code);
  if (state.status === 'closed') return refuse('member_closed', 'the balance of a closed membership is not opened');
  if (wallet === undefined) return unknownWallet(code);
  const errors = faultsOf(draft, request);
  if (errors.length > 0)
    return refuse('invalid_opening_balance', `${errors.length} of its dates or codes do not hold`, { errors });
  const { debt = 0, lifetime = {}, tiers = {} } = request;
  const lives = request.lots.map((lot) => lifeOf(draft, wallet, lot));
  const points = lives.reduce((sum, life) => sum + life.points, 0);
  draft.cause = { cause: 'opening', cause_id: null };
  const { pending, expired } = openLots(draft, code, wallet, lives);
  if (debt > 0)
    apply(draft, { movement: 'opening', wallet: code, from: 'debt', to: 'reversed', points: debt, occurredAt: now });
  addEvent(draft, 'balance.opened', now, { wallet: code, points, pending, expired, debt, backfill: true });
  const time = (at: string | undefined): Instant | null => (at === undefined ? null : parseInstant(at));
  countLifetime(draft, code, lifetime, [time(lifetime.first_purchase_at), time(lifetime.last_purchase_at)]);
  openTiers(draft, tiers);
  reassessQuietly(draft);
  draft.opening = { wallet: code, ordinal: state.commands, points, lifetime, recorded_at: now };
  const answer: OpeningAnswer = {
    member: state.external_id,
    wallet: code,
    lots: lives.length,
    points,
    pending,
    expired,
    debt,
    recorded_at: instantText(now),
    balances: balancesOf(state, rules),
    tiers: tierViews(subjectAt(draft, now), rules),
  };
  return accept(answer, 201);
};
