import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import { saysTheSame } from '../../src/engine/merged-status.ts';
import type { Changes, Decision, LoadedMember, Refusal } from '../../src/model/decision.ts';
import type { MemberId } from '../../src/model/ids.ts';
import type { Instant } from '../../src/model/instant.ts';
import { isNothing } from '../../src/model/totals.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { after, put, settle } from '../helpers/given.ts';
import { program } from '../helpers/programs.ts';
import { advances, commandOf, deeds, moved, programs, startsAt } from './arbitraries.ts';
import { afterMove, moves, statusCommand, statusDeeds, statusParts, statusPrograms } from './status-arbitraries.ts';

/* Two members become one and are parted again. Each test has them whole in memory, and decides both sides. */

const [ada, bob] = [1 as MemberId, 2 as MemberId];

interface Two {
  ada: LoadedMember;
  bob: LoadedMember;
}

const accepted = (decision: Decision): Changes => {
  if (decision.outcome === 'refused') throw new Error(decision.detail);
  return decision.changes;
};

const enrol = (id: MemberId, name: string, rules: Rules, now: Instant): LoadedMember => {
  const command: MemberCommand = {
    ...put({ identities: [{ kind: 'card', value: name }] }, { member_id: null }),
    external_id: name,
  } as MemberCommand;
  return after(null, accepted(decide({ member: null, command, rules, now, newId: id })));
};

/** Both sides of ada's merge into bob, or why there is none. */
const merge = (
  two: Two,
  rules: Rules,
  now: Instant,
): Refusal | (Two & { readonly changes: readonly [Changes, Changes] }) => {
  const request = { into: 'bob' };
  const command: MemberCommand = { kind: 'merge_member', member_id: ada, into: bob, request };
  const gone = decide({ member: two.ada, command, rules, now, into: 'bob' });
  if (gone.outcome === 'refused') return gone;
  const stays = decide({
    member: two.bob,
    command: { kind: 'take_over', member_id: bob, from: ada, of: command },
    rules,
    now,
    taking: { handover: gone.changes.handover!, lots: [], own: null },
  });
  if (stays.outcome === 'refused') return stays;
  return {
    ada: after(two.ada, gone.changes),
    bob: after(two.bob, stays.changes),
    changes: [gone.changes, stays.changes],
  };
};

const part = (two: Two, bobs: Changes, own: readonly Instant[], rules: Rules, now: Instant): Refusal | Two => {
  const given = decide({
    member: two.bob,
    command: { kind: 'give_back_merged', member_id: bob, to: ada },
    rules,
    now,
    parting: { source: two.ada, row: bobs.merge!, lots: bobs.mergedLots, own },
  });
  if (given.outcome === 'refused') return given;
  const command: MemberCommand = { kind: 'unmerge_member', member_id: ada, request: {} };
  const again = decide({ member: two.ada, command, rules, now, handback: given.changes.handback! });
  if (again.outcome === 'refused') return again;
  return { ada: after(two.ada, again.changes), bob: after(two.bob, given.changes) };
};

/** What a merge and its end must leave as it was: all but the numbers of what was written meanwhile. */
const standing = ({ state, lots, days, profile }: LoadedMember) => ({
  status: state.status,
  accounts: Object.fromEntries(
    Object.entries(state.accounts)
      .filter(([, { pending, available, held, debt, redeemed, expired }]) =>
        [pending, available, held, debt, redeemed, expired].some((points) => points !== 0),
      )
      .map(([wallet, { pending, available, held, debt, redeemed, expired, sliding }]) => [
        wallet,
        { pending, available, held, debt, redeemed, expired, sliding },
      ]),
  ),
  lots: [...lots.values()].filter((lot) => lot.pending + lot.available + lot.held > 0).sort((a, b) => a.lot - b.lot),
  totals: state.totals,
  today: state.today,
  windows: Object.fromEntries(Object.entries(state.windows).map(([name, { from: _, ...totals }]) => [name, totals])),
  days: Object.fromEntries([...days].filter(([, totals]) => !isNothing(totals)).sort(([a], [b]) => a - b)),
  purchases: [state.first_purchase_at, state.last_purchase_at],
  tiers: Object.fromEntries(
    Object.entries(state.tiers)
      .filter(([, { tier }]) => tier !== null)
      .map(([scheme, { changes: _, announced: _told, ...held }]) => [scheme, held]),
  ),
  segments: Object.fromEntries(Object.entries(state.segments).map(([code, { since }]) => [code, since])),
  nps: state.nps,
  limits: [state.limits ?? {}, state.burn_limits ?? {}, state.reward_limits ?? {}],
  identities: profile?.identities,
});

const times = (history: readonly Changes[]): Instant[] =>
  history.flatMap(({ purchase }) => (purchase === null ? [] : [purchase.occurred_at]));

