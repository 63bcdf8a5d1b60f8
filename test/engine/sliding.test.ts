import { test } from 'tap';
import { instantText } from '../../src/model/instant.ts';
import type { Wallet } from '../../src/model/wallet.ts';
import { dueAt, settledAt, short } from '../helpers/announced.ts';
import {
  adjust,
  back,
  cancel,
  capture,
  type Given,
  given,
  hold,
  type Outcome,
  purchase,
  put,
  redeem,
  refund,
  settle,
  voiding,
} from '../helpers/given.ts';
import { fixed, type ProgramParts, perAmount, program } from '../helpers/programs.ts';

/* Points that slide expire together, so long after the last act that renewed them. */

const year: Partial<Wallet> = { expiry: { after: 'P12M', round_up_to: null } };
const base = { euro: perAmount(1, 100) };
const rules = program({ rules: base, wallets: { points: year } });
const march = '2026-03-10T11:00:00Z';

const sliding = (renewed_by: string[] = ['purchase'], more: Partial<Wallet> = {}): ProgramParts => ({
  rules: base,
  wallets: { points: { expiry: { after: 'P12M', round_up_to: null, sliding: { renewed_by } }, ...more } },
});
const slides = program(sliding());
const lotsOf = ({ outcome }: { outcome: Outcome }) => outcome.lots;

test('points that slide expire together, so long after the last renewing act, in one entry', async (t) => {
  const bought = given(t, slides)
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2026-09-10T09:00:00Z', purchase(1_000, { id: 'p-2' }));
  bought.when('2027-09-10T21:59:59.999Z', settle).then({ balances: { points: '60 available' } });
  bought.when('2027-09-10T22:00:00Z', settle).then({
    entries: ['expire 60 points available→expired 1:50 2:10'],
    times: ['2027-09-10T22:00Z'],
    balances: { points: '' },
    lots: ['1: 0 of 50 until 2027-09-10T22:00Z', '2: 0 of 10 until 2027-09-10T22:00Z'],
    events: ['points.expiring', 'points.expired'],
  });
  t.equal(
    dueAt(bought),
    '2027-02-08T23:00Z',
    'early: it looks whether anything is to be announced, and finds out when',
  );
  t.equal(dueAt(bought.and('2027-02-08T23:00:00Z', settle)), '2027-08-11T22:00Z');
  t.equal(dueAt(bought.and('2027-08-11T22:00:00Z', settle)), '2027-09-10T22:00Z');
  const spent = bought.and('2026-10-01T00:00:00Z', redeem(60)).and('2026-10-02T00:00:00Z', settle);
  t.equal(spent.member!.state.due_at, null, 'nothing is there to expire');
  t.equal(dueAt(spent.and('2026-11-01T00:00:00Z', adjust(5))), '2027-08-11T22:00Z', 'what is given joins what runs');
});

test('what was renewed after it was announced is announced again for its new instant', async (t) => {
  const bought = given(t, slides)
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2027-02-20T09:00:00Z', purchase(1_000, { id: 'p-2' }));
  t.strictSame(settledAt(bought, '2029-01-01T00:00:00Z'), [
    '2027-02-08T23:00Z points: 50 + 0 until 2027-03-10T23:00Z',
    '2028-01-21T23:00Z points: 60 + 0 until 2028-02-20T23:00Z',
  ]);
});

test('only acts that renew do: purchases, what is redeemed or captured, activities of the types named', async (t) => {
  const act = (type: string) =>
    ({ kind: 'record_activity', member_id: 1, report: { id: `a-${type}`, member: 'ada', type } }) as never;
  const later = '2026-09-10T09:00:00Z';
  const until = (renewed_by: string[], ...commands: Parameters<Given['and']>[1][]) => {
    const bought = given(t, program(sliding(renewed_by))).and('2026-03-10T09:00:00Z', purchase(5_000));
    const story = commands.reduce((so, command) => so.and(later, command), bought);
    return short(instantText(story.member!.state.accounts['points']!.sliding!.at!));
  };
  const [stays, renewed] = ['2027-03-10T23:00Z', '2027-09-10T22:00Z'];
  const another = purchase(1_000, { id: 'p-2' });
  t.equal(until(['purchase'], another), renewed);
  t.equal(until(['purchase'], redeem(1), act('visit'), adjust(5)), stays);
  t.equal(until(['redemption'], another, act('visit'), hold('r-2', 5), voiding('r-2')), stays);
  t.equal(until(['redemption'], redeem(1)), renewed);
  t.equal(until(['redemption'], hold('r-2', 5), capture('r-2', 1)), renewed);
  t.equal(until(['redemption'], hold('r-2', 5), purchase(1_000, { id: 'p-2', capture_redemptions: ['r-2'] })), renewed);
  t.equal(until(['visit', 'purchase'], act('visit')), renewed);
  t.equal(until(['visit'], act('review'), put({ profile: { given_name: 'Ada' } })), stays);
  t.equal(until(['purchase'], another, cancel('p-2')), renewed, 'a return does not undo it');
});

