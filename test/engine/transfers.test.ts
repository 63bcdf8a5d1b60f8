import fc from 'fast-check';
import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import { transferId } from '../../src/engine/transfer.ts';
import type { Changes, LoadedMember, Refusal } from '../../src/model/decision.ts';
import type { MemberId } from '../../src/model/ids.ts';
import type { Lot } from '../../src/model/lot.ts';
import type { CreateTransfer } from '../../src/model/transfer.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { adjust, after, close, purchase, put, suspend } from '../helpers/given.ts';
import { fixed, perAmount, program, segmentOn, tier } from '../helpers/programs.ts';

/* Points passed from one member to another. Each test has a few members whole in memory, and decides both sides. */

const rules = program({ policies: { transfers: true }, rules: { euro: perAmount(1, 100) } });
const noon = '2026-03-10T11:00:00Z';

interface Members {
  readonly of: (id: number) => LoadedMember;
  readonly and: (id: number, at: string, command: MemberCommand) => Changes;
  /** Both sides, or the refusal of one, after which nothing has happened. */
  readonly transfer: (
    from: number,
    to: number,
    points: number,
    more?: Partial<CreateTransfer> & { at?: string },
  ) => Refusal | { readonly sent: Changes; readonly received: Changes };
}

const members = (rulesOfThem: Rules, count = 2): Members => {
  const all = new Map<number, LoadedMember>();
  const of = (id: number): LoadedMember => all.get(id)!;
  const and = (id: number, at: string, command: MemberCommand): Changes => {
    const its = { ...command, member_id: all.has(id) ? id : null } as MemberCommand;
    const now = Date.parse(at);
    const decision = decide({
      member: all.get(id) ?? null,
      command: its,
      rules: rulesOfThem,
      now,
      newId: id as MemberId,
    });
    if (decision.outcome === 'refused') throw new Error(decision.detail);
    all.set(id, after(all.get(id) ?? null, decision.changes));
    return decision.changes;
  };
  for (let id = 1; id <= count; id++) and(id, '2020-01-01T00:00:00Z', put({}, { member_id: null }));
  const transfer: Members['transfer'] = (from, to, points, { at = noon, ...more } = {}) => {
    const now = Date.parse(at);
    const ends = { member_id: from as MemberId, to: to as MemberId };
    const request = { from: `m-${from}`, to: `m-${to}`, points, ...more };
    const command = { kind: 'transfer_points', ...ends, request } as const;
    const sent = decide({ member: of(from), command, rules: rulesOfThem, now, recipient: `m-${to}` });
    if (sent.outcome === 'refused') return sent;
    const row = sent.changes.transfer!;
    const received = decide({
      member: of(to),
      command: { kind: 'receive_points', member_id: ends.to, from: ends.member_id },
      rules: rulesOfThem,
      now,
      received: { ...row, id: transferId(ends.member_id, row) },
    });
    if (received.outcome === 'refused') return received;
    all.set(from, after(of(from), sent.changes));
    all.set(to, after(of(to), received.changes));
    return { sent: sent.changes, received: received.changes };
  };
  return { of, and, transfer };
};

const available = ({ state }: LoadedMember, wallet = 'points'): number => state.accounts[wallet]?.available ?? 0;
const refusal = (result: ReturnType<Members['transfer']>) => ('code' in result ? result.code : null);
const moves = ({ entries }: Changes): string[] =>
  entries.map((entry) => `${entry.from_bucket}→${entry.to_bucket} ${entry.points} ${entry.cause} ${entry.cause_id}`);
const kept = ({ earned_at, available_at, expires_at, value, available: points }: Lot) => ({
  earned_at,
  available_at,
  expires_at,
  value,
  points,
});

