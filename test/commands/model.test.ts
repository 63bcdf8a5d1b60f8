import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Client } from 'pg';
import { test } from 'tap';
import { memberView } from '../../src/commands/member-view.ts';
import { isTold } from '../../src/engine/burns.ts';
import { decide, type MemberCommand, settled } from '../../src/engine/decide.ts';
import { lotsAtHand } from '../../src/engine/draft.ts';
import { identityKey } from '../../src/engine/put-member.ts';
import { settleDue } from '../../src/jobs/settle-due.ts';
import { EXPIRING_INSTANTS, EXPIRING_WITHIN_DAYS } from '../../src/model/account.ts';
import type { Changes, Decision, EntryNote } from '../../src/model/decision.ts';
import type { MemberId } from '../../src/model/ids.ts';
import { type Instant, instantText } from '../../src/model/instant.ts';
import type { Identity, Member } from '../../src/model/member.ts';
import type { Policies } from '../../src/model/policies.ts';
import { redemptionView, standingAt } from '../../src/model/redemption-view.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { entryView } from '../../src/store/ledger-entry-reads.ts';
import { advances, closings, commandOf, type Deed, deeds, moved, programs, startsAt } from '../engine/arbitraries.ts';
import { type Kept, keep, withoutHints } from '../engine/naive.ts';
import { type Request, testApp } from '../helpers/app.ts';
import { back, cancel, put } from '../helpers/given.ts';
import { changeProgram, createKey, createProgram, type ProgramParts, program } from '../helpers/programs.ts';
import { returningOf } from '../helpers/returning.ts';
import { keptInDatabase } from './kept-in-database.ts';

/*
 * The model test: the same commands go over HTTP to Postgres, and to the engine with every member whole in memory. All
 * that can be asked of the service must be what the model says.
 */

/** A member of the model, with what the engine wrote besides. */
interface Modelled extends Kept {
  readonly notes: readonly EntryNote[];
  readonly events: readonly unknown[];
  readonly history: readonly Changes[];
}

class Model {
  rules: Rules;
  /** By revision. */
  readonly all: readonly Rules[];
  readonly members = new Map<string, Modelled>();
  readonly owners = new Map<string, string>();

  constructor(rules: Rules, ...later: readonly Rules[]) {
    this.rules = rules;
    this.all = [rules, ...later];
  }

  decide(name: string, command: MemberCommand, now: Instant, newId?: MemberId): Decision {
    const before = this.members.get(name) ?? null;
    const taken = new Set([...this.owners].filter(([, owner]) => owner !== name).map(([identity]) => identity));
    const returning =
      command.kind === 'return_purchase'
        ? returningOf(before?.history ?? [], command.purchase, (revision) => this.all[revision - 1]!)
        : undefined;
    const decision = decide({
      member: before?.member ?? null,
      command,
      rules: this.rules,
      now,
      taken,
      ...(newId === undefined ? {} : { newId }),
      ...(returning === undefined ? {} : { returning }),
    });
    if (decision.outcome === 'refused') {
      const { refusedBurn: refused } = decision;
      // Whoever is told of it, is told by a command of its own.
      if (refused !== undefined && before !== null && !isTold(before.member.state, refused, now))
        this.decide(name, { kind: 'tell_refused_burn', member_id: before.member.state.member_id, refused }, now);
      return decision;
    }
    const { changes } = decision;
    for (const identity of changes.identities.removed) this.owners.delete(identityKey(identity));
    for (const identity of changes.identities.added) this.owners.set(identityKey(identity), name);
    this.members.set(name, {
      ...keep(before, changes),
      notes: [...(before?.notes ?? []), ...changes.notes],
      events: [...(before?.events ?? []), ...changes.events],
      history: [...(before?.history ?? []), changes],
    });
    return decision;
  }

