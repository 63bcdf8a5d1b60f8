import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import { adjust, close, given, nobody, purchase, put, reactivate, redeem, settle, suspend } from '../helpers/given.ts';
import { fixed, perAmount, program } from '../helpers/programs.ts';

const noon = '2026-03-10T11:00:00Z';
const later = '2026-03-11T11:00:00Z';
const wallets = { points: {}, status: { redeemable: false } };
const rules = program({ wallets, rules: { euro: perAmount(1, 100) } });

test('points are redeemed soonest to expire first, then oldest, and the entry names the lots', async (t) => {
  const holder = given(t, rules)
    .and('2026-03-01T00:00:00Z', adjust(10, { expires_at: null }))
    .and('2026-03-02T00:00:00Z', adjust(10, { expires_at: '2026-06-01T00:00:00Z' }))
    .and('2026-03-03T00:00:00Z', adjust(10, { expires_at: '2026-05-01T00:00:00Z' }))
    .and('2026-03-04T00:00:00Z', adjust(10, { expires_at: '2026-06-01T00:00:00Z' }))
    .and('2026-03-05T00:00:00Z', adjust(10, { expires_at: null }));
  for (const [points, taken] of [
    [10, '3:10'],
    [15, '3:10 2:5'],
    [25, '3:10 2:10 4:5'],
    [31, '3:10 2:10 4:10 1:1'],
    [50, '3:10 2:10 4:10 1:10 5:10'],
  ] as const) {
    holder.when(noon, redeem(points)).then({
      entries: [`redeem ${points} points available→redeemed ${taken}`],
      balances: { points: points === 50 ? '' : `${50 - points} available` },
      events: ['points.redeemed'],
    });
  }
  holder
    .and(noon, redeem(15))
    .when(later, redeem(10))
    .then({
      lots: [
        '1: 10 of 10 for ever',
        '2: 0 of 10 until 2026-06-01T00:00Z',
        '3: 0 of 10 until 2026-05-01T00:00Z',
        '4: 5 of 10 until 2026-06-01T00:00Z',
        '5: 10 of 10 for ever',
      ],
      answer: {
        id: 'r-1',
        member: 'ada',
        wallet: 'points',
        points: 10,
        amount: null,
        burn_rule: null,
        status: 'captured',
        held: 0,
        captured: 10,
        released: 0,
        refunded: 0,
        expires_at: null,
        entry_id: 'ent_1_7',
        entry_ids: ['ent_1_7'],
        lots: [
          { lot_id: 'lot_1_2', points: 5, captured: 5, refunded: 0, expires_at: '2026-06-01T00:00:00.000Z' },
          { lot_id: 'lot_1_4', points: 5, captured: 5, refunded: 0, expires_at: '2026-06-01T00:00:00.000Z' },
        ],
        reward: null,
        voucher: null,
        recorded_at: '2026-03-11T11:00:00.000Z',
        balances: [
          { wallet: 'points', pending: 0, available: 25, held: 0, debt: 0 },
          { wallet: 'status', pending: 0, available: 0, held: 0, debt: 0 },
        ],
      },
    });
});

test('a point that has expired is not there any more, however late the job', async (t) => {
  const holder = given(t, rules)
    .and(noon, adjust(10, { expires_at: '2026-04-01T00:00:00Z' }))
    .and(noon, adjust(5, { expires_at: null }));
  holder.when('2026-03-31T23:59:59.999Z', redeem(15)).then({ refused: null });
  holder.when('2026-04-01T00:00:00Z', redeem(6)).then({ refused: 'insufficient_points', missing: 1 });
  holder.when('2026-04-01T00:00:00Z', redeem(5)).then({
    entries: ['expire 10 points available→expired 1:10', 'redeem 5 points available→redeemed 2:5'],
  });
});

