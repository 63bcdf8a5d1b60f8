import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import type { Changes } from '../../src/model/decision.ts';
import { type Instant, instantText } from '../../src/model/instant.ts';
import type { LedgerEntry } from '../../src/model/ledger-entry.ts';
import type { Lot } from '../../src/model/lot.ts';
import { capturedOf } from '../../src/model/redemption-view.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { ada, adjust, capture, hold, put, refund, settle, voiding } from '../helpers/given.ts';
import { program } from '../helpers/programs.ts';
import { commandOf, type Deed, deeds, moved, programs, redemptionDeeds, type Step, startsAt } from './arbitraries.ts';
import { type Kept, keep } from './naive.ts';

/* What holds of redemptions in every program, whatever becomes of them and however time passes. */

const changesOf = (kept: Kept | null, command: MemberCommand, rules: Rules, now: Instant): Changes | null => {
  const decision = decide({ member: kept?.member ?? null, command, rules, now, newId: ada });
  return decision.outcome === 'accepted' ? decision.changes : null;
};

const then = (kept: Kept | null, command: MemberCommand, rules: Rules, now: Instant): Kept => {
  const changes = changesOf(kept, command, rules, now);
  assert.ok(changes !== null, command.kind);
  return keep(kept, changes);
};

const enrolled = (rules: Rules): Kept => then(null, put({}, { member_id: null }), rules, startsAt);

const sumOf = (entries: readonly LedgerEntry[], which: (entry: LedgerEntry) => boolean): number =>
  entries.filter(which).reduce((sum, { points }) => sum + points, 0);

/** What went into an outside bucket less what came out of it again. */
const netOf = (entries: readonly LedgerEntry[], bucket: string): number =>
  sumOf(entries, (entry) => entry.to_bucket === bucket) - sumOf(entries, (entry) => entry.from_bucket === bucket);

/** Points of each lot in some of the entries. */
const ofLots = (entries: readonly LedgerEntry[], which: (entry: LedgerEntry) => boolean): Map<number, number> => {
  const points = new Map<number, number>();
  for (const { allocations } of entries.filter(which))
    for (const part of allocations) points.set(part.lot, part.points + (points.get(part.lot) ?? 0));
  return points;
};

const holdsTrue = ({ member, entries }: Kept): void => {
  const { state, redemptions } = member;
  for (const [wallet, account] of Object.entries(state.accounts)) {
    const own = entries.filter((entry) => entry.wallet === wallet);
    assert.equal(account.redeemed, netOf(own, 'redeemed'), 'redeemed, less what was refunded');
    assert.equal(account.expired, netOf(own, 'expired'), 'expired, less what grace gave again');
    assert.ok(Math.min(account.redeemed, account.expired) >= 0, 'nothing comes back that did not go');
    const there = account.pending + account.available + account.held - account.debt;
    const gone = account.redeemed + account.expired + netOf(own, 'reversed');
    assert.equal(there + gone + netOf(own, 'issued'), 0, 'no point is gained, and none lost');
  }
  const open = state.holds ?? [];
  assert.ok(open.length <= 50);
  assert.ok(
    open.every((one) => one.expires_at > state.recorded_at),
    'no hold outlives its time',
  );
  const held = [...redemptions.values()].filter(({ status }) => status === 'held');
  assert.deepEqual(
    open.map(({ id, wallet, points }) => [id, wallet, points]),
    held.map((row) => [row.redemption_id, row.wallet, row.points]),
  );
  for (const row of redemptions.values()) {
    const own = entries.filter(({ cause, cause_id }) => cause === 'redemption' && cause_id === row.redemption_id);
    const of = (...movements: string[]) => sumOf(own, ({ movement }) => movements.includes(movement));
    assert.deepEqual(
      [capturedOf(row), row.released, row.refunded],
      [of('redeem', 'capture'), of('void', 'lapse'), of('refund')],
    );
    assert.equal((row.status === 'held' ? row.points : 0) + capturedOf(row) + row.released, row.points);
    assert.ok(row.refunded <= capturedOf(row));
    const taken = ofLots(own, ({ from_bucket }) => from_bucket === 'available');
    const back = ofLots(own, ({ movement }) => ['void', 'lapse', 'refund'].includes(movement));
    for (const [lot, points] of back) assert.ok(points <= (taken.get(lot) ?? 0), 'back into the very lots');
    const expired = sumOf(own, ({ to_bucket }) => to_bucket === 'expired');
    assert.ok([0, expired].includes(of('grace')) || of('grace') < expired, 'grace is for what has expired');
  }
};

