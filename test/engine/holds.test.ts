import { test } from 'tap';
import {
  adjust,
  capture,
  close,
  given,
  hold,
  purchase,
  redeem,
  refund,
  settle,
  suspend,
  voiding,
} from '../helpers/given.ts';
import { perAmount, program } from '../helpers/programs.ts';

const noon = '2026-03-10T11:00:00Z';
const soon = '2026-03-10T11:10:00Z';
const lapsed = '2026-03-10T11:30:00Z';
const rules = program({ rules: { euro: perAmount(1, 100) } });
const gracious = program({ policies: { expired_refund_grace_days: 5 } });
const until = (expires_at: string) => ({ hold: { expires_at } });

/** 10 points until 1 April, then 90 for ever. */
const rich = (t: Parameters<typeof given>[0], program = rules) =>
  given(t, program)
    .and('2026-03-01T00:00:00Z', adjust(10, { expires_at: '2026-03-31T22:00:00Z' }))
    .and('2026-03-02T00:00:00Z', adjust(90, { expires_at: null }));

test('held points are gone from available for every cart and till at once', async (t) => {
  const holder = rich(t);
  holder.when(noon, hold('r-1', 30)).then({
    entries: ['hold 30 points available→held 1:10 2:20'],
    balances: { points: '70 available, 30 held' },
    events: ['points.held'],
  });
  const held = holder.and(noon, hold('r-1', 30));
  held.when(noon, redeem(71)).then({ refused: 'insufficient_points', missing: 1 });
  held.when(noon, hold('r-2', 71)).then({ refused: 'insufficient_points', missing: 1 });
  held.and(noon, hold('r-2', 70)).when(noon, hold('r-3', 1)).then({ refused: 'insufficient_points', missing: 1 });
});

test('of a hold in two carts, captured in one, the other is refused', async (t) => {
  const held = rich(t).and(noon, hold('r-1', 30));
  const bought = held.and(soon, purchase(5000, { id: 'p-1', capture_redemptions: ['r-1'] }));
  bought.when(soon, purchase(5000, { id: 'p-2', capture_redemptions: ['r-1'] })).then({
    refused: 'redemption_captured',
    faults: ['/capture_redemptions/0 redemption_captured'],
  });
});

test('a purchase captures what is held in the same step, all of it or nothing at all', async (t) => {
  const held = rich(t).and(noon, hold('r-1', 30)).and(noon, hold('r-2', 5));
  held.when(soon, purchase(5000, { capture_redemptions: ['r-1', 'r-2'] })).then({
    entries: [
      'capture 30 points held→redeemed 1:10 2:20',
      'capture 5 points held→redeemed 2:5',
      'earn 50 points issued→available 7:50',
    ],
    causes: ['redemption r-1', 'redemption r-2', 'purchase p-1'],
    events: ['points.redeemed', 'points.redeemed', 'purchase.recorded', 'points.earned'],
  });
  held.when(soon, purchase(5000, { capture_redemptions: ['r-1', 'nobody'] })).then({
    refused: 'redemption_not_found',
    faults: ['/capture_redemptions/1 redemption_not_found'],
    balances: { points: '65 available, 35 held' },
  });
  held.when(lapsed, purchase(5000, { capture_redemptions: ['r-2'] })).then({ refused: 'redemption_lapsed' });
  held
    .and(soon, suspend)
    .when(soon, purchase(5000, { capture_redemptions: ['r-1'] }))
    .then({ refused: 'member_suspended' });
});

