import { test } from 'tap';
import { rewardOffers } from '../../src/engine/rewards.ts';
import type { TierHeld } from '../../src/model/member-state.ts';
import type { Reward } from '../../src/model/reward.ts';
import {
  adjust,
  back,
  cancel,
  cancelling,
  capture,
  close,
  type Given,
  given,
  grant,
  hold,
  purchase,
  redeemFor,
  refund,
  revoking,
  settle,
  suspend,
  using,
  voiding,
} from '../helpers/given.ts';
import { granting, type ProgramParts, program, rewardAt, tier } from '../helpers/programs.ts';

const noon = '2026-03-10T11:00:00Z';
const soon = '2026-03-10T11:10:00Z';
const lapsed = '2026-03-10T11:30:00Z';
const later = '2026-03-11T11:00:00Z';

const generated = { codes: 'generated', valid_for: 'P30D' } as const;

/** 100 points in a program with one reward, `coffee`. */
const rich = (t: Parameters<typeof given>[0], coffee: Reward, more: ProgramParts = {}): Given =>
  given(t, program({ ...more, rewards: { coffee } })).and('2026-03-01T00:00:00Z', adjust(100, { expires_at: null }));

const held = { capture: false } as const;

test('a reward is redeemed at its price, told, and kept as it was', async (t) => {
  const ada = rich(t, rewardAt(30, { name: 'Coffee', benefit: { type: 'free_product', skus: ['cup'] } }));
  const { outcome, then } = ada.when(noon, redeemFor('coffee'));
  then({
    entries: ['redeem 30 points available→redeemed 1:30'],
    balances: { points: '70 available' },
    causes: ['redemption r-1'],
    events: ['points.redeemed', 'reward.redeemed'],
  });
  t.match(
    ada
      .and(noon, redeemFor('coffee'))
      .history.at(-1)!
      .events.map(({ data }) => data),
    [
      { redemption: 'r-1', wallet: 'points', points: 30, entry: 2, reward: 'coffee' },
      { reward: 'coffee', redemption: 'r-1', points: 30 },
    ],
  );
  t.match(outcome.answer, {
    points: 30,
    status: 'captured',
    entry_id: 'ent_1_2',
    voucher: null,
    reward: { code: 'coffee', name: 'Coffee', benefit: { type: 'free_product', skus: ['cup'] } },
  });
  const renamed = ada
    .and(noon, redeemFor('coffee', 'r-1', held))
    .under(program({ revision: 2, rewards: { coffee: rewardAt(50, { name: 'Tea' }) } }));
  t.match(renamed.when(soon, capture('r-1')).outcome.answer, { points: 30, reward: { name: 'Coffee' } });
  const gone = ada.and(noon, redeemFor('coffee', 'r-1', held)).under(program({ revision: 2 }));
  gone.when(soon, capture('r-1')).then({ refused: null, events: ['points.redeemed', 'reward.redeemed'] });
  gone.when(soon, redeemFor('coffee', 'r-2')).then({ refused: 'unknown_reward', faults: ['/reward unknown_reward'] });
  ada.when(noon, redeemFor('tea')).then({ refused: 'unknown_reward', faults: ['/reward unknown_reward'] });
});

test('the lowest price that applies to the tiers held counts', async (t) => {
  const tiers = {
    silver: tier(1, 'spend', 100),
    gold: tier(2, 'spend', 1_000),
    friend: tier(1, 'purchases', 2, { scheme: 'club' }),
  };
  const prices = { silver: 25, gold: 20, friend: 10 };
  const spent = (ada: Given) => ada.when(soon, redeemFor('coffee')).outcome.entries;
  const none = rich(t, rewardAt(30, { tier_prices: prices }), { tiers });
  t.match(spent(none), [/redeem 30 /]);
  t.match(spent(none.and(noon, purchase(100))), [/redeem 25 /]);
  t.match(spent(none.and(noon, purchase(1_000))), [/redeem 20 /]);
  const both = none.and(noon, purchase(500)).and(noon, purchase(500, { id: 'p-2' }));
  t.match(spent(both), [/redeem 10 /]);
  const dear = rich(t, rewardAt(30, { tier_prices: { silver: 40 } }), { tiers });
  t.match(spent(dear.and(noon, purchase(100))), [/redeem 30 /], 'a price of a tier that is higher helps nobody');
});

