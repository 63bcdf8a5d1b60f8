import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Test, test } from 'tap';
import { decide } from '../../src/engine/decide.ts';
import type { BurnLimit, Burns } from '../../src/model/burn-limit.ts';
import type { LoadedMember } from '../../src/model/decision.ts';
import { type Instant, instantText } from '../../src/model/instant.ts';
import type { Identity } from '../../src/model/member.ts';
import type { Rules } from '../../src/rules/rules.ts';
import {
  ada,
  adjust,
  after,
  back,
  cancel,
  capture,
  close,
  given,
  hold,
  nobody,
  purchase,
  put,
  redeem,
  refund,
  suspend,
  voiding,
} from '../helpers/given.ts';
import { perAmount, program } from '../helpers/programs.ts';

const limit = (more: Partial<BurnLimit>): BurnLimit => ({
  within: 'PT1H',
  times: null,
  points: null,
  per: 'member',
  ...more,
});
const limited = (...limits: Partial<BurnLimit>[]): Rules => program({ policies: { burn_limits: limits.map(limit) } });
const rich = (t: Test, rules: Rules) =>
  given(t, rules).and('2026-03-01T00:00:00Z', adjust(1_000, { expires_at: null }));
const at = (time: string): string => `2026-03-10T${time}Z`;
const allowed = { refused: null } as const;
const reached = { refused: 'burn_limit_reached' } as const;

test('a burn counts for its window, and to the end of the twelfth that is a window later', async (t) => {
  const story = rich(t, limited({ times: 2 })).and(at('10:00:00'), redeem(1));
  const twice = story.and(at('10:04:59.999'), redeem(1));
  twice.when(at('10:04:59.999'), redeem(1)).then(reached);
  twice.when(at('11:00:00'), redeem(1)).then(reached);
  twice.when(at('11:04:59.999'), redeem(1)).then(reached);
  twice.when(at('11:05:00'), redeem(1)).then(allowed);
  const later = story.and(at('10:05:00'), redeem(1));
  later.when(at('11:05:00'), redeem(1)).then(allowed);
  later.and(at('11:05:00'), redeem(1)).when(at('11:09:59.999'), redeem(1)).then(reached);
  later.and(at('11:05:00'), redeem(1)).when(at('11:10:00'), redeem(1)).then(allowed);
});

test('a refusal says which limits, and from when on; more than a limit lets through at once, never', async (t) => {
  const story = rich(t, limited({ times: 1 }, { within: 'P1D', points: 50 })).and(at('10:01:00'), redeem(30));
  const { outcome } = story.when(at('10:30:00'), redeem(21));
  t.equal(outcome.refused, 'burn_limit_reached');
  t.strictSame(outcome.faults, ['/points burn_limit_reached', '/points burn_limit_reached']);
  const decision = decide({
    member: story.member,
    command: redeem(21),
    rules: limited({ times: 1 }, { within: 'P1D', points: 50 }),
    now: Date.parse(at('10:30:00')),
  });
  t.match(decision, {
    detail: 'points can be burned again from 2026-03-11T12:00:00.000Z',
    errors: [
      { detail: 'again from 2026-03-10T11:05:00.000Z', expected: 'at most 1 times within PT1H per member' },
      { detail: 'again from 2026-03-11T12:00:00.000Z', expected: 'at most 50 points within P1D per member' },
    ],
  });
  story.when(at('12:00:00'), redeem(20)).then(allowed);
  story.when('2026-03-11T12:00:00Z', redeem(50)).then(allowed);
  const never = decide({
    member: story.member,
    command: redeem(51),
    rules: limited({ points: 50 }),
    now: Date.parse(at('20:00:00')),
  });
  t.match(never, { code: 'burn_limit_reached', detail: 'more points than may be burned at once' });
  story.when(at('10:30:00'), redeem(5_000)).then({ refused: 'insufficient_points' });
});