test('points go in spending order and keep when they were earned, when they expire and what they are worth', (t) => {
  const worth = program({
    policies: { transfers: true },
    wallets: { points: { value: { points: 100, amount: 50 }, expiry: { after: 'P1Y', round_up_to: null } } },
  });
  const { of, and, transfer } = members(worth);
  and(1, '2026-01-05T09:00:00Z', adjust(30, { expires_at: null }));
  and(1, '2026-02-01T09:00:00Z', adjust(20));
  and(1, '2026-02-01T09:00:00Z', adjust(5));
  const before = [...of(1).lots.values()];
  const result = transfer(1, 2, 40, { reason: 'Because' });
  if ('code' in result) throw new Error(result.detail);
  t.strictSame(moves(result.sent), ['available→transferred 40 transfer trf_1_5']);
  t.strictSame(result.sent.entries[0]!.allocations, [
    { lot: 2, points: 20 },
    { lot: 3, points: 5 },
    { lot: 1, points: 15 },
  ]);
  t.strictSame(moves(result.received), [
    'transferred→available 25 transfer trf_1_5',
    'transferred→available 15 transfer trf_1_5',
  ]);
  t.strictSame([...of(2).lots.values()].map(kept), [
    { ...kept(before[1]!), points: 25 },
    { ...kept(before[0]!), points: 15 },
  ]);
  t.equal(before[1]!.value?.amount, 50, 'they are worth something');
  t.strictSame(result.sent.notes, [{ sequence: 4, reason: 'Because', actor: null }]);
  t.strictSame(result.received.notes, [], 'what is said about the sender stays with the sender');
  const told = { type: 'points.transferred', data: { transfer: 'trf_1_5', wallet: 'points', points: 40 } };
  t.match(result.sent.events, [{ ...told, data: { ...told.data, side: 'sent' } }]);
  t.match(result.received.events, [{ ...told, data: { ...told.data, side: 'received' } }]);
  for (const { data } of [...result.sent.events, ...result.received.events])
    t.strictSame(Object.keys(data).sort(), ['points', 'side', 'transfer', 'wallet']);
  for (const id of [1, 2]) t.match(of(id).state, { totals: { earned: {} }, accounts: { points: { redeemed: 0 } } });
  t.strictSame([available(of(1)), available(of(2))], [15, 40]);
  and(2, '2027-02-02T09:00:00Z', adjust(1));
  t.equal(available(of(2)), 16, 'they expire with the recipient as they would have with the sender');
  t.end();
});

test('what is refused, and nothing has happened on either side', (t) => {
  const other = { wallets: { points: {}, status: { redeemable: false } } };
  const allowed = program({ ...other, policies: { transfers: true } });
  const rich = (rulesOfThem = allowed) => {
    const both = members(rulesOfThem);
    both.and(1, '2026-02-01T09:00:00Z', adjust(50));
    return both;
  };
  const most = ({ and }: Members): void => {
    for (let left = Number.MAX_SAFE_INTEGER - 10; left > 0; left -= 10 ** 15)
      and(2, noon, adjust(Math.min(left, 10 ** 15)));
  };
  const cases: [string, (both: Members) => ReturnType<Members['transfer']>, Rules?, ((both: Members) => unknown)?][] = [
    ['insufficient_points', ({ transfer }) => transfer(1, 2, 51)],
    ['wallet_not_redeemable', ({ transfer }) => transfer(1, 2, 1, { wallet: 'status' })],
    ['unknown_wallet', ({ transfer }) => transfer(1, 2, 1, { wallet: 'none' })],
    ['same_member', ({ transfer }) => transfer(1, 1, 1)],
    ['transfers_disabled', ({ transfer }) => transfer(1, 2, 1), program(other)],
    ['member_suspended', ({ transfer }) => transfer(1, 2, 1), allowed, ({ and }) => and(1, noon, suspend)],
    ['member_closed', ({ transfer }) => transfer(1, 2, 1), allowed, ({ and }) => and(1, noon, close)],
    ['recipient_closed', ({ transfer }) => transfer(1, 2, 1), allowed, ({ and }) => and(2, noon, close)],
    ['number_too_large', ({ transfer }) => transfer(1, 2, 50), allowed, most],
  ];
  for (const [code, act, rulesOfThem, first = () => {}] of cases) {
    const both = rich(rulesOfThem);
    first(both);
    const before = [both.of(1), both.of(2)];
    t.equal(refusal(act(both)), code);
    t.strictSame([both.of(1), both.of(2)], before, code);
  }
  const suspended = rich();
  suspended.and(2, noon, suspend);
  t.equal(refusal(suspended.transfer(1, 2, 1)), null, 'a suspended member receives');
  t.end();
});

test('who owes points of the wallet passes none on, though there are some', (t) => {
  const half = program({
    policies: { transfers: true, debt_recovery_percent: 50 },
    wallets: { points: {}, bonus: {} },
  });
  const { of, and, transfer } = members(half);
  and(1, '2026-02-01T09:00:00Z', adjust(-30, { allow_debt: true }));
  and(1, '2026-02-02T09:00:00Z', adjust(40));
  and(1, '2026-02-02T09:00:00Z', adjust(40, { wallet: 'bonus' }));
  t.match(of(1).state.accounts['points'], { available: 20, debt: 10 });
  t.equal(refusal(transfer(1, 2, 1)), 'member_in_debt');
  t.equal(refusal(transfer(1, 2, 1, { wallet: 'bonus' })), null);
  and(2, noon, adjust(-9, { allow_debt: true }));
  and(1, noon, adjust(20));
  t.equal(refusal(transfer(1, 2, 20)), null);
  t.match(
    of(2).state.accounts['points'],
    { available: 20, debt: 9 },
    'what is received pays no debt: nothing was earned',
  );
  t.end();
});

