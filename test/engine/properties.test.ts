import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { Instant } from '../../src/model/instant.ts';
import { noTotals } from '../../src/model/member-state.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { ada, given, purchase, put, settle } from '../helpers/given.ts';
import { program } from '../helpers/programs.ts';
import { advances, commandOf, moved, programs, type Step, startsAt, steps } from './arbitraries.ts';
import {
  accountOf,
  countAgain,
  foldLedger,
  frozen,
  type Kept,
  keep,
  loadNeeded,
  tiersDue,
  withoutHints,
} from './naive.ts';

/* What must hold in every program, whatever members do and however time passes. See the invariants of domain.md. */

interface Told {
  readonly kept: Kept;
  readonly before: Kept;
  readonly decision: Decision;
  readonly rules: Rules;
  readonly command: MemberCommand;
  readonly now: Instant;
}

/** Plays a story with everything loaded, and shows every decision. */
const play = (
  parts: readonly [Parameters<typeof program>[0], Parameters<typeof program>[0]],
  story: readonly Step[],
  show: (told: Told) => void = () => {},
) => {
  let rules = program(parts[0]);
  let now = startsAt;
  const enrolled = decide({ member: null, command: put({}, { member_id: null }), rules, now, newId: ada });
  assert.equal(enrolled.outcome, 'accepted');
  let kept = keep(null, (enrolled as Extract<Decision, { outcome: 'accepted' }>).changes);
  story.forEach(({ advance, deed }, index) => {
    now = moved(now, advance, rules);
    if (deed.kind === 'revise') rules = program(parts[1]);
    const command = commandOf(deed, kept.member, now, `id-${index}`);
    const before = kept;
    const decision = decide({ member: frozen(kept.member), command: frozen(command), rules, now });
    if (decision.outcome === 'accepted') kept = keep(kept, decision.changes);
    show({ kept, before, decision, rules, command, now });
  });
  return { kept, rules, now };
};

test('the ledger explains every balance and every lot, and nothing is ever below zero', async (t) => {
  fc.assert(
    fc.property(programs, steps(25), (parts, story) => {
      play(parts, story, ({ kept, before, decision }) => {
        const { state, lots } = kept.member;
        const folded = foldLedger(kept.entries);
        for (const [wallet, balances] of Object.entries(folded.accounts)) {
          const { pending, available, held, debt } = accountOf(state, wallet);
          assert.deepEqual({ pending, available, held, debt }, balances, wallet);
          assert.ok(Math.min(pending, available, held, debt) >= 0, `${wallet} below zero`);
          for (const bucket of ['pending', 'available', 'held'] as const) {
            const left = [...lots.values()]
              .filter((lot) => lot.wallet === wallet)
              .reduce((sum, lot) => sum + lot[bucket], 0);
            assert.equal(left, balances[bucket], `lots of ${wallet} ${bucket}`);
          }
        }
        assert.equal(lots.size, folded.lots.size);
        for (const [number, left] of folded.lots) {
          const { pending, available, held, original } = lots.get(number)!;
          assert.deepEqual({ pending, available, held, original }, left, `lot ${number}`);
          assert.ok(Math.min(pending, available, held) >= 0 && pending + available + held <= original, `lot ${number}`);
        }
        assert.deepEqual(kept.entries.slice(0, before.entries.length), before.entries, 'entries are only added');
        if (decision.outcome === 'refused') return;
        for (const entry of decision.changes.entries) {
          assert.equal(entry.ordinal, state.commands);
          assert.equal(entry.recorded_at, state.recorded_at);
          const named = entry.allocations.reduce((sum, { points }) => sum + points, 0);
          const touchesLots = entry.from_bucket !== 'debt' && entry.to_bucket !== 'debt';
          assert.equal(named, touchesLots ? entry.points : 0, 'every movement names its lots');
          const given = entry.rules.reduce((sum, { points }) => sum + points, 0);
          assert.equal(given, entry.cause === 'purchase' ? entry.points : 0, 'every earned point names its rule');
        }
      });
    }),
    { seed: 7, numRuns: 200 },
  );
  t.pass();
});