test('it is refused before its time, after it, where it has no price, and to whom it is not for', async (t) => {
  const times = rich(t, rewardAt(1, { from: noon, until: later }));
  times.when('2026-03-10T10:59:59.999Z', redeemFor('coffee')).then({ refused: 'reward_not_available' });
  times.when(noon, redeemFor('coffee')).then({ refused: null });
  times.when('2026-03-11T10:59:59.999Z', redeemFor('coffee')).then({ refused: null });
  times.when(later, redeemFor('coffee')).then({ refused: 'reward_not_available' });
  rich(t, rewardAt(null)).when(noon, redeemFor('coffee')).then({ refused: 'reward_not_available' });
  const buyers = rich(t, rewardAt(1, { condition: { field: 'purchases', op: 'gte', value: 1 } }));
  buyers.when(noon, redeemFor('coffee')).then({ refused: 'reward_not_eligible' });
  buyers.and(noon, purchase(100)).when(soon, redeemFor('coffee')).then({ refused: null });
  const dear = rich(t, rewardAt(101));
  dear.when(noon, redeemFor('coffee')).then({ refused: 'insufficient_points', missing: 1 });
  rich(t, rewardAt(1)).and(noon, suspend).when(soon, redeemFor('coffee')).then({ refused: 'member_suspended' });
  rich(t, rewardAt(0)).and(noon, close).when(soon, redeemFor('coffee')).then({ refused: 'member_closed' });
});

test('a free reward writes no entry, whatever comes of it', async (t) => {
  const free = rich(t, rewardAt(0, { stock: 1 }));
  const { outcome } = free.when(noon, redeemFor('coffee'));
  t.match(outcome.answer, { points: 0, status: 'captured', entry_id: null, entry_ids: [], lots: [] });
  const kept = free.and(noon, redeemFor('coffee', 'r-1', held));
  t.match(kept.when(soon, capture('r-1')).outcome.answer, { status: 'captured', entry_ids: [] });
  t.match(kept.when(soon, voiding('r-1')).outcome.answer, { status: 'voided', entry_ids: [] });
  kept.when(lapsed, settle).then({ events: ['hold.released'], entries: [] });
  const refunded = kept.and(soon, capture('r-1')).and(soon, refund('r-1'));
  refunded.when(later, refund('r-1')).then({ refused: 'redemption_refunded' });
  t.equal(refunded.stock('coffee'), 0);
});

test('what is held and lapses, is voided or refunded gives stock, limit and entitlement back', async (t) => {
  const limits = [{ period: 'ever', times: 1 } as const];
  const start = rich(t, rewardAt(30, { stock: 1, limits }));
  const ends: [string, (ada: Given) => Given][] = [
    ['voided', (ada) => ada.and(soon, voiding('r-1'))],
    ['lapsed by the job', (ada) => ada.and(lapsed, settle)],
    ['lapsed by another command', (ada) => ada.and(later, adjust(1))],
    ['refunded', (ada) => ada.and(soon, capture('r-1')).and(soon, refund('r-1'))],
  ];
  for (const [name, end] of ends) {
    const taken = start.and(noon, redeemFor('coffee', 'r-1', held));
    t.equal(taken.stock('coffee'), 1, name);
    taken.when(soon, redeemFor('coffee', 'r-2')).then({ refused: 'reward_limit_reached' });
    const free = end(taken);
    t.equal(free.stock('coffee'), 0, name);
    free.when(later, redeemFor('coffee', 'r-2')).then({ refused: null });
    const entitled = start.and(noon, grant('coffee'));
    const number = entitled.history.at(-1)!.entitlements[0]!.number;
    const id = `ett_1_${number.toString(36)}`;
    const used = entitled.and(noon, redeemFor('coffee', 'r-1', { ...held, entitlement: id }));
    used.when(soon, redeemFor('coffee', 'r-2', { entitlement: id })).then({ refused: 'entitlement_used' });
    const open = end(used);
    t.equal(open.stock('coffee'), 0, name);
    open.when(later, redeemFor('coffee', 'r-2', { entitlement: id })).then({ refused: null, entries: [] });
  }
  const closed = start.and(noon, redeemFor('coffee', 'r-1', held)).and(soon, close);
  t.equal(closed.stock('coffee'), 0);
  const sold = start.and(noon, redeemFor('coffee')).under(program({ rewards: { coffee: rewardAt(30, { stock: 1 }) } }));
  sold.when(soon, redeemFor('coffee', 'r-2')).then({ refused: 'reward_out_of_stock' });
});