test('segments of both sides look at balances; no rule is set off, not even by what is entered', (t) => {
  const looking = program({
    policies: { transfers: true },
    segments: { rich: segmentOn({ field: 'available_points', wallet: 'points', op: 'gte', value: 40 }) },
    tiers: { silver: tier(1, 'earned_points', 1, { wallet: 'points' }) },
    rules: { euro: perAmount(1, 100), welcome: fixed(3, { trigger: 'segment.entered', condition: null }) },
  });
  const { of, and, transfer } = members(looking);
  and(1, '2026-02-01T09:00:00Z', adjust(50));
  t.ok(of(1).state.segments['rich']);
  const result = transfer(1, 2, 45);
  if ('code' in result) throw new Error(result.detail);
  t.notOk(of(1).state.segments['rich']);
  t.ok(of(2).state.segments['rich']);
  t.strictSame([result.sent.entries.length, result.received.entries.length], [1, 1]);
  t.strictSame(
    [of(1), of(2)].map((one) => available(one)),
    [8, 45],
    'the 3 are of the adjustment',
  );
  t.end();
});

test('the clock of the recipient may be ahead: what expires in between expires at once, and only with the recipient', (t) => {
  const { of, and, transfer } = members(rules);
  and(1, '2026-03-01T00:00:00Z', adjust(10, { expires_at: '2026-03-10T11:30:00Z' }));
  and(1, '2026-03-01T00:00:00Z', adjust(10, { expires_at: null }));
  and(2, '2026-03-10T12:00:00Z', adjust(1));
  const result = transfer(1, 2, 15);
  if ('code' in result) throw new Error(result.detail);
  t.strictSame([available(of(1)), available(of(2))], [5, 6]);
  t.match(moves(result.received).at(-1), 'available→expired 10 time');
  t.end();
});

test('however points are passed around, none is made or lost, and each keeps its expiry', (t) => {
  const act = fc.oneof(
    fc.record({
      kind: fc.constant('transfer' as const),
      from: fc.integer({ min: 1, max: 4 }),
      to: fc.integer({ min: 1, max: 4 }),
      points: fc.integer({ min: 1, max: 60 }),
    }),
    fc.record({
      kind: fc.constant('give' as const),
      to: fc.integer({ min: 1, max: 4 }),
      points: fc.integer({ min: 1, max: 60 }),
      day: fc.integer({ min: 11, max: 20 }),
    }),
    fc.record({
      kind: fc.constant('buy' as const),
      to: fc.integer({ min: 1, max: 4 }),
      euros: fc.integer({ min: 1, max: 60 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(act, { minLength: 5, maxLength: 40 }), (acts) => {
      const all = members(rules, 4);
      const expected = new Map<number | null, number>();
      const given = (expires: number | null, points: number): void => {
        expected.set(expires, points + (expected.get(expires) ?? 0));
      };
      let passed = 0;
      for (const [index, one] of acts.entries()) {
        if (one.kind === 'give') {
          const expires_at = `2026-04-${one.day}T00:00:00.000Z`;
          all.and(one.to, noon, adjust(one.points, { expires_at }));
          given(Date.parse(expires_at), one.points);
        } else if (one.kind === 'buy') {
          all.and(one.to, noon, purchase(one.euros * 100, { id: `p-${index}` }));
          given(null, one.euros);
        } else {
          const before = available(all.of(one.from));
          const result = all.transfer(one.from, one.to, one.points);
          const wanted = one.from === one.to ? 'same_member' : one.points > before ? 'insufficient_points' : null;
          if (refusal(result) !== wanted) throw new Error(`${refusal(result)}, not ${wanted}`);
          passed += wanted === null ? 1 : 0;
        }
      }
      const found = new Map<number | null, number>();
      for (const id of [1, 2, 3, 4])
        for (const lot of all.of(id).lots.values())
          if (lot.available > 0) found.set(lot.expires_at, lot.available + (found.get(lot.expires_at) ?? 0));
      const sorted = (map: Map<number | null, number>) => [...map].sort(([a], [b]) => (a ?? 0) - (b ?? 0));
      if (JSON.stringify(sorted(found)) !== JSON.stringify(sorted(expected)))
        throw new Error('points were made or lost');
      return passed >= 0;
    }),
    { seed: 11, numRuns: 150 },
  );
  t.pass();
  t.end();
});