const HOUR = 3_600_000;

/** Stories of members who have something to spend, told slowly enough that not every hold lapses. */
const stories: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    advance: fc.constantFrom(0, 60_000, HOUR / 4, HOUR, 24 * HOUR, 8 * 24 * HOUR, 40 * 24 * HOUR),
    deed: fc.oneof(
      { weight: 2, arbitrary: deeds },
      { weight: 5, arbitrary: redemptionDeeds },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('give'),
          points: fc.integer({ min: 1, max: 200 }),
          wallet: fc.constant(1),
          days: fc.constantFrom(null, 1, 2, 10),
        }) as fc.Arbitrary<Deed>,
      },
    ),
  }),
  { minLength: 10, maxLength: 40, size: 'max' },
);

test('every point of a redemption is held, captured or released, and comes back once, into its own lot', async (t) => {
  const met: Record<string, number> = {};
  fc.assert(
    fc.property(programs, stories, ([first, second], story) => {
      let rules = program(first);
      let now = startsAt;
      let kept = enrolled(rules);
      story.forEach(({ advance, deed }, index) => {
        now = moved(now, advance, rules);
        if (deed.kind === 'revise') rules = program(second);
        const changes = changesOf(kept, commandOf(deed, kept.member, now, `id-${index}`), rules, now);
        if (changes === null) return;
        kept = keep(kept, changes);
        for (const { movement, to_bucket } of changes.entries) {
          const name = to_bucket === 'expired' ? `${movement} of expired` : movement;
          met[name] = (met[name] ?? 0) + 1;
        }
        holdsTrue(kept);
      });
    }),
    { seed: 41, numRuns: 1_100 },
  );
  for (const name of [
    'hold',
    'capture',
    'void',
    'lapse',
    'refund',
    'grace',
    'void of expired',
    'lapse of expired',
    'refund of expired',
  ])
    t.ok((met[name] ?? 0) >= 15, `${name}: ${met[name]}`);
});

/** Lots that live longer than the story, each of so many points. */
const lotsOf = fc.array(fc.record({ points: fc.integer({ min: 1, max: 9 }), days: fc.constantFrom(50, 60, null) }), {
  minLength: 1,
  maxLength: 6,
});

const withLots = (rules: Rules, lots: readonly { points: number; days: number | null }[]): Kept =>
  lots.reduce((kept, { points, days }) => {
    const expires_at = days === null ? null : instantText(startsAt + days * 86_400_000);
    return then(kept, adjust(points, { expires_at }), rules, startsAt);
  }, enrolled(rules));

const bare = ({ member }: Kept): [Lot[], object] => [
  [...member.lots.values()],
  Object.values(member.state.accounts).map(({ available, held, redeemed, expired }) => [
    available,
    held,
    redeemed,
    expired,
  ]),
];

const percents = fc.integer({ min: 1, max: 100 });
const share = (points: number, percent: number): number => Math.max(1, Math.floor((points * percent) / 100));

test('what is held and voided, or captured and refunded in any parts, leaves lots and balances as they were', async (t) => {
  const rules = program();
  fc.assert(
    fc.property(lotsOf, percents, percents, fc.array(percents, { maxLength: 4 }), (lots, taken, captured, parts) => {
      const before = withLots(rules, lots);
      const points = share(before.member.state.accounts['points']!.available, taken);
      const held = then(before, hold('r', points), rules, startsAt);
      assert.deepEqual(bare(then(held, voiding('r'), rules, startsAt)), bare(before));
      assert.deepEqual(bare(then(held, settle, rules, startsAt + 30 * 60_000)), bare(before));
      const kept = share(points, captured);
      let now = then(held, capture('r', kept), rules, startsAt);
      let left = kept;
      for (const part of parts) {
        if (left === 0) break;
        now = then(now, refund('r', share(left, part)), rules, startsAt);
        left -= share(left, part);
        // To capture some and to refund part of it comes to the same as to capture less.
        if (left > 0) assert.deepEqual(bare(now), bare(then(held, capture('r', left), rules, startsAt)));
      }
      if (left > 0) now = then(now, refund('r'), rules, startsAt);
      assert.deepEqual(bare(now), bare(before));
    }),
    { seed: 43, numRuns: 300 },
  );
  t.pass();
});