test('a hold is captured in part, what was taken first first, and the rest is released in the same step', async (t) => {
  const held = rich(t).and(noon, hold('r-1', 30));
  held.when(soon, capture('r-1', 12)).then({
    entries: ['capture 12 points held→redeemed 1:10 2:2', 'void 18 points held→available 2:18'],
    balances: { points: '88 available' },
    events: ['points.redeemed', 'hold.released'],
  });
  t.match(held.when(soon, capture('r-1', 12)).outcome.answer, {
    status: 'captured',
    ...{ points: 30, held: 0, captured: 12, released: 18, refunded: 0 },
    lots: [
      { points: 10, captured: 10, refunded: 0 },
      { points: 20, captured: 2, refunded: 0 },
    ],
    entry_id: 'ent_1_3',
    entry_ids: ['ent_1_4', 'ent_1_5'],
  });
  held.when(soon, capture('r-1', 31)).then({ refused: 'capture_exceeds_hold' });
});

test('a hold lapses at its own instant, in time order, whoever looks', async (t) => {
  const held = rich(t).and(noon, hold('r-1', 30));
  t.equal(held.member?.state.due_at, Date.parse(lapsed), 'the job looks then');
  held.when('2026-03-10T11:29:59.999Z', redeem(71)).then({ refused: 'insufficient_points' });
  held.when(lapsed, redeem(71)).then({
    entries: ['lapse 30 points held→available 1:10 2:20', 'redeem 71 points available→redeemed 1:10 2:61'],
  });
  held.when('2026-05-01T00:00:00Z', settle).then({
    entries: ['lapse 30 points held→available 1:10 2:20', 'expire 10 points available→expired 1:10'],
    times: ['2026-03-10T11:30Z', '2026-03-31T22:00Z'],
    causes: ['redemption r-1', 'time null'],
    events: ['hold.released', 'points.expired'],
  });
});

test('a hold that ends in any way cannot be ended in another', async (t) => {
  const held = rich(t).and(noon, hold('r-1', 30));
  const ways = {
    redemption_captured: held.and(soon, capture('r-1')),
    redemption_voided: held.and(soon, voiding('r-1')),
    redemption_lapsed: held,
    redemption_refunded: held.and(soon, capture('r-1')).and(soon, refund('r-1')),
  };
  for (const [code, ended] of Object.entries(ways)) {
    const refused = code as keyof typeof ways;
    ended.when(lapsed, capture('r-1')).then({ refused });
    ended.when(lapsed, voiding('r-1')).then({ refused });
    if (refused !== 'redemption_captured') ended.when(lapsed, refund('r-1')).then({ refused });
  }
  held.when(soon, refund('r-1')).then({ refused: 'redemption_held' });
  for (const command of [capture('x'), voiding('x'), refund('x')])
    held.when(soon, command).then({ refused: 'redemption_not_found' });
});

test('a lot does not expire while it is held; its points do when they come back', async (t) => {
  const long = until('2026-04-05T00:00:00Z');
  const held = rich(t).and(noon, hold('r-1', 4, long));
  const waited = held.and('2026-04-02T00:00:00Z', settle);
  held.when('2026-04-02T00:00:00Z', settle).then({
    entries: ['expire 6 points available→expired 1:6'],
    balances: { points: '90 available, 4 held' },
  });
  waited.when('2026-04-02T00:00:00Z', capture('r-1')).then({ entries: ['capture 4 points held→redeemed 1:4'] });
  waited.when('2026-04-02T00:00:00Z', voiding('r-1')).then({
    entries: ['void 4 points held→expired 1:4'],
    balances: { points: '90 available' },
    events: ['hold.released', 'points.expired'],
  });
  waited.when('2026-04-02T00:00:00Z', capture('r-1', 1)).then({
    entries: ['capture 1 points held→redeemed 1:1', 'void 3 points held→expired 1:3'],
  });
  held.when('2026-04-06T00:00:00Z', settle).then({
    entries: ['expire 6 points available→expired 1:6', 'lapse 4 points held→expired 1:4'],
    times: ['2026-03-31T22:00Z', '2026-04-05T00:00Z'],
  });
});