  /** The member as the API shows it, settled up to now. */
  view(name: string, now: Instant): Member {
    const { member } = this.members.get(name)!;
    const draft = settled(member, this.rules, now);
    const soon = lotsAtHand(draft).filter(
      (lot) =>
        lot.available > 0 &&
        lot.expires_at !== null &&
        lot.expires_at > now &&
        lot.expires_at < now + EXPIRING_WITHIN_DAYS * 86_400_000,
    );
    const expiring = Map.groupBy(soon, (lot) => lot.wallet);
    const items = [...expiring].map(([wallet, lots]) => {
      const instants = Map.groupBy(lots, (lot) => lot.expires_at!);
      const list = [...instants].sort(([a], [b]) => a - b).slice(0, EXPIRING_INSTANTS);
      return [
        wallet,
        list.map(([at, some]) => ({
          points: some.reduce((sum, lot) => sum + lot.available, 0),
          expires_at: instantText(at),
        })),
      ] as const;
    });
    const profile = member.profile!;
    const identities = profile.identities.toSorted((a, b) => (identityKey(a) < identityKey(b) ? -1 : 1));
    const row = { ...profile, identities, kind: 'id', value: name, state: member.state };
    return memberView({ row, state: draft.state, rules: this.rules, expiring: new Map(items), now });
  }

  /** Whether time, and not a change of the rules, has changed something that no command has written yet. */
  isDue(name: string, now: Instant): boolean {
    const { member } = this.members.get(name)!;
    if (member.state.revision !== this.rules.revision) return false;
    const draft = settled(member, this.rules, now);
    return draft.entries.length + draft.transitions.length > 0;
  }
}

/** The request that hands a command in. */
const send = (request: Request, name: string, command: MemberCommand, key: string) => {
  const headers = { 'idempotency-key': key };
  switch (command.kind) {
    case 'record_purchase':
      return request('POST', '/v1/purchases', { ...command.report, member: name });
    case 'return_purchase': {
      const path = `/v1/purchases/${command.purchase}`;
      const { kind, ...body } = command.request;
      return kind === 'return' ? request('POST', `${path}/returns`, body) : request('POST', `${path}/cancel`);
    }
    case 'redeem_points':
      return request('POST', '/v1/redemptions', { ...command.request, member: name });
    case 'capture_redemption':
    case 'refund_redemption':
    case 'void_redemption': {
      const step = command.kind.replace('_redemption', '');
      const body = command.kind === 'void_redemption' ? null : command.request;
      return request('POST', `/v1/redemptions/${command.id}/${step}`, body, headers);
    }
    case 'adjust_points':
      return request('POST', '/v1/adjustments', { ...command.request, member: name }, headers);
    case 'put_member':
      return request(command.replace ? 'PUT' : 'PATCH', `/v1/members/${name}`, command.body);
    default:
      return request('POST', `/v1/members/${name}/${command.kind.replace('_member', '')}`);
  }
};

const NAMES = ['ada', 'bea', 'cem'] as const;
const CARDS: Identity[] = ['1', '2', '3'].map((value) => ({ kind: 'card', value }));

interface Act {
  readonly deed: Deed;
  /** Instead of the deed: these cards. */
  readonly cards: Identity[] | null;
  readonly replace: boolean;
  readonly again: boolean;
  /** Instead of the deed: something of a purchase comes back, per mille of its money, pieces of a line, or all of it. */
  readonly back: { readonly of: number; readonly what: number | 'line' | 'all' } | null;
  /** Nothing is handed in. */
  readonly idle: boolean;
}

const act: fc.Arbitrary<Act> = fc.record({
  deed: fc.oneof({ weight: 20, arbitrary: deeds }, { weight: 1, arbitrary: closings }),
  cards: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.subarray(CARDS) }),
  replace: fc.boolean(),
  again: fc.constantFrom(true, false, false, false),
  back: fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({
        of: fc.nat(20),
        what: fc.oneof(fc.integer({ min: 1, max: 1_100 }), fc.constantFrom<'line' | 'all'>('line', 'all', 'all')),
      }),
    },
  ),
  idle: fc.constantFrom(true, false, false),
});