test('limits count by the local day, and begin anew with the next period', async (t) => {
  const daily = rich(t, rewardAt(1, { limits: [{ period: 'day', times: 1 }] }));
  // Midnight in Paris is 23:00 UTC.
  const evening = daily.and('2026-03-10T22:59:59.999Z', redeemFor('coffee'));
  evening.when('2026-03-10T22:59:59.999Z', redeemFor('coffee', 'r-2')).then({ refused: 'reward_limit_reached' });
  const midnight = evening.and('2026-03-10T23:00:00Z', redeemFor('coffee', 'r-2'));
  midnight.when('2026-03-10T23:00:00Z', redeemFor('coffee', 'r-3')).then({ refused: 'reward_limit_reached' });
  const back1 = midnight.and('2026-03-11T11:00:00Z', refund('r-1'));
  back1.when('2026-03-11T11:00:00Z', redeemFor('coffee', 'r-3')).then({ refused: 'reward_limit_reached' });
  const back2 = midnight.and('2026-03-11T11:00:00Z', refund('r-2'));
  back2.when('2026-03-11T11:00:00Z', redeemFor('coffee', 'r-3')).then({ refused: null });
});

test('a reward is captured and refunded whole', async (t) => {
  const kept = rich(t, rewardAt(30)).and(noon, redeemFor('coffee', 'r-1', held));
  kept
    .when(soon, capture('r-1', 29))
    .then({ refused: 'reward_not_divisible', faults: ['/points reward_not_divisible'] });
  kept.when(soon, capture('r-1', 30)).then({ refused: null });
  const captured = kept.and(soon, capture('r-1'));
  captured.when(soon, refund('r-1', 1)).then({ refused: 'reward_not_divisible' });
  captured.when(soon, refund('r-1', 30)).then({ refused: null });
});

