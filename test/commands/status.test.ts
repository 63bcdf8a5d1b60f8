import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sql } from 'kysely';
import { Client } from 'pg';
import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import type { Configuration } from '../../src/model/configuration.ts';
import type { SegmentTransition, TierTransition } from '../../src/model/decision.ts';
import type { MemberId, ProgramId } from '../../src/model/ids.ts';
import type { Instant } from '../../src/model/instant.ts';
import type { MemberState } from '../../src/model/member-state.ts';
import { conditionSql } from '../../src/rules/conditions/condition-sql.ts';
import { build } from '../../src/store/connection.ts';
import { type Kept, keep, withoutHints } from '../engine/naive.ts';
import {
  afterMove,
  moves,
  type StatusProgram,
  statusCommand,
  statusDeeds,
  statusParts,
  statusPrograms,
  statusStartsAt,
} from '../engine/status-arbitraries.ts';
import { put } from '../helpers/given.ts';
import { testDatabase } from '../helpers/postgres.ts';
import { type Instance, openInstance } from './instance.ts';
import { keptInDatabase } from './kept-in-database.ts';

/*
 * The same stories, one write at a time, in batches and by two instances, on Postgres and by the engine with every
 * member whole in memory: tiers, segments and their histories come out the same. What the columns say is what the state
 * says, and who is in a segment is who its condition selects in SQL at that instant.
 */

const NAMES = ['ada', 'bea', 'cem'] as const;

/** A member of the model, with what the engine told of segments besides. */
interface Modelled extends Kept {
  readonly memberships: readonly SegmentTransition[];
  readonly events: readonly unknown[];
}

const decided = (
  before: Modelled | null,
  command: MemberCommand,
  { rules }: StatusProgram,
  now: Instant,
): { status: number; after: Modelled | null } => {
  const newId = 1 as MemberId;
  const decision = decide({ member: before?.member ?? null, command, rules, now, newId });
  if (decision.outcome === 'refused') return { status: 0, after: before };
  const { changes } = decision;
  const after = {
    ...keep(before, changes),
    memberships: [...(before?.memberships ?? []), ...changes.memberships],
    events: [...(before?.events ?? []), ...changes.events],
  };
  return { status: decision.status, after };
};

const insertProgram = async (
  owner: Client,
  code: string,
  { zone, configuration }: StatusProgram,
): Promise<ProgramId> => {
  const { rows } = await owner.query<{ id: number }>(
    `insert into program (program_id, code, name, currency, time_zone, locale, sandbox, revision, created_at)
     values (nextval('program_id_seq'), $1, $1, 'EUR', $2, 'en', false, 0, now())
     returning program_id as id`,
    [code, zone],
  );
  const id = rows[0]!.id as ProgramId;
  await revise(owner, id, configuration);
  return id;
};

const revise = async (owner: Client, id: ProgramId, configuration: Configuration): Promise<void> => {
  await owner.query(
    `with revised as (update program set revision = revision + 1 where program_id = $1 returning revision)
     insert into program_revision (program_id, revision, configuration, changed_by, created_at)
     select $1, revision, $2, 'test', now() from revised`,
    [id, JSON.stringify(configuration)],
  );
};

/** Who the condition of a segment selects at an instant. */
const selected = async (
  owner: Client,
  program: ProgramId,
  segment: string,
  { rules, configuration }: StatusProgram,
  now: Instant,
): Promise<string[]> => {
  const context = { ...rules.conditionContext, program, now, today: rules.calendar.dayOf(now) };
  const { condition } = configuration.segments[segment]!.body;
  const statement = sql`
    select s.external_id as name
    from member_state s
    join member_profile p using (program_id, shard, member_id)
    where s.program_id = ${program} and ${conditionSql(condition, context)}
    order by name
  `.compile(build);
  const { rows } = await owner.query<{ name: string }>(statement.sql, statement.parameters as unknown[]);
  return rows.map(({ name }) => name);
};

/** Rows of the history of segments, as entering and leaving make them. */
const rowsOf = (memberships: readonly SegmentTransition[]) =>
  memberships
    .filter(({ kind }) => kind === 'entered')
    .map(({ segment, number, at, revision, facts }) => {
      const left = memberships.find((other) => other.kind === 'left' && other.number === number);
      return {
        segment,
        number,
        entered_at: at,
        entered_revision: revision,
        entered_facts: facts,
        left_at: left?.at ?? null,
        left_revision: left?.revision ?? null,
        left_facts: left?.facts ?? null,
      };
    });

const transitionRows = (transitions: readonly TierTransition[]) =>
  transitions
    .map(({ recorded_at: _recorded, ...row }) => row)
    .sort((a, b) => (a.scheme < b.scheme ? -1 : a.scheme > b.scheme ? 1 : a.number - b.number));

const columnsOf = (state: MemberState) => ({
  external_id: state.external_id,
  status: state.status,
  enrolled_at: state.enrolled_at,
  enrolled_on: state.enrolled_on,
  recorded_at: state.recorded_at,
  entries: state.entries,
  commands: state.commands,
  revision: state.revision,
  status_revision: state.status_revision,
  spend: state.totals.spend,
  purchases: state.totals.purchases,
  first_purchase_at: state.first_purchase_at,
  last_purchase_at: state.last_purchase_at,
  tiers: Object.values(state.tiers)
    .flatMap(({ tier }) => tier ?? [])
    .sort(),
  segments: Object.keys(state.segments).sort(),
});

type Hand = (
  commands: ReadonlyMap<string, readonly MemberCommand[]>,
  submit: (instance: Instance, name: string, command: MemberCommand) => Promise<number>,
) => Promise<Map<string, number[]>>;