test('holds count when they are taken; what is voided, lapses or is refunded is not given back, and a capture is no burn', async (t) => {
  const story = rich(t, limited({ times: 2 })).and(at('10:00:00'), hold('r-1', 10));
  story
    .and(at('10:01:00'), voiding('r-1'))
    .and(at('10:02:00'), redeem(1))
    .when(at('10:03:00'), redeem(1))
    .then(reached);
  story.and(at('10:40:00'), redeem(1)).when(at('10:41:00'), redeem(1)).then(reached);
  const refunded = story.and(at('10:01:00'), capture('r-1')).and(at('10:02:00'), refund('r-1'));
  refunded.and(at('10:02:00'), redeem(1)).when(at('10:03:00'), hold('r-2', 1)).then(reached);
  const full = story.and(at('10:01:00'), hold('r-2', 10));
  full.when(at('10:02:00'), capture('r-2')).then(allowed);
  full.when(at('10:02:00'), purchase(100, { capture_redemptions: ['r-1', 'r-2'] })).then(allowed);
  full.when(at('10:02:00'), adjust(-5)).then(allowed);
});

test('a limit that is set later counts from then on; without limits nothing is kept', async (t) => {
  const story = rich(t, program()).and(at('10:00:00'), redeem(1));
  t.notOk(story.member?.state.burns);
  const under = story.under(limited({ times: 1 }));
  under.when(at('10:01:00'), redeem(1)).then(allowed);
  under.and(at('10:01:00'), redeem(1)).when(at('10:02:00'), redeem(1)).then(reached);
  const other = under.and(at('10:01:00'), redeem(1)).under(limited({ within: 'P2D', times: 9 }));
  t.strictSame(Object.keys(other.and(at('10:02:00'), redeem(1)).member?.state.burns ?? {}), ['P2D']);
});

test('burns with a key count for all its members, and a key whose burns are not at hand burns nothing', async (t) => {
  const rules = limited({ times: 2, per: 'key' });
  const { member } = rich(t, rules);
  const burn = (burns: Burns | null, time: string) =>
    decide({ member, command: redeem(5), rules, now: Date.parse(at(time)), key: { id: 'k-1', burns } });
  let burns: Burns = {};
  for (const time of ['10:00:00', '10:06:00']) {
    const decision = burn(burns, time);
    assert.ok(decision.outcome === 'accepted');
    t.equal(decision.changes.keyBurns?.key, 'k-1');
    t.notOk(decision.changes.state?.burns, 'nothing is counted for the member');
    burns = decision.changes.keyBurns?.burns ?? {};
  }
  t.match(burn(burns, '11:04:59'), { code: 'burn_limit_reached', errors: [{ expected: /per key/ }] });
  t.match(burn(burns, '11:05:00'), { outcome: 'accepted' });
  t.throws(() => burn(null, '10:00:00'), { message: /the burns of key k-1 were not loaded/ });
  const job = decide({ member, command: redeem(5), rules, now: Date.parse(at('10:00:00')) });
  t.match(job, { outcome: 'accepted', changes: { keyBurns: null } }, 'no key asked for it');
});

const windows = { PT1H: 3_600_000, PT5H: 18_000_000, P1D: 86_400_000 };
const burnLimits = fc.array(
  fc.record({
    within: fc.constantFrom(...(Object.keys(windows) as (keyof typeof windows)[])),
    times: fc.option(fc.integer({ min: 1, max: 4 })),
    points: fc.option(fc.integer({ min: 1, max: 30 })),
  }),
  { minLength: 1, maxLength: 3 },
);
const pauses = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 600_000 }),
  fc.constantFrom(299_999, 300_000, 3_300_001, 3_599_999, 3_600_000, 3_900_000, 86_399_999),
);