test('an entitlement is had for nothing, whatever condition, price and limits say, in its time and while there is stock', async (t) => {
  const coffee = rewardAt(null, {
    stock: 1,
    from: noon,
    limits: [{ period: 'ever', times: 1 }],
    condition: { field: 'purchases', op: 'gte', value: 1 },
  });
  const start = given(t, program({ rewards: { coffee, tea: rewardAt(1) } })).and(noon, grant('coffee', 'P1D'));
  const id = 'ett_1_2';
  const { outcome, then } = start.when(soon, redeemFor('coffee', 'r-1', { entitlement: id }));
  then({ refused: null, entries: [], events: ['points.redeemed', 'reward.redeemed'] });
  t.match(outcome.answer, { points: 0 });
  const early = given(t, program({ rewards: { coffee } })).and('2026-03-10T10:00:00Z', grant('coffee'));
  early
    .when('2026-03-10T10:30:00Z', redeemFor('coffee', 'r-1', { entitlement: id }))
    .then({ refused: 'reward_not_available' });
  start.when(soon, redeemFor('tea', 'r-1', { entitlement: id })).then({ refused: 'entitlement_mismatch' });
  start.when(soon, redeemFor('coffee', 'r-1', { entitlement: 'ett_2_2' })).then({ refused: 'entitlement_not_found' });
  start.when(soon, redeemFor('coffee', 'r-1', { entitlement: 'nothing' })).then({ refused: 'entitlement_not_found' });
  start.when('2026-03-11T22:59:59Z', redeemFor('coffee', 'r-1', { entitlement: id })).then({ refused: null });
  start
    .when('2026-03-11T23:00:00Z', redeemFor('coffee', 'r-1', { entitlement: id }))
    .then({ refused: 'entitlement_expired' });
  const revoked = start.and(noon, revoking(2));
  revoked.when(soon, redeemFor('coffee', 'r-1', { entitlement: id })).then({ refused: 'entitlement_revoked' });
  revoked.when(soon, revoking(2)).then({ refused: 'entitlement_revoked' });
  const used = start.and(soon, redeemFor('coffee', 'r-1', { entitlement: id }));
  used.when(soon, revoking(2)).then({ refused: 'entitlement_used' });
  const second = used.and(soon, grant('coffee'));
  const next = `ett_1_${second.history.at(-1)!.entitlements[0]!.number.toString(36)}`;
  second.when(later, redeemFor('coffee', 'r-2', { entitlement: next })).then({ refused: 'reward_out_of_stock' });
  start.when(noon, grant('cake')).then({ refused: 'unknown_reward' });
  given(t, program())
    .when(noon, grant('cake'))
    .then({ refused: null, granted: ['cake by null'] });
});

test('a return takes back what was granted: also what is held for it, or has a voucher nobody used', async (t) => {
  const rules = { gift: granting('coffee') };
  const bought = rich(t, rewardAt(30), { rules }).and(noon, purchase(1_000));
  const { number } = bought.history.at(-1)!.entitlements[0]!;
  const entitlement = `ett_1_${number.toString(36)}`;
  bought.when(soon, cancel()).then({ events: ['purchase.returned', 'reward.revoked'] });
  const holding = bought.and(noon, redeemFor('coffee', 'r-1', { ...held, entitlement }));
  holding.when(soon, cancel()).then({ events: ['purchase.returned', 'hold.released', 'reward.revoked'] });
  const returned = holding.and(soon, cancel());
  returned.when(soon, capture('r-1')).then({ refused: 'redemption_voided' });
  returned.when(soon, redeemFor('coffee', 'r-2', { entitlement })).then({ refused: 'entitlement_revoked' });
  const had = bought.and(noon, redeemFor('coffee', 'r-1', { entitlement }));
  had.when(soon, cancel()).then({ events: ['purchase.returned'] });
  const refunded = had.and(soon, cancel()).and(soon, refund('r-1'));
  refunded.when(soon, redeemFor('coffee', 'r-2', { entitlement })).then({ refused: 'entitlement_revoked' });
  const issued = rich(t, rewardAt(30, { voucher: generated }), { rules })
    .and(noon, purchase(1_000))
    .and(noon, redeemFor('coffee', 'r-1', { entitlement }));
  issued.when(soon, cancel()).then({
    events: ['purchase.returned', 'voucher.cancelled', 'points.refunded', 'reward.revoked'],
  });
  issued
    .and(soon, using(issued.history.at(-1)!.issued[0]!.number))
    .when(soon, cancel())
    .then({ events: ['purchase.returned'] });
  const rule = granting('coffee', null, {
    trigger: 'milestone',
    milestone: { every_purchases: null, every_spend: 500, window: null },
  });
  const two = rich(t, rewardAt(30), { rules: { gift: rule } }).and(noon, purchase(1_000));
  const [, last] = two.history.at(-1)!.entitlements;
  const second = `ett_1_${last!.number.toString(36)}`;
  const kept = two.and(soon, redeemFor('coffee', 'r-1', { entitlement: second })).and(later, back(100));
  t.strictSame(kept.history.at(-1)!.revoked, [last!.number - 1], 'of two the one that was not used');
});