test('where the program gives grace, points of expired lots live on in a new lot', async (t) => {
  const held = rich(t, gracious).and(noon, hold('r-1', 4, until('2026-04-05T00:00:00Z')));
  held.when('2026-04-02T00:00:00Z', voiding('r-1')).then({
    entries: [
      'expire 6 points available→expired 1:6',
      'void 4 points held→expired 1:4',
      'grace 4 points expired→available 6:4',
    ],
    lots: ['1: 0 of 10 until 2026-03-31T22:00Z', '2: 90 of 90 for ever', '6: 4 of 4 until 2026-04-07T22:00Z'],
    balances: { points: '94 available' },
  });
  t.equal(held.and('2026-04-02T00:00:00Z', voiding('r-1')).member?.state.accounts['points']?.expired, 6);
  held.when('2026-05-01T00:00:00Z', settle).then({
    entries: [
      'expire 6 points available→expired 1:6',
      'lapse 4 points held→expired 1:4',
      'grace 4 points expired→available 6:4',
      'expire 4 points available→expired 6:4',
    ],
    times: ['2026-03-31T22:00Z', '2026-04-05T00:00Z', '2026-04-05T00:00Z', '2026-04-10T22:00Z'],
  });
});

test('a refund goes into the very lots, what was taken last first, and parts add up to the whole', async (t) => {
  const spent = rich(t).and(noon, redeem(30));
  spent.when(soon, refund('r-1', 25)).then({
    entries: ['refund 25 points redeemed→available 1:5 2:20'],
    lots: ['1: 5 of 10 until 2026-03-31T22:00Z', '2: 90 of 90 for ever'],
    events: ['points.refunded'],
  });
  const part = spent.and(soon, refund('r-1', 15));
  part.when(soon, refund('r-1', 16)).then({ refused: 'refund_exceeds_captured' });
  part.when(soon, refund('r-1')).then({
    entries: ['refund 15 points redeemed→available 1:10 2:5'],
    balances: { points: '100 available' },
  });
  const whole = part.and(soon, refund('r-1'));
  t.equal(whole.member?.state.accounts['points']?.redeemed, 0);
  whole.when(soon, refund('r-1', 1)).then({ refused: 'redemption_refunded' });
  t.match(part.when(soon, refund('r-1', 5)).outcome.answer, {
    status: 'captured',
    ...{ captured: 30, refunded: 20 },
    lots: [
      { points: 10, captured: 10, refunded: 0 },
      { points: 20, captured: 20, refunded: 20 },
    ],
  });
});

test('of a hold captured in part no more is refunded than was captured', async (t) => {
  const captured = rich(t).and(noon, hold('r-1', 30)).and(soon, capture('r-1', 12));
  captured.when(soon, refund('r-1', 13)).then({ refused: 'refund_exceeds_captured' });
  captured.when(soon, refund('r-1')).then({
    entries: ['refund 12 points redeemed→available 1:10 2:2'],
    balances: { points: '100 available' },
  });
});

test('a refund after expiry: what belongs to lots that have expired is not there again', async (t) => {
  const at = '2026-04-02T00:00:00Z';
  const spent = rich(t).and(noon, redeem(30));
  spent.when(at, refund('r-1')).then({
    entries: ['refund 20 points redeemed→available 2:20', 'refund 10 points redeemed→expired 1:10'],
    balances: { points: '90 available' },
    events: ['points.expired', 'points.refunded'],
  });
  rich(t, gracious)
    .and(noon, redeem(30))
    .when(at, refund('r-1'))
    .then({
      entries: [
        'refund 20 points redeemed→available 2:20',
        'refund 10 points redeemed→expired 1:10',
        'grace 10 points expired→available 6:10',
      ],
      balances: { points: '100 available' },
    });
});

test('an expired lot is subtracted once, however it was held, spent and given back', async (t) => {
  const at = '2026-04-02T00:00:00Z';
  const spent = rich(t).and(noon, redeem(4)).and(at, settle);
  t.equal(spent.member?.state.accounts['points']?.expired, 6);
  const back = spent.and(at, refund('r-1'));
  t.equal(back.member?.state.accounts['points']?.expired, 10);
  back.when('2026-06-01T00:00:00Z', settle).then({ entries: [], balances: { points: '90 available' } });
});

