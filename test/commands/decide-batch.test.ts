import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'tap';
import { type DecidedBatch, decideBatch } from '../../src/commands/decide-batch.ts';
import { operationOf } from '../../src/commands/load-batch.ts';
import type { Submission } from '../../src/commands/submission.ts';
import { type KnownAnswer, noReturns, nothingShared, type World, workingMember } from '../../src/commands/world.ts';
import type { Command } from '../../src/model/command.ts';
import type { MemberId } from '../../src/model/ids.ts';
import type { Instant } from '../../src/model/instant.ts';
import type { Identity } from '../../src/model/member.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { keyOf } from '../../src/store/idempotency-keys.ts';
import { operationKey } from '../../src/store/operation-references.ts';
import { advances, closings, commandOf, type Deed, deeds, moved, programs, startsAt } from '../engine/arbitraries.ts';
import { type Kept, keep, loadNeeded, withoutHints } from '../engine/naive.ts';
import { report } from '../helpers/given.ts';
import { program } from '../helpers/programs.ts';

/*
 * Batches decided over a store in memory that loads no more than the engine asks for: a batch of n is n batches of one.
 */

class Shelf {
  readonly members = new Map<MemberId, Kept>();
  readonly identities = new Map<string, MemberId>();
  readonly operations = new Map<string, KnownAnswer>();
  readonly keys = new Map<string, KnownAnswer>();

  load(submissions: readonly Submission[], rules: Rules, now: Instant): World {
    const commands = submissions.map((submission) => submission.command);
    const members = [...this.members].filter(([id]) => commands.some((command) => command.member_id === id));
    const newIds = commands.map((_, index) => (this.members.size + index + 1) as MemberId);
    return {
      program: rules.program_id,
      rules,
      now,
      realNow: now,
      ...noReturns(),
      quotes: new Map(),
      followUps: new Set(),
      members: new Map(
        members.map(([id, kept]) => {
          const own = commands.filter((command) => command.member_id === id);
          const { state, profile, lots, days, later, redemptions } = loadNeeded(kept, own, rules, now);
          const member = workingMember(state, profile, false);
          for (const [lot, value] of lots) member.lots.set(lot, value);
          for (const [day, value] of days) member.days.set(day, value);
          for (const [name, value] of redemptions) member.redemptions.set(name, value);
          for (const [wallet, value] of later) member.later.set(wallet, value);
          return [id, member];
        }),
      ),
      identities: new Map(this.identities),
      operations: new Map(this.operations),
      keys: new Map(this.keys),
      ...nothingShared(),
      newIds,
    };
  }

  save(submissions: readonly Submission[], batch: DecidedBatch): void {
    for (const { changes } of batch.accepted) {
      const { state } = changes;
      assert.ok(state !== null);
      this.members.set(state.member_id, keep(this.members.get(state.member_id) ?? null, changes));
      this.identities.set(`id:${state.external_id}`, state.member_id);
      for (const { kind, value } of changes.identities.removed) this.identities.delete(`${kind}:${value}`);
      for (const { kind, value } of changes.identities.added) this.identities.set(`${kind}:${value}`, state.member_id);
    }
    submissions.forEach(({ command, fingerprint }, index) => {
      const outcome = batch.outcomes[index];
      const operation = operationOf(command);
      if (operation === null || outcome === undefined || !('status' in outcome) || outcome.status !== 201) return;
      const { status, body } = outcome;
      if (!outcome.replayed) this.operations.set(operationKey(operation), { fingerprint, status, body });
    });
    for (const row of batch.keys) this.keys.set(keyOf(row), { ...row, body: row.answer });
  }

  /** Decides and saves; an enrolment that was overtaken comes again, about the member there is. */
  run(submissions: readonly Submission[], rules: Rules, now: Instant): unknown[] {
    const batch = decideBatch(this.load(submissions, rules, now), submissions);
    this.save(submissions, batch);
    return batch.outcomes.map((outcome, index) => {
      if (!('resubmitAs' in outcome)) return outcome;
      const { command, ...rest } = submissions[index]!;
      return this.run([{ ...rest, command: { ...command, member_id: outcome.resubmitAs } as Command }], rules, now)[0];
    });
  }

  /** All there is, without what depends on how much was loaded at once. */
  contents(): unknown {
    const members = [...this.members].sort(([a], [b]) => a - b);
    return {
      ...{ identities: new Map(this.identities), operations: this.operations, keys: this.keys },
      members: members.map(([id, { member, ...kept }]) => [
        id,
        kept,
        withoutHints(member.state),
        member.lots,
        member.days,
        member.profile,
      ]),
    };
  }
}

const PEOPLE = ['ada', 'bea', 'cem'];
const CARDS: Identity[] = ['1', '2', '3'].map((value) => ({ kind: 'card', value }));