test('a captured reward issues a voucher, a hold does not', async (t) => {
  const ada = rich(t, rewardAt(10, { voucher: generated }));
  const { outcome, then } = ada.when(noon, redeemFor('coffee'));
  then({ codes: ['CODE-1'], events: ['points.redeemed', 'reward.redeemed', 'voucher.issued'] });
  t.match(outcome.answer, {
    voucher: {
      ...{ id: 'vou_1_5', member: 'ada', reward: 'coffee', redemption: 'r-1', code: 'CODE-1', status: 'issued' },
      // 30 days later, at the end of the day in Paris, where summer time has begun.
      ...{ expires_at: '2026-04-09T22:00:00.000Z', ended_at: null, used_for: null },
    },
  });
  t.notMatch(JSON.stringify(ada.and(noon, redeemFor('coffee')).history.at(-1)!.events), 'CODE');
  const kept = ada.and(noon, redeemFor('coffee', 'r-1', held));
  t.strictSame(kept.history.at(-1)!.issued, []);
  kept.when(soon, capture('r-1')).then({ codes: ['CODE-1'] });
  kept.when(soon, purchase(100, { capture_redemptions: ['r-1'] })).then({ codes: ['CODE-1'] });
  const pooled = rich(t, rewardAt(10, { voucher: { codes: 'pool', valid_for: null } }));
  pooled.when(noon, redeemFor('coffee')).then({ codes: ['POOL-1'] });
  const several = kept
    .and(noon, redeemFor('coffee', 'r-2', held))
    .when(soon, purchase(100, { capture_redemptions: ['r-1', 'r-2'] }));
  several.then({ codes: ['CODE-1', 'CODE-2'] });
});

test('a voucher is used once: not after its time, a refund or a cancellation', async (t) => {
  const ada = rich(t, rewardAt(10, { voucher: generated })).and(noon, redeemFor('coffee'));
  const [{ number = 0 } = {}] = ada.history.at(-1)!.issued;
  ada.when(soon, using(number, 'o-1')).then({ events: ['voucher.used'], vouchers: ['CODE-1 used'] });
  const used = ada.and(soon, using(number, 'o-1'));
  const again = used.when(later, using(number, 'o-1'));
  again.then({ refused: null, events: [] });
  t.strictSame(again.outcome.answer, ada.when(soon, using(number, 'o-1')).outcome.answer);
  used.when(later, using(number, 'o-2')).then({ refused: 'voucher_used' });
  used.when(later, using(number)).then({ refused: 'voucher_used' });
  used.when(later, refund('r-1')).then({ refused: 'voucher_used' });
  used.when(later, cancelling(number)).then({ refused: 'voucher_used' });
  const unnamed = ada.and(soon, using(number));
  unnamed.when(later, using(number)).then({ refused: 'voucher_used' });
  ada.when(soon, refund('r-1')).then({
    events: ['voucher.cancelled', 'points.refunded'],
    vouchers: ['CODE-1 cancelled'],
    balances: { points: '100 available' },
  });
  ada.and(soon, refund('r-1')).when(later, using(number)).then({ refused: 'voucher_cancelled' });
  const cancelled = ada.and(soon, cancelling(number));
  cancelled.when(later, using(number)).then({ refused: 'voucher_cancelled' });
  cancelled.when(later, refund('r-1')).then({ refused: null, events: ['points.refunded'] });
  t.match(cancelled.history.at(-1)!.rewardNotes, [{ kind: 'cancelled', number, reason: 'because' }]);
  ada.when('2026-04-09T21:59:59.999Z', using(number)).then({ refused: null });
  ada.when('2026-04-09T22:00:00Z', using(number)).then({ refused: 'voucher_lapsed' });
  ada.when(soon, using(99)).then({ refused: 'voucher_not_found' });
});