test('the same situation gives the same decision; a refusal changes nothing, and inputs are never written to', async (t) => {
  fc.assert(
    fc.property(programs, steps(20), (parts, story) => {
      play(parts, story, ({ kept, before, decision, rules, command, now }) => {
        const member = structuredClone(before.member);
        const again = decide({ member, command, rules, now });
        assert.deepEqual(again, decision);
        assert.deepEqual(member, before.member, 'the input is as it was');
        if (decision.outcome === 'refused') assert.equal(kept, before);
        else assert.equal(decision.changes.state?.commands, before.member.state.commands + 1);
      });
    }),
    { seed: 11, numRuns: 100 },
  );
  t.pass();
});

test('aggregates and tiers are what counting all purchases again comes to', async (t) => {
  fc.assert(
    fc.property(programs, steps(25), (parts, story) => {
      play(parts, story, ({ kept, decision, rules }) => {
        if (decision.outcome === 'refused') return;
        const { state, days } = kept.member;
        const counted = countAgain(kept, rules);
        assert.equal(state.day, counted.today);
        assert.deepEqual(days, counted.days);
        assert.deepEqual(state.totals, counted.totals);
        assert.deepEqual(state.today, days.get(state.day) ?? noTotals);
        assert.deepEqual(Object.keys(state.windows).sort(), [...rules.windows].sort());
        for (const [window, { from, ...totals }] of Object.entries(state.windows)) {
          assert.deepEqual(totals, counted.windows[window], window);
          const earliest = counted.from[window] ?? null;
          assert.ok(earliest === null || (from !== null && from <= earliest), `${window} may be empty no earlier`);
        }
        const held = Object.entries(state.tiers).flatMap(([scheme, { tier }]) =>
          tier === null ? [] : [[scheme, tier]],
        );
        assert.deepEqual(Object.fromEntries(held), tiersDue(rules, counted));
        for (const [scheme, { tier, since, changes }] of Object.entries(state.tiers)) {
          const history = kept.transitions.filter((transition) => transition.scheme === scheme);
          assert.deepEqual(
            history.map(({ number }) => number),
            history.map((_, index) => index + 1),
          );
          assert.ok(history.every((step, index) => step.from_tier === (history[index - 1]?.to_tier ?? null)));
          const last = history.at(-1);
          assert.deepEqual([last?.to_tier, last?.at, last?.number], [tier, since, changes]);
        }
      });
    }),
    { seed: 13, numRuns: 200 },
  );
  t.pass();
});

test('what the engine asks to be loaded is enough: with everything at hand it decides the same', async (t) => {
  fc.assert(
    fc.property(programs, steps(25), (parts, story) => {
      let partly: Kept | null = null;
      play(parts, story, ({ before, decision, rules, command, now }) => {
        const stored: Kept = partly ?? before;
        const member = loadNeeded(stored, [command], rules, now);
        const other = decide({ member: frozen(member), command, rules, now });
        if (decision.outcome === 'refused' || other.outcome === 'refused') {
          assert.deepEqual(other, decision);
          return;
        }
        partly = keep(stored, other.changes);
        const { state, due: _due, ...changes } = decision.changes;
        const { state: otherState, due: _otherDue, ...otherChanges } = other.changes;
        assert.deepEqual(otherChanges, changes);
        assert.deepEqual(other.answer, decision.answer);
        assert.deepEqual(withoutHints(otherState!), withoutHints(state!));
        assert.deepEqual([...partly.member.lots], [...keep(before, decision.changes).member.lots]);
      });
    }),
    { seed: 17, numRuns: 300 },
  );
  t.pass();
});

/** Everything that time will do to a member as it stands. */
const timeWillDo = (kept: Kept, rules: Rules, until: Instant) => {
  const decision = decide({ member: kept.member, command: settle, rules, now: until });
  if (decision.outcome === 'refused') throw new Error(decision.code);
  return decision.changes;
};