test('a refusal says why with its code, and leaves everything as it was', async (t) => {
  const holder = given(t, rules)
    .and(noon, purchase(1000))
    .and(noon, adjust(20, { wallet: 'status' }));
  const suspended = holder.and(noon, suspend);
  const closed = holder.and(noon, close);
  const over = Number.MAX_SAFE_INTEGER;
  const rich = given(t, program({ rules: { much: fixed(1_000_000_000_000) } }));
  const cases: [typeof holder, MemberCommand, string, string[]?][] = [
    [holder, redeem(11), 'insufficient_points'],
    [holder, redeem(1, 'status'), 'wallet_not_redeemable', ['/wallet wallet_not_redeemable']],
    [holder, redeem(1, 'miles'), 'unknown_wallet', ['/wallet unknown_wallet']],
    [holder, adjust(1, { wallet: 'miles' }), 'unknown_wallet', ['/wallet unknown_wallet']],
    [holder, adjust(-11), 'insufficient_points'],
    [holder, adjust(1, { expires_at: later }), 'expiry_in_past', ['/expires_at expiry_in_past']],
    [suspended, redeem(1), 'member_suspended'],
    [closed, redeem(1), 'member_closed'],
    [closed, purchase(100), 'member_closed'],
    [closed, adjust(1), 'member_closed'],
    [closed, adjust(-1, { allow_debt: true }), 'member_closed'],
    [closed, suspend, 'member_closed'],
    [closed, reactivate, 'member_closed'],
    [closed, put({}), 'member_closed'],
    [nobody(t, rules), purchase(100), 'member_not_found'],
    [rich.and(noon, purchase(over - 1)), purchase(2), 'number_too_large'],
  ];
  for (const [before, command, refused, faults = []] of cases) {
    const { outcome } = before.when(later, command);
    t.strictSame([outcome.refused, outcome.faults], [refused, faults], `${command.kind} ${refused}`);
    t.strictSame(outcome.entries, []);
  }
  holder.when(later, redeem(11)).then({ missing: 1, balances: { points: '10 available', status: '20 available' } });
});

test('a suspended member earns but redeems nothing, until reactivated', async (t) => {
  const suspended = given(t, rules).and(noon, purchase(1000)).and(noon, suspend);
  suspended.when(later, purchase(500)).then({ balances: { points: '15 available' }, status: 'suspended' });
  suspended.when(later, adjust(-5)).then({ balances: { points: '5 available' } });
  suspended.when(later, suspend).then({ refused: null, events: [], status: 'suspended' });
  suspended.when(later, reactivate).then({ events: ['member.reactivated'], status: 'active' });
  suspended.and(later, reactivate).when(later, redeem(10)).then({ refused: null });
  given(t, rules)
    .when(noon, suspend)
    .then({ events: ['member.suspended'] });
  given(t, rules).when(noon, reactivate).then({ refused: null, events: [] });
});

test('closing lets every point expire by entry, pending ones too, wallet by wallet; what is owed stays', async (t) => {
  const pending = program({ wallets: { points: { pending: 'P9D' }, status: {} }, rules: { euro: perAmount(1, 100) } });
  const member = given(t, pending)
    .and(noon, adjust(30, { wallet: 'status' }))
    .and(noon, adjust(7))
    .and(noon, purchase(1000));
  member.when(later, close).then({
    status: 'closed',
    entries: [
      'release 10 points pending→available 3:10',
      'expire 17 points available→expired 2:7 3:10',
      'expire 30 status available→expired 1:30',
    ],
    balances: { points: '', status: '' },
    events: ['points.expired', 'points.expired', 'member.closed'],
  });
  member.and(later, close).when('2027-01-01T00:00:00Z', close).then({ refused: null, entries: [], events: [] });
  given(t, rules)
    .and(noon, adjust(-5, { allow_debt: true }))
    .when(later, close)
    .then({ balances: { points: '5 debt' }, entries: [] });
});

test('closing writes the same entries in whatever order a store gives the lots, spent ones among them or not', async (t) => {
  const { member } = given(t, rules)
    .and(noon, adjust(3))
    .and(noon, redeem(3))
    .and(noon, adjust(5, { wallet: 'status' }))
    .and(noon, adjust(7));
  const lots = [...member!.lots];
  const entriesOf = (some: typeof lots) => {
    const decision = decide({
      member: { ...member!, lots: new Map(some) },
      command: close,
      rules,
      now: Date.parse(later),
    });
    return decision.outcome === 'accepted' && decision.changes.entries;
  };
  t.strictSame(entriesOf(lots.slice(1)), entriesOf(lots));
  t.strictSame(entriesOf(lots.toReversed()), entriesOf(lots));
});

