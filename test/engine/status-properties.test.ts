import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import type { Changes, Decision, LoadedMember } from '../../src/model/decision.ts';
import { type Instant, instantText } from '../../src/model/instant.ts';
import type { LedgerEntry } from '../../src/model/ledger-entry.ts';
import type { MemberState } from '../../src/model/member-state.ts';
import { ada, after, put, settle } from '../helpers/given.ts';
import { loadNeeded } from './naive.ts';
import { type Fact, type Moved, type Movements, NaiveMember } from './naive-status.ts';
import {
  afterMove,
  type Move,
  moves,
  type StatusDeed,
  type StatusParts,
  type StatusProgram,
  statusCommand,
  statusDeeds,
  statusParts,
  statusPrograms,
  statusStartsAt,
} from './status-arbitraries.ts';

/*
 * After any sequence of writes and moves of the clock, tiers and segments are those of a naive fold over the member's
 * commands in the order they were recorded; and settling a member in between, whenever and however often, changes none.
 */

interface Step {
  readonly move: Move;
  readonly deed: StatusDeed;
  /** Where on the way, in per cent, the member is settled besides. */
  readonly pauses: readonly number[];
}

const story: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ move: moves, deed: statusDeeds, pauses: fc.array(fc.nat(100), { maxLength: 2 }) }),
  { minLength: 4, maxLength: 22, size: 'max' },
);

interface Standing {
  readonly member: LoadedMember;
  readonly history: NaiveMember['history'];
}

/** The decision with no more at hand than the engine asks for. */
const decided = (before: Standing, command: MemberCommand, { rules }: StatusProgram, now: Instant): Decision =>
  decide({ member: loadNeeded(before, [command], rules, now), command, rules, now });

/** What changed tiers and segments or announced it, as text. */
const told = ({ transitions, memberships, events }: Changes): NaiveMember['history'] => [
  ...transitions.map(({ scheme, from_tier, to_tier, at }) => ({ at, of: scheme, what: `${from_tier} → ${to_tier}` })),
  ...memberships.map(({ segment, kind, at }) => ({ at, of: segment, what: kind })),
  ...events
    .filter(({ type }) => type === 'tier.expiring')
    .map(({ occurred_at, data }) => ({ at: occurred_at, of: `${data['tier']}`, what: `expires ${data['leaves_at']}` })),
];

/** What the ledger says of available points, before the command's own entries, in them, and after them. */
const movements = ({ entries }: Changes): Movements => {
  const available = ({ occurred_at: at, from_bucket, to_bucket, points }: LedgerEntry): Moved => ({
    at,
    points: (to_bucket === 'available' ? points : 0) - (from_bucket === 'available' ? points : 0),
  });
  const first = entries.findIndex(({ cause }) => cause !== 'time');
  const [before, rest] = first < 0 ? [entries, []] : [entries.slice(0, first), entries.slice(first)];
  return {
    due: before.map(available),
    own: rest.filter(({ cause }) => cause !== 'time').map(available),
    late: rest.filter(({ cause }) => cause === 'time').map(available),
  };
};

const next = (before: Standing, changes: Changes): Standing => ({
  member: after(before.member, changes),
  history: [...before.history, ...told(changes)],
});

const text = (at: Instant | null) => (at === null ? '–' : instantText(at));

const stateOf = ({ tiers, segments }: MemberState): Record<string, string> =>
  Object.fromEntries(
    [
      ...Object.entries(tiers)
        .filter(([, { tier }]) => tier !== null)
        .map(([scheme, { tier, since, stay_until, qualified_since, leaves_at }]) => [
          `scheme:${scheme}`,
          `${tier} since ${text(since)}, stay ${text(stay_until)}, qualified ${text(qualified_since)}, grace ${text(leaves_at)}`,
        ]),
      ...Object.entries(segments).map(([code, { since }]) => [`segment:${code}`, `since ${text(since)}`]),
    ].sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );

/** In the order of time; what happens at one instant, by what it happens to. */
const inOrder = (history: Standing['history']): string[] =>
  history
    .map(({ at, of, what }) => [`${instantText(at)} ${of}`, what] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map((words) => words.join(' '));

const count = { steps: 0, changes: 0 };

const check = (parts: StatusParts, steps: readonly Step[]): void => {
  const [first, second] = statusPrograms(parts);
  let program = first;
  let now = statusStartsAt;
  const enrolment = put({}, { member_id: null });
  const enrolled = decide({ member: null, command: enrolment, rules: program.rules, now, newId: ada });
  assert.equal(enrolled.outcome, 'accepted');
  const { changes } = enrolled as Extract<Decision, { outcome: 'accepted' }>;
  let standing: Standing = { member: after(null, changes), history: told(changes) };
  /** Points that time has moved since the naive fold last heard of a command. */
  const onTheWay: Moved[] = [];
  const naive = new NaiveMember(program.naive, now);
  const compare = (what: string): void => {
    assert.deepEqual(stateOf(standing.member.state), naive.state, what);
    assert.deepEqual(inOrder(standing.history), inOrder(naive.history), what);
  };
  compare('enrolment');
  steps.forEach(({ move, deed, pauses }, index) => {
    const from = now;
    now = afterMove(now, move, program.rules, standing.member.state.reassess_at);
    const before = program;
    if (deed.kind === 'revise' && program === first) program = second;
    // Up to where the member was settled last, the rules before the edit hold.
    const { recorded_at } = standing.member.state;
    if (program !== before)
      naive.record({ kind: 'nothing' }, recorded_at, before.naive, { due: onTheWay.splice(0), own: [], late: [] });
    const isNew = standing.member.state.status_revision !== program.rules.statusRevision;
    if (!isNew)
      for (const pause of [...pauses].sort((a, b) => a - b)) {
        const at = Math.floor(from + ((now - from) * pause) / 100);
        const paused = decided(standing, settle, program, at);
        if (paused.outcome === 'refused') continue;
        standing = next(standing, paused.changes);
        onTheWay.push(...movements(paused.changes).due);
      }
    const { command, fact } = statusCommand(deed, standing.member.state, now, `id-${index}`, program);
    const decision = decided(standing, command, program, now);
    if (decision.outcome === 'refused') return;
    const { due_at } = standing.member.state;
    if (!isNew)
      for (const { at, of, what } of told(decision.changes))
        assert.ok(at === decision.changes.state?.recorded_at || at >= (due_at ?? at + 1), `${of} ${what} was due late`);
    standing = next(standing, decision.changes);
    naive.record(fact(decision) satisfies Fact, standing.member.state.recorded_at, program.naive, {
      ...movements(decision.changes),
      due: [...onTheWay.splice(0), ...movements(decision.changes).due],
    });
    compare(`${index}: ${command.kind} at ${instantText(now)}`);
    count.steps += 1;
  });
  count.changes += standing.history.length;
};

test('tiers and segments are those of a naive fold over the commands, however often the member is settled', async (t) => {
  fc.assert(fc.property(statusParts, story, check), { seed: 41, numRuns: 300 });
  t.comment(`${count.steps} commands, ${count.changes} changes`);
  t.pass();
});
