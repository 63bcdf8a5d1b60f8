import { test } from 'tap';
import type { Wallet } from '../../src/model/wallet.ts';
import { announced, dueAt, settledAt } from '../helpers/announced.ts';
import { adjust, close, type Given, given, purchase, redeem, settle } from '../helpers/given.ts';
import { fixed, type ProgramParts, perAmount, program } from '../helpers/programs.ts';

/* Points that expire are announced ahead: once, at a local midnight. */

const year: Partial<Wallet> = { expiry: { after: 'P12M', round_up_to: null } };
const base = { euro: perAmount(1, 100) };
const rules = program({ rules: base, wallets: { points: year } });
const march = '2026-03-10T11:00:00Z';

test('points are announced once, so many local days ahead, at the midnight, whoever looks when', async (t) => {
  const bought = given(t, rules).and(march, purchase(5_000));
  t.equal(dueAt(bought), '2027-02-08T23:00Z', 'the job looks then');
  const told = '2027-02-08T23:00Z points: 50 + 0 until 2027-03-10T23:00Z';
  t.strictSame(settledAt(bought, '2027-02-08T22:59:59.999Z'), []);
  t.strictSame(settledAt(bought, '2027-02-08T23:00:00Z'), [told]);
  t.strictSame(settledAt(bought, '2028-01-01T00:00:00Z'), [told], 'and long after');
  const once = bought.and('2027-02-08T23:00:00Z', settle);
  t.equal(dueAt(once), '2027-03-10T23:00Z');
  t.strictSame(settledAt(once.and('2027-02-20T12:00:00Z', settle), '2028-01-01T00:00:00Z'), [told]);
  bought.when('2028-01-01T00:00:00Z', settle).then({ events: ['points.expiring', 'points.expired'] });
});

test('calendar days are counted whatever the clocks do in between', async (t) => {
  // Paris puts its clocks forward on 29 March: thirty days of 24 hours would end at 23:00 or begin a day late.
  const bought = given(t, rules).and('2025-04-10T10:00:00Z', purchase(5_000));
  t.strictSame(settledAt(bought, '2026-05-01T00:00:00Z'), ['2026-03-11T23:00Z points: 50 + 0 until 2026-04-10T22:00Z']);
  const inTheDay = given(t, rules).and(march, adjust(7, { expires_at: '2026-09-09T15:30:00Z' }));
  t.strictSame(settledAt(inTheDay, '2026-12-01T00:00:00Z'), [
    '2026-08-10T22:00Z points: 7 + 0 until 2026-09-09T15:30Z',
  ]);
});

test('what was spent before is not announced, what is left is, and all of one instant in one event', async (t) => {
  const bought = given(t, rules)
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2026-03-10T10:00:00Z', purchase(2_000, { id: 'p-2' }))
    .and('2026-03-11T10:00:00Z', purchase(1_000, { id: 'p-3' }));
  const both = [
    '2027-02-08T23:00Z points: 70 + 0 until 2027-03-10T23:00Z',
    '2027-02-09T23:00Z points: 10 + 0 until 2027-03-11T23:00Z',
  ];
  t.strictSame(settledAt(bought, '2028-01-01T00:00:00Z'), both);
  t.strictSame(settledAt(bought.and('2026-05-01T00:00:00Z', redeem(70)), '2028-01-01T00:00:00Z'), both.slice(1));
  t.strictSame(settledAt(bought.and('2026-05-01T00:00:00Z', redeem(60)), '2028-01-01T00:00:00Z'), [
    '2027-02-08T23:00Z points: 10 + 0 until 2027-03-10T23:00Z',
    ...both.slice(1),
  ]);
  t.strictSame(announced(bought.and('2026-05-01T00:00:00Z', close).and('2028-01-01T00:00:00Z', settle)), []);
});

test('each wallet has its own, and a short life is announced when half of it is left', async (t) => {
  const parts: ProgramParts = {
    rules: { ...base, gift: fixed(3, { wallet: 'gifts' }) },
    wallets: { points: year, gifts: { pending: 'P10D', expiry: { after: 'P14D', round_up_to: null } } },
  };
  const bought = given(t, program(parts)).and(march, purchase(5_000));
  t.strictSame(settledAt(bought, '2026-04-01T00:00:00Z'), ['2026-03-17T23:00Z gifts: 0 + 3 until 2026-03-24T23:00Z']);
  t.strictSame(settledAt(bought, '2028-01-01T00:00:00Z'), [
    '2026-03-17T23:00Z gifts: 0 + 3 until 2026-03-24T23:00Z',
    '2027-02-08T23:00Z points: 50 + 0 until 2027-03-10T23:00Z',
  ]);
});

test('what is given nearer to its end than the notice is not announced', async (t) => {
  const late = given(t, rules).and(march, adjust(7, { expires_at: '2026-04-08T22:00:00Z' }));
  t.strictSame(settledAt(late, '2026-05-01T00:00:00Z'), []);
  const inTime = given(t, rules).and(march, adjust(7, { expires_at: '2026-04-09T22:00:00Z' }));
  t.strictSame(settledAt(inTime, '2026-05-01T00:00:00Z'), ['2026-03-10T23:00Z points: 7 + 0 until 2026-04-09T22:00Z']);
});

test('a notice that is switched on begins then, and one that is shortened tells nothing twice', async (t) => {
  const quiet = program({ rules: base, wallets: { points: year }, policies: { points_expiring_days: null } });
  const of = (days: number) =>
    program({
      rules: base,
      wallets: { points: year },
      policies: { points_expiring_days: days },
      revision: 2,
      noticeRevision: 2,
    });
  const silent = given(t, quiet)
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2026-04-10T09:00:00Z', purchase(1_000, { id: 'p-2' }));
  t.equal(dueAt(silent), '2027-03-10T23:00Z');
  t.strictSame(settledAt(silent, '2027-03-01T00:00:00Z'), []);
  // The pass that an edit sets off comes to the member while the first are nearer than the notice already.
  const passed = silent.and('2027-03-01T00:00:00Z', settle).under(of(30)).and('2027-03-01T01:00:00Z', settle);
  t.equal(dueAt(passed), '2027-03-10T23:00Z');
  t.strictSame(settledAt(passed, '2028-01-01T00:00:00Z'), ['2027-03-11T23:00Z points: 10 + 0 until 2027-04-10T22:00Z']);
  t.strictSame(
    announced(silent.under(of(30)).and('2028-01-01T00:00:00Z', settle)),
    [],
    'nobody looked before it was over',
  );
  const early = given(t, rules).and(march, purchase(5_000)).and('2027-02-08T23:00:00Z', settle);
  t.equal(announced(early).length, 1);
  const shorter = early.under(of(7)).and('2027-02-09T00:00:00Z', settle);
  t.equal(settledAt(shorter, '2028-01-01T00:00:00Z').length, 1);
});

test('states of earlier versions do not know what is announced when, and learn it with the next command', async (t) => {
  const bought = given(t, rules).and(march, purchase(5_000));
  const { announces_from: _, ...account } = bought.member!.state.accounts['points']!;
  const state = { ...bought.member!.state, accounts: { points: account } };
  const old: Given = given(t, rules, { ...bought.member!, state });
  t.equal(dueAt(old.and('2026-04-01T00:00:00Z', settle)), '2027-02-08T23:00Z');
});