/** How the commands of one moment are handed in: what is answered, member by member. */
const ways = (first: Instance, second: Instance): Readonly<Record<string, Hand>> => ({
  'one at a time': async (commands, submit) => {
    const statuses = new Map<string, number[]>();
    for (const [name, list] of commands)
      for (const command of list)
        statuses.set(name, [...(statuses.get(name) ?? []), await submit(first, name, command)]);
    return statuses;
  },
  'in batches': async (commands, submit) =>
    new Map(
      await Promise.all(
        [...commands].map(
          async ([name, list]) =>
            [name, await Promise.all(list.map((command) => submit(first, name, command)))] as const,
        ),
      ),
    ),
  'by two instances': async (commands, submit) =>
    new Map(
      await Promise.all(
        [...commands].map(async ([name, list], turn) => {
          const statuses: number[] = [];
          for (const [index, command] of list.entries())
            statuses.push(await submit((turn + index) % 2 === 0 ? first : second, name, command));
          return [name, statuses] as const;
        }),
      ),
    ),
});

const moments = fc.array(
  fc.record({
    move: moves,
    deeds: fc.tuple(...NAMES.map(() => fc.array(statusDeeds, { maxLength: 3 }))),
    settling: fc.boolean(),
  }),
  { minLength: 3, maxLength: 8, size: 'max' },
);

test('one write at a time, in batches and by two instances, tiers and segments come to the same', async (t) => {
  const { url } = await testDatabase(t);
  const owner = new Client({ connectionString: url });
  await owner.connect();
  t.teardown(() => owner.end());
  let now = statusStartsAt;
  const [one, other] = [openInstance(t, url, { clock: () => now }), openInstance(t, url, { clock: () => now })];
  let programs = 0;
  const count = { commands: 0, transitions: 0, selections: 0 };
  await fc.assert(
    fc.asyncProperty(statusParts, moments, async (parts, story) => {
      const [first, second] = statusPrograms(parts);
      let program = first;
      now = statusStartsAt;
      programs += 1;
      const made: { way: string; hand: Hand; id: ProgramId; ids: Map<string, MemberId> }[] = [];
      for (const [way, hand] of Object.entries(ways(one, other))) {
        const id = await insertProgram(owner, `program-${programs}-${made.length}`, first);
        const ids = new Map<string, MemberId>();
        for (const name of NAMES) ids.set(name, await one.enrol(id, name));
        made.push({ way, hand, id, ids });
      }
      const model = new Map<string, Modelled>();
      for (const name of NAMES) {
        const command = { ...put({}, { member_id: null }), external_id: name } as MemberCommand;
        model.set(name, decided(null, command, first, now).after!);
      }
      for (const [turn, { move, deeds, settling }] of story.entries()) {
        const due = Math.min(...[...model.values()].map(({ member }) => member.state.reassess_at ?? now));
        now = afterMove(now, move, program.rules, due);
        if (program === first && deeds.flat().some(({ kind }) => kind === 'revise')) {
          program = second;
          for (const { id } of made) await revise(owner, id, second.configuration);
        }
        const commands = new Map<string, MemberCommand[]>();
        const expected = new Map<string, number[]>();
        for (const [index, name] of NAMES.entries()) {
          const settled = settling
            ? [...(deeds[index] ?? []), { kind: 'settle_member' as const }]
            : (deeds[index] ?? []);
          for (const [number, deed] of settled.entries()) {
            const before = model.get(name)!;
            const { command } = statusCommand(deed, before.member.state, now, `${name}-${turn}-${number}`, program);
            const { status, after } = decided(before, command, program, now);
            model.set(name, after!);
            commands.set(name, [...(commands.get(name) ?? []), command]);
            expected.set(name, [...(expected.get(name) ?? []), status]);
            count.commands += 1;
          }
        }
        for (const { way, hand, id, ids } of made) {
          const statuses = await hand(commands, async (instance, name, command) => {
            const { status } = await instance.submit(id, {
              ...command,
              member_id: ids.get(name)!,
              ...(command.kind === 'put_member' ? { external_id: name } : {}),
            } as MemberCommand);
            return status < 300 ? status : 0;
          });
          assert.deepEqual(statuses, expected, way);
          for (const name of NAMES) {
            const { member, transitions, memberships, events } = model.get(name)!;
            const { state } = member;
            const kept = await keptInDatabase.of(owner, ids.get(name)!);
            const what = `${way}: ${name} at ${new Date(now).toISOString()}`;
            assert.deepEqual(withoutHints({ ...kept.state, member_id: state.member_id }), withoutHints(state), what);
            assert.deepEqual(kept.transitions, transitionRows(transitions), what);
            assert.deepEqual(kept.memberships, rowsOf(memberships), what);
            assert.deepEqual(kept.events, events, what);
            const columns = (await keptInDatabase.columns(owner, ids.get(name)!)) as {
              tiers: string[];
              segments: string[];
            };
            assert.deepEqual(
              { ...columns, tiers: columns.tiers.sort(), segments: columns.segments.sort() },
              columnsOf(state),
              what,
            );
          }
          if (!settling || NAMES.some((name) => model.get(name)!.member.state.recorded_at !== now)) continue;
          for (const [segment, { archived, body }] of Object.entries(program.configuration.segments)) {
            if (archived || body.exit !== null) continue;
            const inside = NAMES.filter((name) => model.get(name)!.member.state.segments[segment] !== undefined);
            assert.deepEqual(await selected(owner, id, segment, program, now), inside, `${way}: ${segment}`);
            count.selections += 1;
          }
        }
      }
      for (const { transitions, memberships } of model.values())
        count.transitions += transitions.length + memberships.length;
    }),
    { seed: 43, numRuns: 24, endOnFailure: true },
  );
  t.comment(`${count.commands} commands, ${count.transitions} changes, ${count.selections} segments selected`);
  t.pass();
});