test('a late report renews from when it occurred, and never backwards', async (t) => {
  const parts = { ...sliding(), policies: { late_report_days: null } };
  const bought = given(t, program(parts)).and('2026-09-10T09:00:00Z', purchase(5_000, { id: 'p-1' }));
  const at = (story: Given) => short(instantText(story.member!.state.accounts['points']!.sliding!.at!));
  const late = (occurred_at: string) => purchase(1_000, { id: 'p-2', occurred_at });
  t.equal(at(bought.and('2026-10-01T00:00:00Z', late('2026-04-10T09:00:00Z'))), '2027-09-10T22:00Z');
  t.equal(at(bought.and('2026-10-01T00:00:00Z', late('2026-09-20T09:00:00Z'))), '2027-09-20T22:00Z');
  // Expired already: the report comes too late for those, and its own points live as long as they would have.
  const expired = bought.and('2027-10-01T00:00:00Z', settle);
  expired.when('2027-10-01T00:00:00Z', late('2026-12-01T09:00:00Z')).then({ balances: { points: '10 available' } });
  expired.when('2027-10-01T00:00:00Z', late('2026-04-10T09:00:00Z')).then({
    entries: ['earn 10 points issued→available 3:10', 'expire 10 points available→expired 3:10'],
    times: ['2026-04-10T09:00Z', '2027-04-10T22:00Z'],
    balances: { points: '' },
  });
});

test('after all expired, what is given starts anew, and what an act renewed is there for it', async (t) => {
  const bought = given(t, slides).and('2026-03-10T09:00:00Z', purchase(5_000));
  const empty = bought.and('2027-06-01T00:00:00Z', settle).and('2027-06-02T00:00:00Z', adjust(5));
  empty.when('2029-01-01T00:00:00Z', settle).then({
    entries: ['expire 5 points available→expired 3:5'],
    times: ['2028-06-02T22:00Z'],
  });
  const nothing = given(t, slides)
    .and(march, purchase(10, { id: 'p-1' }))
    .and('2026-09-10T09:00:00Z', adjust(5));
  t.strictSame(nothing.when('2027-03-11T00:00:00Z', settle).outcome.times, ['2027-03-10T23:00Z'], 'after the last act');
});

test('a rule’s own life and an expiry given by hand do not slide, and are spent first', async (t) => {
  const parts = sliding();
  const own = program({
    ...parts,
    rules: { ...base, bonus: fixed(5, { life: { pending: null, expiry: { after: 'P12M', round_up_to: null } } }) },
  });
  const bought = given(t, own)
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2026-04-10T09:00:00Z', adjust(3, { expires_at: null }))
    .and('2026-05-10T09:00:00Z', purchase(5_000, { id: 'p-2' }));
  t.strictSame(lotsOf(bought.when('2026-05-10T09:00:00Z', settle)), [
    '1: 5 of 5 until 2027-03-10T23:00Z',
    '2: 50 of 50 slides',
    '3: 3 of 3 for ever',
    '4: 5 of 5 until 2027-05-10T22:00Z',
    '5: 50 of 50 slides',
  ]);
  bought.when('2026-06-01T00:00:00Z', redeem(111)).then({
    entries: ['redeem 111 points available→redeemed 1:5 4:5 2:50 5:50 3:1'],
  });
  bought.when('2027-05-10T22:00:00Z', settle).then({
    entries: [
      'expire 5 points available→expired 1:5',
      'expire 5 points available→expired 4:5',
      'expire 100 points available→expired 2:50 5:50',
    ],
  });
  t.strictSame(settledAt(bought, '2028-01-01T00:00:00Z'), [
    '2027-02-08T23:00Z points: 5 + 0 until 2027-03-10T23:00Z',
    '2027-04-10T22:00Z points: 105 + 0 until 2027-05-10T22:00Z',
  ]);
});

test('what is still pending when all expires does so at its release', async (t) => {
  const parts = sliding(['redemption'], { pending: 'P30D' });
  const bought = given(t, program(parts))
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2027-03-01T09:00:00Z', purchase(1_000, { id: 'p-2' }));
  const slid = bought.and('2027-03-20T00:00:00Z', settle);
  t.strictSame(slid.member!.state.accounts['points']!.sliding, {
    ...{ at: null, pending: 0, available: 0 },
    gone: { at: Date.parse('2027-03-10T23:00Z'), entry: 4 },
  });
  t.equal(dueAt(slid), '2027-03-30T22:00Z');
  slid.when('2027-04-15T00:00:00Z', settle).then({
    entries: ['release 10 points pending→available 3:10', 'expire 10 points available→expired 3:10'],
    times: ['2027-03-30T22:00Z', '2027-03-30T22:00Z'],
  });
  bought.when('2027-04-15T00:00:00Z', settle).then({ balances: { points: '' } });
  t.strictSame(settledAt(bought, '2027-05-01T00:00:00Z').length, 1, 'the instant was announced before they were given');
});