/** The return an act asks for, if the member has bought something. A purchase is cancelled once. */
const returnOf = (
  { member, purchases, history }: Modelled,
  { back: wanted }: Act,
  id: string,
): MemberCommand | null => {
  const row = wanted === null ? undefined : purchases[wanted.of % purchases.length];
  if (wanted === null || row === undefined) return null;
  const cancelled = history.some(
    ({ purchaseReturn }) => purchaseReturn?.kind === 'cancellation' && purchaseReturn.id === row.purchase_id,
  );
  const { what } = wanted;
  const command =
    what === 'all' && !cancelled
      ? cancel(row.purchase_id)
      : back(
          typeof what === 'number'
            ? Math.max(1, Math.floor((row.total * what) / 1_000))
            : [[wanted.of % row.report.lines.length, 1]],
          { id, of: row.purchase_id },
        );
  return { ...command, member_id: member.state.member_id } as MemberCommand;
};
const moments = fc.array(fc.record({ advance: advances, acts: fc.tuple(act, act, act) }), {
  minLength: 3,
  maxLength: 9,
  size: 'max',
});

/** Programs that guard against abuse, tightly: few stories redeem twice. */
const guards: fc.Arbitrary<Partial<Policies>> = fc.constantFrom<Partial<Policies>>(
  {},
  { burn_limits: [{ within: 'P30D', times: 1, points: null, per: 'member' }] },
  { burn_limits: [{ within: 'P9D', times: null, points: 5, per: 'member' }], freeze_after_identity_change_hours: 720 },
);
const guarded = fc.tuple(programs, guards).map(([[first, second], guard]) => {
  const under = (parts: ProgramParts): ProgramParts => ({ ...parts, policies: { ...parts.policies, ...guard } });
  return [under(first), under(second)] as const;
});

test('HTTP and Postgres answer and keep what the engine alone comes to', async (t) => {
  const app = await testApp(t);
  const owner = new Client({ connectionString: app.databaseUrl });
  await owner.connect();
  t.teardown(() => owner.end());
  await fc.assert(
    fc.asyncProperty(guarded, moments, async ([first, second], story) => {
      app.clock.now = startsAt;
      const id = await createProgram(app.databaseUrl, first);
      const request = app.as(await createKey(app.databaseUrl, id));
      const model = new Model(program(first), program(second));
      for (const name of NAMES) {
        assert.equal((await request('PUT', `/v1/members/${name}`, {})).status, 201);
        const found = await app.service.services.resolver.find(id, { kind: 'id', value: name });
        model.decide(name, { ...put({}, { member_id: null }), external_id: name } as MemberCommand, startsAt, found!);
      }
      for (const [turn, { advance, acts }] of story.entries()) {
        app.clock.now = moved(app.clock.now, advance, model.rules);
        const { now } = app.clock;
        if (acts.some(({ deed }) => deed.kind === 'revise') && model.rules.revision === 1) {
          await changeProgram(app.databaseUrl, id, second);
          model.rules = program(second);
        }
        const commands = NAMES.map((name, index): MemberCommand | null => {
          const { deed, cards, replace, idle } = acts[index]!;
          const { member } = model.members.get(name)!;
          const { state } = member;
          if (idle || deed.kind === 'settle_member' || deed.kind === 'revise') return null;
          if (cards !== null)
            return {
              ...put({ identities: cards }, { replace, member_id: state.member_id }),
              external_id: name,
            } as MemberCommand;
          const returned = returnOf(model.members.get(name)!, acts[index]!, `b-${turn}-${index}`);
          if (returned !== null) return returned;
          return {
            ...commandOf(deed, member, now, `o-${turn}-${index}`),
            member_id: state.member_id,
            ...(deed.kind === 'put' ? { external_id: name } : {}),
          } as MemberCommand;
        });
        const answers = await Promise.all(
          NAMES.map((name, index) =>
            commands[index] === null ? null : send(request, name, commands[index]!, `k-${turn}-${index}`),
          ),
        );
        for (const [index, name] of NAMES.entries()) {
          const [command, answer] = [commands[index], answers[index]];
          if (command == null || answer == null) continue;
          const decision = model.decide(name, command, now);
          if (decision.outcome === 'refused') {
            const { outcome: _outcome, code, refusedBurn: _told, ...more } = decision;
            const { type: _type, title: _title, status: _status, request_id: _id, ...problem } = answer.body;
            assert.deepEqual(problem, { code, ...more }, command.kind);
          } else {
            assert.equal(answer.status, decision.status, command.kind);
            // Of a member it tells what became of the write besides.
            if (decision.answer === null || command.kind === 'put_member')
              assert.deepEqual(answer.body, { ...model.view(name, now), ...decision.answer });
            else assert.equal(answer.text, JSON.stringify(decision.answer));
          }
          if (acts[index]!.again && 'report' in command && decision.outcome === 'accepted') {
            const repeated = await send(request, name, command, '');
            assert.deepEqual([repeated.text, repeated.headers['idempotent-replayed']], [answer.text, 'true']);
          }
        }
        const settling = acts.some(({ deed }) => deed.kind === 'settle_member');
        const due = await settleThose(app, owner, model, id, settling);
        for (const name of NAMES)
          assert.ok(due.has(name) || !settling || !model.isDue(name, now), `${name} was due unnoticed`);
        for (const name of NAMES)
          assert.deepEqual((await request('GET', `/v1/members/${name}`)).body, model.view(name, now));
      }
      for (const name of NAMES) await compareAll(request, owner, name, model.members.get(name)!, app.clock.now);
    }),
    { seed: 37, numRuns: 16, endOnFailure: true },
  );
  t.pass();
});