interface Lived {
  readonly member: LoadedMember;
  readonly history: readonly Changes[];
  readonly now: Instant;
}

const settledAt = (member: LoadedMember, rules: Rules, now: Instant): LoadedMember =>
  after(member, accepted(decide({ member, command: settle, rules, now })));

/** Merged and parted, both are what they were; in between nothing is lost, and nothing was given. */
const isUndone = (one: Lived, other: Lived, rules: Rules, later: number): void => {
  const now = Math.max(one.now, other.now, one.member.state.recorded_at, other.member.state.recorded_at);
  const before: Two = { ada: settledAt(one.member, rules, now), bob: settledAt(other.member, rules, now) };
  const merged = merge(before, rules, now);
  if ('outcome' in merged) return;
  const sum = (two: Two, bucket: 'pending' | 'available' | 'held' | 'debt') =>
    [two.ada, two.bob]
      .flatMap(({ state }) => Object.values(state.accounts))
      .reduce((points, account) => points + account[bucket], 0);
  for (const bucket of ['pending', 'available', 'held', 'debt'] as const)
    assert.equal(sum(merged, bucket), sum(before, bucket), bucket);
  assert.equal(merged.bob.state.totals.spend, before.ada.state.totals.spend + before.bob.state.totals.spend);
  assert.deepEqual(merged.ada.state.segments, {});
  for (const { rules: shares } of merged.changes.flatMap(({ entries }) => entries)) assert.deepEqual(shares, []);
  const at = now + later;
  const parted = part(merged, merged.changes[1], times(other.history), rules, at);
  if (later > 0 && 'outcome' in parted) return;
  if ('outcome' in parted) throw new Error(parted.detail);
  const expected = { ada: settledAt(before.ada, rules, at), bob: settledAt(before.bob, rules, at) };
  for (const name of ['ada', 'bob'] as const) {
    const was = standing(expected[name]);
    const is = standing(parted[name]);
    if (later === 0) {
      assert.deepEqual(is, was, name);
      continue;
    }
    // Points were released, and aged, with the other meanwhile; the sums are what they would have been.
    for (const key of ['totals', 'windows', 'days', 'purchases', 'identities', 'limits'] as const)
      assert.ok(saysTheSame(is[key], was[key]), `${name}: ${key}`);
  }
};

const storyOf = fc.array(fc.record({ advance: advances, deed: deeds }), { minLength: 1, maxLength: 10, size: 'max' });
type Story = typeof storyOf extends fc.Arbitrary<infer S> ? S : never;

const live = (id: MemberId, name: string, story: Story, rules: Rules): Lived => {
  let now = startsAt;
  let member = enrol(id, name, rules, now);
  const history: Changes[] = [];
  for (const [index, { advance, deed }] of story.entries()) {
    now = moved(now, advance, rules);
    const command = { ...commandOf(deed, member, now, `${name}-${index}`), member_id: id } as MemberCommand;
    const decision = decide({ member, command, rules, now });
    if (decision.outcome === 'refused') continue;
    history.push(decision.changes);
    member = after(member, decision.changes);
  }
  return { member, history, now };
};

test('merged and parted, two members have the balances, lots and sums they had', (t) => {
  fc.assert(
    fc.property(programs, storyOf, storyOf, fc.constantFrom(0, 0, 86_400_000 * 20), ([parts], one, other, later) => {
      const rules = program(parts);
      isUndone(live(ada, 'ada', one, rules), live(bob, 'bob', other, rules), rules, later);
    }),
    { numRuns: 300 },
  );
  t.end();
});

const statusStory = fc.array(fc.record({ move: moves, deed: statusDeeds }), {
  minLength: 1,
  maxLength: 10,
  size: 'max',
});

test('merged and parted, two members have the tiers and segments they had', (t) => {
  fc.assert(
    fc.property(statusParts, statusStory, statusStory, (parts, ...stories) => {
      const [first] = statusPrograms(parts);
      const { rules } = first;
      const lived = stories.map((story, which): Lived => {
        const [id, name] = which === 0 ? [ada, 'ada'] : [bob, 'bob'];
        let now = startsAt;
        let member = enrol(id, name, rules, now);
        const history: Changes[] = [];
        for (const [index, { move, deed }] of story.entries()) {
          now = afterMove(now, move, rules, member.state.due_at);
          const { command } = statusCommand(deed, member.state, now, `${name}-${index}`, first);
          const decision = decide({ member, command: { ...command, member_id: id } as MemberCommand, rules, now });
          if (decision.outcome === 'refused') continue;
          history.push(decision.changes);
          member = after(member, decision.changes);
        }
        return { member, history, now };
      });
      isUndone(lived[0]!, lived[1]!, rules, 0);
    }),
    { numRuns: 300 },
  );
  t.end();
});