test('what is held while all expires comes back too late; what is renewed meanwhile comes back in time', async (t) => {
  const until = (expires_at: string) => ({ hold: { expires_at } });
  const long = until('2027-03-20T00:00:00Z');
  const held = given(t, slides)
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2027-03-05T09:00:00Z', hold('r-1', 20, long));
  held.when('2027-04-01T00:00:00Z', settle).then({
    entries: ['expire 30 points available→expired 1:30', 'lapse 20 points held→expired 1:20'],
    times: ['2027-03-10T23:00Z', '2027-03-20T00:00Z'],
    balances: { points: '' },
  });
  const all = given(t, slides)
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2027-03-05T09:00:00Z', hold('r-1', 50, long));
  all
    .and('2027-03-15T00:00:00Z', settle)
    .when('2027-03-15T00:00:00Z', voiding('r-1'))
    .then({
      entries: ['void 50 points held→expired 1:50'],
    });
  // A purchase after the end starts anew; it does not bring back what is gone.
  const anew = all.and('2027-03-15T00:00:00Z', purchase(1_000, { id: 'p-2' }));
  anew.when('2027-03-16T00:00:00Z', voiding('r-1')).then({ balances: { points: '10 available' } });
  const renewed = held.and('2027-03-06T00:00:00Z', purchase(1_000, { id: 'p-2' }));
  renewed.when('2027-04-01T00:00:00Z', settle).then({
    entries: ['lapse 20 points held→available 1:20'],
    balances: { points: '60 available' },
  });
});

test('refunded after all expired: gone with the others, or given again where the program gives grace', async (t) => {
  const spent = (rules = slides) =>
    given(t, rules).and('2026-03-10T09:00:00Z', purchase(5_000)).and('2026-04-10T09:00:00Z', redeem(50));
  spent()
    .when('2027-03-01T00:00:00Z', refund('r-1'))
    .then({ balances: { points: '50 available' } });
  spent()
    .when('2027-03-11T00:00:00Z', refund('r-1'))
    .then({
      entries: ['refund 50 points redeemed→expired 1:50'],
      balances: { points: '' },
    });
  spent()
    .and('2027-03-11T00:00:00Z', purchase(1_000, { id: 'p-2' }))
    .when('2027-03-12T00:00:00Z', refund('r-1'))
    .then({ balances: { points: '10 available' } });
  const gracious = program({ ...sliding(), policies: { expired_refund_grace_days: 5 } });
  const graced = spent(gracious).and('2027-03-11T12:00:00Z', refund('r-1'));
  t.strictSame(lotsOf(graced.when('2027-03-11T12:00:00Z', settle)), [
    '1: 0 of 50 slides',
    '4: 50 of 50 until 2027-03-16T23:00Z',
  ]);
  graced.when('2027-04-01T00:00:00Z', settle).then({ entries: ['expire 50 points available→expired 4:50'] });
});

test('a return takes back points that slide, also when another act renewed them since', async (t) => {
  const bought = given(t, slides)
    .and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }))
    .and('2026-05-10T09:00:00Z', purchase(1_000, { id: 'p-2' }));
  bought.when('2026-06-01T00:00:00Z', back(2_000)).then({
    entries: ['return 20 points available→reversed 1:20'],
    balances: { points: '40 available' },
  });
  const late = bought.and('2026-06-01T00:00:00Z', purchase(3_000, { id: 'p-3', occurred_at: '2026-05-05T09:00:00Z' }));
  late.when('2026-06-02T00:00:00Z', back(1_500, { of: 'p-3' })).then({
    entries: ['return 15 points available→reversed 3:15'],
  });
  late.when('2026-06-02T00:00:00Z', cancel('p-3')).then({ balances: { points: '60 available' } });
});

test('of a wallet that slides no more, or from now on, points keep what they were given', async (t) => {
  const fixedExpiry = program({ rules: base, wallets: { points: year }, revision: 2 });
  const from = given(t, slides).and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }));
  const no = from.under(fixedExpiry).and('2026-09-10T09:00:00Z', purchase(1_000, { id: 'p-2' }));
  t.strictSame(no.when('2028-01-01T00:00:00Z', settle).outcome.times, ['2027-03-10T23:00Z', '2027-09-10T22:00Z']);
  const old = given(t, rules).and('2026-03-10T09:00:00Z', purchase(5_000, { id: 'p-1' }));
  const now = old
    .under(program({ ...sliding(), revision: 2 }))
    .and('2026-09-10T09:00:00Z', purchase(1_000, { id: 'p-2' }))
    .and('2026-10-10T09:00:00Z', purchase(1_000, { id: 'p-3' }));
  now.when('2028-01-01T00:00:00Z', settle).then({
    entries: ['expire 50 points available→expired 1:50', 'expire 20 points available→expired 2:10 3:10'],
    times: ['2027-03-10T23:00Z', '2027-10-10T22:00Z'],
  });
});