type App = Awaited<ReturnType<typeof testApp>>;

/** Lets the job settle whom it finds, and the model the same members. */
const settleThose = async (
  { service, clock }: App,
  owner: Client,
  model: Model,
  id: number,
  settling: boolean,
): Promise<Set<string>> => {
  if (!settling) return new Set();
  const found = await keptInDatabase.due(owner, id, clock.now);
  await settleDue(service.services.database, service.services.queue, clock.now);
  for (const name of found) {
    const { member_id } = model.members.get(name)!.member.state;
    model.decide(name, { kind: 'settle_member', member_id }, clock.now);
  }
  return new Set(found);
};

/** Every page of a list. */
const listed = async (request: Request, path: string): Promise<unknown[]> => {
  const items: unknown[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await request('GET', `${path}?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`);
    items.push(...body.data);
    cursor = body.next_cursor;
  }
  return items;
};

/** The ledger as listed, balances as of the past, and every row that is kept, against the model. */
const compareAll = async (
  request: Request,
  owner: Client,
  name: string,
  modelled: Modelled,
  now: Instant,
): Promise<void> => {
  const { member, entries, notes, events, transitions, purchases } = modelled;
  const { member_id } = member.state;
  const views = entries.map((entry) => {
    const { reason = null, actor = null } = notes.find((note) => note.sequence === entry.sequence) ?? {};
    return entryView({ ...entry, member_id, reason, actor });
  });
  assert.deepEqual(await listed(request, `/v1/members/${name}/ledger-entries`), views.toReversed());
  assert.equal((await listed(request, `/v1/members/${name}/purchases`)).length, purchases.length);
  const redemptions = [...member.redemptions.values()].map((row) =>
    redemptionView(standingAt(row, now), null, member_id, name),
  );
  assert.deepEqual(await listed(request, `/v1/members/${name}/redemptions`), redemptions.toReversed());
  for (const { recorded_at } of views.filter(
    (_, index) => index % 5 === 0 && Date.parse(views[index]!.recorded_at) < now,
  )) {
    const { body } = await request('GET', `/v1/members/${name}/accounts?as_of=${recorded_at}`);
    for (const { wallet, ...balances } of body.data) {
      const last = views.findLast((view) => view.wallet === wallet && view.recorded_at <= recorded_at);
      assert.deepEqual(
        balances,
        last?.balances ?? { pending: 0, available: 0, held: 0, debt: 0 },
        `${wallet} as of ${recorded_at}`,
      );
    }
  }
  const kept = await keptInDatabase.of(owner, member_id);
  assert.deepEqual(withoutHints(kept.state), withoutHints(member.state));
  assert.deepEqual(kept.lots, [...member.lots.values()]);
  assert.deepEqual(
    kept.days,
    [...member.days].sort(([a], [b]) => a - b),
  );
  const moves = transitions.map(({ recorded_at: _recorded, ...item }) => item);
  assert.deepEqual(
    kept.transitions,
    moves.sort((a, b) => (a.scheme < b.scheme ? -1 : a.scheme > b.scheme ? 1 : a.number - b.number)),
  );
  assert.deepEqual(kept.events, events);
};