test('the instant a member is due is never later than the first at which time changes something', async (t) => {
  fc.assert(
    fc.property(programs, steps(15), (parts, story) => {
      let partly: Kept | null = null;
      play(parts, story, ({ before, rules, command, now }) => {
        const stored: Kept = partly ?? before;
        const member = loadNeeded(stored, [command], rules, now);
        const decision = decide({ member, command, rules, now });
        if (decision.outcome === 'refused') return;
        partly = keep(stored, decision.changes);
        const { state } = partly.member;
        const { entries, transitions } = timeWillDo(partly, rules, state.recorded_at + 800 * 86_400_000);
        const tierFirst = Math.min(...transitions.map(({ at }) => at));
        // A late report may give points that have expired: the job that it wakes finds nothing, once.
        if (command.kind !== 'record_purchase')
          assert.ok(
            state.due_at === null || state.due_at > state.recorded_at,
            'no job would find it due again and again',
          );
        const first = Math.min(tierFirst, ...entries.map((entry) => entry.occurred_at));
        if (tierFirst !== Number.POSITIVE_INFINITY)
          assert.ok((state.reassess_at ?? Number.POSITIVE_INFINITY) <= tierFirst, 'tier due late');
        if (first === Number.POSITIVE_INFINITY) return;
        assert.ok(
          (state.due_at ?? Number.POSITIVE_INFINITY) <= first,
          `due at ${state.due_at}, something happens at ${first}`,
        );
        assert.ok(first > state.recorded_at, 'a member is settled up to now');
        const early = timeWillDo(partly, rules, first - 1);
        assert.equal(early.entries.length + early.transitions.length, 0, 'nothing happens before');
        const then = timeWillDo(partly, rules, first);
        assert.ok(then.entries.length + then.transitions.length > 0, 'something happens then');
      });
    }),
    { seed: 19, numRuns: 100 },
  );
  t.pass();
});

test('however often a member is settled on the way, it comes to the same', async (t) => {
  const instants = fc.array(advances, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(programs, steps(12), instants, (parts, story, pauses) => {
      const { kept, rules, now } = play(parts, story);
      let often = kept;
      let at = Math.max(now, kept.member.state.recorded_at);
      for (const pause of pauses) {
        at = Math.max(at, moved(at, pause, rules));
        const decision = decide({ member: loadNeeded(often, [settle], rules, at), command: settle, rules, now: at });
        assert.ok(decision.outcome === 'accepted');
        often = keep(often, decision.changes);
      }
      const once = keep(kept, timeWillDo(kept, rules, at));
      const bare = <T extends { recorded_at: Instant }>(items: readonly T[]) =>
        items.map(({ recorded_at: _recorded, ...item }) => ({ ...item, ordinal: 0 }));
      assert.deepEqual(bare(often.entries), bare(once.entries));
      assert.deepEqual(bare(often.transitions), bare(once.transitions));
      assert.deepEqual(often.member.lots, once.member.lots);
      assert.deepEqual(
        withoutHints({ ...often.member.state, commands: 0 }),
        withoutHints({ ...once.member.state, commands: 0 }),
      );
    }),
    { seed: 23, numRuns: 150 },
  );
  t.pass();
});

test('given a clock days behind that of the instance before, a report lands on its day beside what is there', async (t) => {
  const rules = program();
  const { member } = given(t, rules).and('2026-03-20T12:00:00Z', purchase(100)).and('2026-03-24T12:00:00Z', settle);
  const kept: Kept = { member: member!, entries: [], transitions: [], purchases: [] };
  const command = purchase(50, { occurred_at: '2026-03-20T13:00:00Z' });
  const now = Date.parse('2026-03-19T12:00:00Z');
  const daysAfter = (loaded: Kept['member']) => {
    const decision = decide({ member: loaded, command, rules, now });
    return decision.outcome === 'accepted' && [...decision.changes.days];
  };
  t.strictSame(daysAfter(loadNeeded(kept, [command], rules, now)), daysAfter(kept.member));
});