type Act =
  | { readonly kind: 'deed'; readonly who: number; readonly deed: Deed; readonly key: number | null }
  | { readonly kind: 'put'; readonly who: number; readonly cards: Identity[]; readonly replace: boolean }
  | { readonly kind: 'enrol_twice'; readonly name: string }
  | { readonly kind: 'guest' }
  | { readonly kind: 'repeat' | 'alter'; readonly which: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('deed' as const),
      who: fc.nat(2),
      deed: fc.oneof({ weight: 15, arbitrary: deeds }, { weight: 1, arbitrary: closings }),
      key: fc.option(fc.nat(3), { freq: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      who: fc.nat(2),
      cards: fc.subarray(CARDS),
      replace: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('enrol_twice' as const), name: fc.constantFrom('dan', 'eve') }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'guest' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('repeat' as const, 'alter' as const), which: fc.nat(30) }),
  },
);

const fingerprintOf = (content: unknown): Buffer => createHash('sha256').update(JSON.stringify(content)).digest();

const enrolment = (name: string): Command => ({
  kind: 'put_member',
  member_id: null,
  external_id: name,
  body: {},
  replace: true,
});

/** What the acts of one moment come to, for the people as they stand before it. */
const submissionsOf = (
  shelf: Shelf,
  acts: readonly Act[],
  rules: Rules,
  now: Instant,
  said: Submission[],
): Submission[] =>
  acts.flatMap((item) => {
    const submit = (command: Command, key: string | null = null): Submission[] => {
      const id = `request-${said.length}`;
      said.push({
        program: rules.program_id,
        command,
        fingerprint: fingerprintOf(command),
        key,
        requestId: id,
        from: 'caller',
      });
      return [said.at(-1)!];
    };
    if (item.kind === 'guest')
      return submit({
        kind: 'record_guest_purchase',
        member_id: null,
        report: report(100, { id: `guest-${said.length}` }),
      });
    if (item.kind === 'enrol_twice')
      return shelf.identities.has(`id:${item.name}`)
        ? []
        : [...submit(enrolment(item.name)), ...submit(enrolment(item.name))];
    if ('which' in item) {
      const earlier = said[item.which % Math.max(1, said.length)];
      if (earlier === undefined || earlier.command.kind === 'put_member') return [];
      return [item.kind === 'repeat' ? earlier : { ...earlier, fingerprint: fingerprintOf('something else') }];
    }
    const { member } = shelf.members.get((item.who + 1) as MemberId)!;
    const { member_id, external_id } = member.state;
    if (item.kind === 'put')
      return submit({
        kind: 'put_member',
        member_id,
        external_id,
        body: { identities: item.cards },
        replace: item.replace,
      });
    const command = commandOf(item.deed, member, now, `o-${said.length}`);
    return submit({ ...command, member_id }, item.key === null ? null : `key-${item.key}`);
  });

test('a batch of n comes to the same as n batches of one, loading only what the engine asks for', async (t) => {
  const moments = fc.array(
    fc.record({ advance: advances, acts: fc.array(act, { minLength: 1, maxLength: 10, size: 'max' }) }),
    {
      minLength: 1,
      maxLength: 6,
      size: 'max',
    },
  );
  fc.assert(
    fc.property(programs, moments, ([parts], story) => {
      const rules = program(parts);
      const [together, apart] = [new Shelf(), new Shelf()];
      const said: Submission[] = [];
      const arrivals = PEOPLE.map(
        (name): Submission => ({
          program: rules.program_id,
          command: enrolment(name),
          fingerprint: fingerprintOf(name),
          key: null,
          requestId: name,
          from: 'caller',
        }),
      );
      let now = startsAt;
      assert.deepEqual(
        together.run(arrivals, rules, now),
        arrivals.flatMap((one) => apart.run([one], rules, now)),
      );
      for (const { advance, acts } of story) {
        now = moved(now, advance, rules);
        const submissions = submissionsOf(together, acts, rules, now, said);
        const outcomes = together.run(submissions, rules, now);
        submissions.forEach((submission, index) => {
          assert.deepEqual(
            outcomes[index],
            apart.run([submission], rules, now)[0],
            `${submission.command.kind} as number ${index}`,
          );
        });
        assert.deepEqual(together.contents(), apart.contents());
      }
    }),
    { seed: 29, numRuns: 200 },
  );
  t.pass();
});

test('a batch in which the member moves on to another day still knows what happened on the day before', async (t) => {
  const rules = program();
  const shelf = new Shelf();
  const ada = 1 as MemberId;
  let count = 0;
  const submit = (command: Command): Submission => ({
    program: rules.program_id,
    command,
    fingerprint: fingerprintOf(count++),
    key: null,
    requestId: 'request',
    from: 'caller',
  });
  const buy = (id: string, more = {}) =>
    submit({ kind: 'record_purchase', member_id: ada, report: report(100, { id, ...more }) });
  const [monday, tuesday] = [Date.parse('2026-03-02T12:00:00Z'), Date.parse('2026-03-03T12:00:00Z')];
  shelf.run([submit(enrolment('ada'))], rules, monday);
  shelf.run([buy('o-1')], rules, monday);
  shelf.run([buy('o-2'), buy('o-3', { occurred_at: '2026-03-02T13:00:00Z' })], rules, tuesday);
  t.strictSame(
    [...shelf.members.get(ada)!.member.days.values()].map((day) => day.purchases),
    [2, 1],
  );
});