test('no stretch of time as long as a window holds more than its limit, and nobody waits longer than a twelfth more', async (t) => {
  const begin = Date.parse('2026-03-10T09:58:00Z');
  fc.assert(
    fc.property(
      burnLimits,
      fc.array(fc.tuple(pauses, fc.integer({ min: 1, max: 12 })), { maxLength: 40 }),
      (limits, steps) => {
        const rules = limited(...limits);
        let member = rich(t, rules).member as LoadedMember;
        const taken: { at: Instant; points: number }[] = [];
        let now = begin;
        const since = (length: number) => taken.filter((burn) => burn.at > now - length);
        const over = (burns: typeof taken, { times, points }: (typeof limits)[number], more: number) =>
          burns.length + 1 > (times ?? Number.POSITIVE_INFINITY) ||
          burns.reduce((sum, burn) => sum + burn.points, more) > (points ?? Number.POSITIVE_INFINITY);
        for (const [pause, points] of steps) {
          now += pause;
          const decision = decide({ member, command: redeem(points), rules, now });
          if (decision.outcome === 'accepted') {
            for (const one of limits)
              assert.ok(!over(since(windows[one.within]), one, points), `${instantText(now)} ${one.within}`);
            taken.push({ at: now, points });
            member = after(member, decision.changes);
            for (const counts of Object.values(member.state.burns ?? {})) assert.ok(counts.length <= 14);
            continue;
          }
          assert.equal(decision.code, 'burn_limit_reached');
          assert.ok(limits.some((one) => over(since((windows[one.within] * 13) / 12), one, points)));
          const until = decision.refusedBurn?.until ?? null;
          if (until === null) assert.ok(limits.some((one) => points > (one.points ?? points)));
          else {
            const before = decide({ member, command: redeem(points), rules, now: until - 1 });
            assert.equal(before.outcome, 'refused', 'not a millisecond earlier than it says');
            assert.equal(decide({ member, command: redeem(points), rules, now: until }).outcome, 'accepted');
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

const card: Identity = { kind: 'card', value: '2099000001' };
const mail: Identity = { kind: 'email', value: 'ada@example.org' };
const guarded = program({
  policies: { freeze_after_identity_change_hours: 24 },
  rules: { euro: perAmount(1, 100) },
});
const frozen = { refused: 'member_frozen' } as const;

test('after an identity is added, changed or removed, nothing is burned for so many hours', async (t) => {
  const story = rich(t, guarded);
  story.when(at('10:00:00'), put({ identities: [card] })).then({ events: ['member.updated', 'member.frozen'] });
  story.when(at('10:00:00'), put({ profile: { language: 'fr' } })).then({ events: ['member.updated'] });
  const named = story.and(at('10:00:00'), put({ identities: [card] }));
  named.when(at('10:00:00'), redeem(1)).then(frozen);
  named.when('2026-03-11T09:59:59.999Z', hold('r-1', 1)).then(frozen);
  named.when('2026-03-11T10:00:00Z', redeem(1)).then(allowed);
  const thawed = named.and('2026-03-11T10:00:00Z', put({ identities: [card] }));
  thawed.when('2026-03-11T10:00:00Z', redeem(1)).then(allowed);
  thawed
    .and('2026-03-12T00:00:00Z', put({ identities: [mail] }))
    .when('2026-03-12T23:00:00Z', redeem(1))
    .then(frozen);
  thawed.and('2026-03-12T00:00:00Z', put({})).when('2026-03-12T23:00:00Z', redeem(1)).then(frozen);
  const again = named.and(at('22:00:00'), put({ identities: [mail] }));
  again.when('2026-03-11T21:59:59Z', redeem(1)).then(frozen);
  again
    .under(program({ policies: { freeze_after_identity_change_hours: 1 } }))
    .and('2026-03-11T00:00:00Z', put({ identities: [card] }))
    .when('2026-03-11T21:59:59Z', redeem(1))
    .then(frozen);
});

test('an enrolment freezes nobody, and no program that does not say so', async (t) => {
  const enrolled = nobody(t, guarded).and(at('10:00:00'), put({ identities: [card] }, { member_id: null }));
  enrolled.and(at('10:00:01'), adjust(5)).when(at('10:00:02'), redeem(1)).then(allowed);
  rich(t, program())
    .and(at('10:00:00'), put({ identities: [card] }))
    .when(at('10:00:00'), redeem(1))
    .then(allowed);
});

test('a frozen member earns, returns, is adjusted, and what was held before goes on', async (t) => {
  const story = rich(t, guarded)
    .and(at('09:00:00'), purchase(5_000, { id: 'p-1' }))
    .and(at('09:59:00'), hold('r-1', 10))
    .and(at('10:00:00'), put({ identities: [mail] }));
  for (const command of [capture('r-1', 4), voiding('r-1'), back(100), cancel(), adjust(-3), adjust(3), close])
    story.when(at('10:10:00'), command).then(allowed);
  story.when(at('10:10:00'), purchase(5_000, { id: 'p-2', capture_redemptions: ['r-1'] })).then(allowed);
  story.and(at('10:10:00'), suspend).when(at('10:10:00'), redeem(1)).then({ refused: 'member_suspended' });
});

const unfreeze = { kind: 'unfreeze_member', member_id: ada } as const;

test('a person lifts it; what is not frozen stays as it is', async (t) => {
  const story = rich(t, guarded);
  story.when(at('10:00:00'), unfreeze).then({ refused: null, events: [] });
  const lifted = story.and(at('10:00:00'), put({ identities: [mail] })).and(at('10:01:00'), unfreeze);
  t.strictSame(
    lifted.history.at(-1)?.events.map(({ type }) => type),
    ['member.unfrozen'],
  );
  lifted.when(at('10:01:00'), redeem(1)).then(allowed);
  lifted
    .and(at('10:02:00'), put({ identities: [] }))
    .when(at('10:02:00'), redeem(1))
    .then(frozen);
  lifted.and(at('10:02:00'), close).when(at('10:02:00'), unfreeze).then({ refused: 'member_closed' });
});

test('each limit is told by itself, once in its window', async (t) => {
  const rules = limited({ within: 'PT1H', times: 1 }, { within: 'P1D', points: 50 });
  let { member } = rich(t, rules).and(at('10:00:00'), redeem(1));
  const told: string[] = [];
  const attempt = (time: string, points: number): void => {
    const now = Date.parse(at(time));
    const decision = decide({ member, command: redeem(points), rules, now });
    assert.ok(decision.outcome === 'refused' && decision.refusedBurn !== undefined);
    const command = { kind: 'tell_refused_burn', member_id: ada, refused: decision.refusedBurn } as const;
    const telling = decide({ member, command, rules, now });
    assert.ok(telling.outcome === 'accepted');
    member = after(member, telling.changes);
    told.push(...telling.changes.events.map(({ data }) => `${time} ${data['within']} per ${data['per']}`));
  };
  attempt('10:00:01', 1);
  attempt('10:30:00', 1);
  attempt('10:30:00', 60);
  attempt('10:59:59', 60);
  attempt('11:00:01', 1);
  attempt('13:00:00', 60);
  t.strictSame(told, ['10:00:01 PT1H per member', '10:30:00 P1D per member', '11:00:01 PT1H per member']);
  t.strictSame(Object.keys(member?.state.burn_refused ?? {}), ['P1D per member', 'PT1H per member']);
});

test('a refused burn is told once, a refusal itself tells nothing', async (t) => {
  const story = rich(t, guarded).and(at('10:00:00'), put({ identities: [mail] }));
  const refusal = (now: string, of = story) =>
    decide({ member: of.member, command: redeem(1), rules: guarded, now: Date.parse(now) });
  const first = refusal(at('10:05:00'));
  assert.ok(first.outcome === 'refused' && first.refusedBurn !== undefined);
  const telling = { kind: 'tell_refused_burn', member_id: ada, refused: first.refusedBurn } as const;
  const told = story.and(at('10:05:00'), telling);
  t.match(told.history.at(-1)?.events, [
    {
      type: 'burn.refused',
      data: { code: 'member_frozen', within: null, per: null, until: '2026-03-11T10:00:00.000Z' },
    },
  ]);
  told.when(at('10:06:00'), telling).then({ events: [] });
  const anew = told.and(at('12:00:00'), put({ identities: [card] }));
  t.match(anew.when(at('12:01:00'), telling).outcome.events, ['burn.refused'], 'another freeze is told again');
});