test('points given by a person are available at once and live as the wallet says, unless the person says', async (t) => {
  const wallet = { points: { pending: 'P9D', expiry: { after: 'P1M', round_up_to: null } } };
  const member = given(t, program({ wallets: wallet }));
  member.when(noon, adjust(5)).then({
    balances: { points: '5 available' },
    lots: ['1: 5 of 5 until 2026-04-10T22:00Z'],
    entries: ['adjust 5 points issued→available 1:5'],
    events: ['points.adjusted'],
  });
  member.when(noon, adjust(5, { expires_at: null })).then({ lots: ['1: 5 of 5 for ever'] });
  member
    .when(noon, adjust(5, { expires_at: '2026-03-10T12:00:00.001+01:00' }))
    .then({ lots: ['1: 5 of 5 until 2026-03-10T11:00:00.001Z'] });
  member.when(noon, adjust(5, { expires_at: noon })).then({ refused: 'expiry_in_past' });
});

test('points are taken from the lots in spending order; what is missing becomes debt if allowed', async (t) => {
  const holder = given(t, rules)
    .and(noon, adjust(10, { expires_at: null }))
    .and(noon, adjust(5, { expires_at: '2026-06-01T00:00:00Z' }));
  holder.when(later, adjust(-12)).then({
    entries: ['adjust 12 points available→reversed 2:5 1:7'],
    balances: { points: '3 available' },
  });
  holder.when(later, adjust(-16)).then({ refused: 'insufficient_points', missing: 1 });
  holder.when(later, adjust(-18, { allow_debt: true })).then({
    entries: ['adjust 15 points available→reversed 2:5 1:10', 'adjust 3 points debt→reversed'],
    balances: { points: '3 debt' },
  });
  given(t, rules)
    .when(later, adjust(-3, { allow_debt: true }))
    .then({ entries: ['adjust 3 points debt→reversed'], balances: { points: '3 debt' }, lots: [] });
});

test('a share of later earnings pays back debt, rounded down, and each rule’s part is said', async (t) => {
  const owing = (percent: number, debt: number) =>
    given(
      t,
      program({
        wallets: { points: {}, status: {} },
        rules: { euro: perAmount(1, 100), once: fixed(1) },
        policies: { debt_recovery_percent: percent },
      }),
    ).and(noon, adjust(-debt, { allow_debt: true }));
  // 10 points by the euro and 1 for the purchase.
  const cases: [percent: number, debt: number, recovered: number, recoveredBy: string[], balance: string][] = [
    [100, 4, 4, ['euro 4', 'euro 6', 'once 1'], '7 available'],
    [100, 11, 11, ['euro 10', 'once 1'], ''],
    [100, 50, 11, ['euro 10', 'once 1'], '39 debt'],
    [50, 50, 5, ['euro 5', 'euro 5', 'once 1'], '6 available, 45 debt'],
    [50, 3, 3, ['euro 3', 'euro 7', 'once 1'], '8 available'],
    [9, 50, 0, ['euro 10', 'once 1'], '11 available, 50 debt'],
    [0, 50, 0, ['euro 10', 'once 1'], '11 available, 50 debt'],
  ];
  for (const [percent, debt, recovered, by, balance] of cases) {
    const { outcome } = owing(percent, debt).when(later, purchase(1000));
    const entries = [
      ...(recovered > 0 ? [`recover ${recovered} points issued→debt`] : []),
      ...(recovered < 11
        ? [`earn ${11 - recovered} points issued→available ${recovered > 0 ? 3 : 2}:${11 - recovered}`]
        : []),
    ];
    t.strictSame(
      [outcome.entries, outcome.given, outcome.balances],
      [entries, by, { points: balance }],
      `${percent} % of ${debt}`,
    );
    t.match(outcome.answer, { earned: [{ points: 11, recovered }] });
    t.equal(outcome.events.includes('points.debt_recovered'), recovered > 0);
  }
  owing(100, 4)
    .when(later, adjust(10))
    .then({ balances: { points: '6 available' } });
  owing(100, 4)
    .when(later, adjust(10, { wallet: 'status' }))
    .then({ balances: { points: '4 debt', status: '10 available' } });
});

test('time is monotone for a member: a command that comes with an earlier time is recorded no earlier', async (t) => {
  const member = given(t, rules).and(later, purchase(100));
  const { outcome } = member.when(noon, purchase(100));
  t.match(outcome.answer, { recorded_at: '2026-03-11T11:00:00.000Z' });
  member.when(noon, settle).then({ refused: null, entries: [] });
});
