import { type Test, test } from 'tap';
import type { Instant } from '../../src/model/instant.ts';
import type { PutMember } from '../../src/model/member.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { close, type Given, nobody, put, settle } from '../helpers/given.ts';
import { fixed, program } from '../helpers/programs.ts';

/* Birthdays and anniversaries, fired by time at the start of the day in Paris. */

const rules = (more: Parameters<typeof program>[0] = {}): Rules =>
  program({
    rules: { cake: fixed(50, { trigger: 'birthday' }), years: fixed(7, { trigger: 'anniversary' }) },
    ...more,
  });

const born = (birth_date: string): PutMember => ({ profile: { birth_date } });

const enrolled = (t: Test, birth: string, at = '2026-03-10T11:00:00Z', under = rules()): Given =>
  nobody(t, under).and(at, put(born(birth), { member_id: null }));

const given = (of: Given, at: string): string[] => {
  const { outcome } = of.when(at, settle);
  return outcome.times.map((time, index) => `${time} ${outcome.given[index]}`);
};

const dueAt = (of: Given): string | null => {
  const at: Instant | null = of.member!.state.due_at;
  return at === null ? null : new Date(at).toISOString();
};

test('given a birthday rule, it fires at the start of the local day, once, whenever the member is settled', async (t) => {
  const ada = enrolled(t, '1990-05-17');
  t.equal(dueAt(ada), '2026-05-16T22:00:00.000Z');
  t.strictSame(given(ada, '2026-05-16T21:59:59.999Z'), []);
  t.strictSame(given(ada, '2026-05-16T22:00:00Z'), ['2026-05-16T22:00Z cake 50']);
  const late = ['2026-05-16T22:00Z cake 50', '2027-03-09T23:00Z years 7', '2027-05-16T22:00Z cake 50'];
  t.strictSame(given(ada, '2027-06-01T00:00:00Z'), late, 'years are made up for, each at its own instant');
  const after = ada.and('2026-05-17T10:00:00Z', settle);
  t.strictSame(given(after, '2026-05-18T10:00:00Z'), []);
  t.equal(dueAt(after), '2027-03-09T23:00:00.000Z');
  const { outcome } = ada.when('2026-05-17T10:00:00Z', settle);
  t.strictSame(outcome.events, ['activity.recorded', 'points.earned']);
  t.match(outcome.state, { totals: { activities: { birthday: 1, enrolment: 1 } } });
});

test('given February 29th, the birthday is the 28th where there is none', async (t) => {
  const ada = enrolled(
    t,
    '1992-02-29',
    '2026-03-10T11:00:00Z',
    rules({ rules: { cake: fixed(5, { trigger: 'birthday' }) } }),
  );
  t.strictSame(given(ada, '2028-03-02T00:00:00Z'), ['2027-02-27T23:00Z cake 5', '2028-02-28T23:00Z cake 5']);
});

test('given a birth date edited again and again, there is one birthday in 330 days', async (t) => {
  const cake = rules({ rules: { cake: fixed(5, { trigger: 'birthday' }) } });
  let ada = enrolled(t, '1990-03-12', '2026-03-10T11:00:00Z', cake).and('2026-03-12T11:00:00Z', settle);
  t.equal(ada.member!.state.accounts['points']?.available, 5);
  for (const day of ['14', '16', '18'])
    ada = ada
      .and(`2026-03-${Number(day) - 1}T11:00:00Z`, put(born(`1990-03-${day}`)))
      .and(`2026-03-${day}T11:00:00Z`, settle);
  t.equal(ada.member!.state.accounts['points']?.available, 5);
  t.equal(dueAt(ada), '2027-03-17T23:00:00.000Z');
});

test('given no rule that looks at birthdays, none is recorded, and one that comes later says nothing of the past', async (t) => {
  const before = enrolled(t, '1990-05-17', '2026-03-10T11:00:00Z', program({}));
  t.equal(dueAt(before), null);
  const later = before.under(rules({ revision: 2 }));
  t.strictSame(given(later, '2027-06-01T00:00:00Z'), []);
  t.equal(dueAt(later.and('2027-06-01T00:00:00Z', settle)), '2028-03-09T23:00:00.000Z');
  const without = enrolled(t, '1990-05-17').under(program({ revision: 2 }));
  t.strictSame(given(without, '2027-06-01T00:00:00Z'), [], 'nor when they are switched off');
});

test('given a tier that was edited on the very day, a birthday due by then is not lost', async (t) => {
  const ada = enrolled(t, '1990-05-17');
  const edited = ada.under(rules({ revision: 3 }));
  t.strictSame(given(edited, '2026-05-17T10:00:00Z'), ['2026-05-16T22:00Z cake 50']);
});

test('given a closed membership or nobody’s birth date, nothing fires', async (t) => {
  const closed = enrolled(t, '1990-05-17').and('2026-05-01T00:00:00Z', close);
  t.strictSame(given(closed, '2028-06-01T00:00:00Z'), []);
  t.equal(dueAt(closed.and('2026-05-17T00:00:00Z', settle)), null);
  const unknown = nobody(t, rules({ rules: { cake: fixed(5, { trigger: 'birthday' }) } })).and(
    '2026-03-10T11:00:00Z',
    put({}, { member_id: null }),
  );
  t.equal(dueAt(unknown), null);
});

test('given points of a birthday that expire and a segment that ends before anybody looks, both end at their instants', async (t) => {
  const party = program({
    wallets: { points: { expiry: { after: 'P1M', round_up_to: null } } },
    rules: { cake: fixed(50, { trigger: 'birthday' }) },
    segments: {
      celebrating: {
        name: 'Celebrating',
        condition: { field: 'activities', activity: 'birthday', window: '7d', op: 'gte', value: 1 },
        exit: null,
      },
    },
  });
  const { outcome } = enrolled(t, '1990-05-17', '2026-03-10T11:00:00Z', party).when('2026-09-01T00:00:00Z', settle);
  t.strictSame(outcome.times, ['2026-05-16T22:00Z', '2026-06-17T22:00Z']);
  t.strictSame(outcome.events, [
    'activity.recorded',
    'points.earned',
    'segment.entered',
    'segment.left',
    'points.expiring',
    'points.expired',
  ]);
  t.match(outcome.state, { segments: {}, windows: { '7d': { activities: {} } } });
});