test('points refunded into a lot that lives expire with it', async (t) => {
  const back = rich(t).and(noon, redeem(10)).and('2026-03-20T00:00:00Z', refund('r-1'));
  back.when('2026-04-01T00:00:00Z', settle).then({
    entries: ['expire 10 points available→expired 1:10'],
    times: ['2026-03-31T22:00Z'],
  });
});

test('a membership that is closed voids its holds first, and refunds nothing', async (t) => {
  const held = rich(t).and(noon, redeem(3)).and(noon, hold('r-2', 30));
  held.when(soon, close).then({
    entries: ['void 30 points held→available 1:7 2:23', 'expire 97 points available→expired 1:7 2:90'],
    balances: { points: '' },
    events: ['hold.released', 'points.expired', 'member.closed'],
  });
  const closed = held.and(soon, close);
  closed.when(soon, capture('r-2')).then({ refused: 'redemption_voided' });
  closed.when(soon, refund('r-1')).then({ refused: 'member_closed' });
});

test('a suspended member captures nothing; a hold is voided and a refund taken all the same', async (t) => {
  const held = rich(t).and(noon, redeem(3)).and(noon, hold('r-2', 30)).and(noon, suspend);
  held.when(soon, hold('r-3', 1)).then({ refused: 'member_suspended' });
  held.when(soon, capture('r-2')).then({ refused: 'member_suspended' });
  held.when(soon, voiding('r-2')).then({ refused: null, balances: { points: '97 available' } });
  held.when(soon, refund('r-1')).then({ refused: null });
});

test('a hold ends in the future, within 30 days, and there are 50 at most', async (t) => {
  const holder = rich(t);
  holder
    .when(noon, hold('r-1', 1, until(noon)))
    .then({ refused: 'not_in_future', faults: ['/hold/expires_at not_in_future'] });
  holder.when(noon, hold('r-1', 1, until('2026-04-09T11:00:00Z'))).then({ refused: null });
  holder.when(noon, hold('r-1', 1, until('2026-04-09T11:00:00.001Z'))).then({ refused: 'hold_too_long' });
  const many = Array.from({ length: 50 }, (_, index) => hold(`r-${index}`, 1)).reduce(
    (story, command) => story.and(noon, command),
    holder,
  );
  many.when(noon, hold('r-50', 1)).then({ refused: 'too_many_holds' });
  many.and(soon, voiding('r-7')).when(soon, hold('r-50', 1)).then({ refused: null });
  many.when(lapsed, hold('r-50', 1)).then({ refused: null });
});

test('what is paid with points earns nothing and is spend all the same, unless the program says so', async (t) => {
  const lines = [
    { sku: 'a', quantity: 1, unit_price: 6000, total: 6000 },
    { sku: 'b', quantity: 1, unit_price: 3000, total: 3000 },
  ];
  const report = purchase(lines, { shipping: 1000, paid_with_points: 5000 });
  given(t, rules)
    .when(noon, report)
    .then({ spend: 9000, given: ['euro 45'], facts: ['euro 45 on 4500'], counted: [6000, 3000] });
  given(t, program({ rules: { euro: perAmount(1, 100) }, policies: { earn_on_points_paid: true } }))
    .when(noon, report)
    .then({ spend: 9000, given: ['euro 90'] });
  given(t, program({ rules: { euro: perAmount(1, 100) }, policies: { count_tax: false } }))
    .when(noon, purchase(12000, { tax: { amount: 2000, included: true }, paid_with_points: 6000 }))
    .then({ spend: 10000, given: ['euro 50'] });
  given(t, rules)
    .when(noon, purchase(1000, { paid_with_points: 1000 }))
    .then({ spend: 1000, entries: [] });
  given(t, rules)
    .when(noon, purchase(1000, { paid_with_points: 1001 }))
    .then({ refused: 'sums_do_not_add_up', faults: ['/paid_with_points paid_with_points'] });
});