test('a voucher lapses at its own instant, whoever comes first afterwards; a closed member keeps it until then', async (t) => {
  const ada = rich(t, rewardAt(10, { voucher: generated })).and(noon, redeemFor('coffee'));
  t.equal(ada.member!.state.due_at, Date.parse('2026-04-09T22:00:00Z'));
  const { outcome, then } = ada.when('2026-05-01T00:00:00Z', settle);
  then({ events: ['voucher.lapsed'], vouchers: ['CODE-1 lapsed'] });
  const after = ada.and('2026-05-01T00:00:00Z', settle);
  t.match(after.history.at(-1)!.events, [{ occurred_at: Date.parse('2026-04-09T22:00:00Z') }]);
  t.strictSame(outcome.state!.vouchers, []);
  t.equal(after.member!.state.due_at, null);
  const closed = ada.and(soon, close);
  closed.when(later, using(5, 'o-1')).then({ refused: null });
  closed.when('2026-05-01T00:00:00Z', settle).then({ vouchers: ['CODE-1 lapsed'] });
});

test('a member has a hundred open vouchers that lapse at most', async (t) => {
  let ada = rich(t, rewardAt(0, { voucher: generated }));
  for (let index = 0; index < 100; index++) ada = ada.and(noon, redeemFor('coffee', `r-${index}`));
  ada.when(soon, redeemFor('coffee', 'r-100')).then({ refused: 'too_many_vouchers' });
  ada.when(soon, redeemFor('coffee', 'r-100', held)).then({ refused: null });
  const open = ada.member!.state.vouchers!;
  ada.and(soon, using(open[7]!.number)).when(soon, redeemFor('coffee', 'r-100')).then({ refused: null });
});

test('points and rewards are held side by side, and end in time order', async (t) => {
  const ada = rich(t, rewardAt(30, { stock: 5 }))
    .and(noon, hold('p-1', 20))
    .and(noon, redeemFor('coffee', 'r-1', { ...held, hold: { expires_at: soon } }));
  ada.when(lapsed, settle).then({
    entries: ['lapse 30 points held→available 1:30', 'lapse 20 points held→available 1:20'],
    balances: { points: '100 available' },
  });
});

test('offers say of every reward what it costs, and everything that is in the way', async (t) => {
  const rewards = {
    cheap: rewardAt(10),
    dear: rewardAt(150, { condition: { field: 'purchases', op: 'gte', value: 1 } }),
    granted: rewardAt(null),
    pooled: rewardAt(1, { voucher: { codes: 'pool', valid_for: null } }),
    sold: rewardAt(1, { stock: 2 }),
    tiered: rewardAt(90, { tier_prices: { gold: 50 } }),
  };
  const rules = program({ rewards, tiers: { gold: tier(1, 'spend', 1_000) } });
  const { member } = given(t, rules).and(noon, adjust(100, { expires_at: null }));
  const now = Date.parse(noon);
  const subject = { state: member!.state, person: null, now, today: rules.calendar.dayOf(now), trigger: null };
  const offers = (used: ReadonlyMap<string, number>, tiers = member!.state.tiers) =>
    rewardOffers(subject, { rules, tiers, at: now }, { stockUsed: used, emptyPools: new Set(['pooled']) }).map(
      (offer) => [offer.reward, offer.price, ...offer.reasons, offer.missing],
    );
  t.strictSame(offers(new Map([['sold', 2]])), [
    ['cheap', 10, null],
    ['dear', 150, 'reward_not_eligible', 'insufficient_points', 50],
    ['granted', null, 'reward_not_available', null],
    ['pooled', 1, 'reward_out_of_stock', null],
    ['sold', 1, 'reward_out_of_stock', null],
    ['tiered', 90, null],
  ]);
  const gold = { status: { tier: 'gold' } as TierHeld };
  t.strictSame(offers(new Map(), gold).at(-1), ['tiered', 50, null], 'priced by other tiers');
});
