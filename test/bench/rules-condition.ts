import type { Condition } from '../../src/model/condition.ts';
import { type MemberState, noTotals } from '../../src/model/member-state.ts';
import { calendarOf } from '../../src/rules/calendar.ts';
import { compileCondition } from '../../src/rules/conditions/compile.ts';
import { fieldsOf } from '../../src/rules/conditions/fields.ts';
import type { Subject } from '../../src/rules/conditions/subject.ts';
import { configurationOf, tier } from '../helpers/programs.ts';
import { median } from './table.ts';

const MEMBERS = 1_024;
const EVALUATIONS = 2_000_000;
const ROUNDS = 7;

const typical: Condition = {
  all: [
    { field: 'tier', op: 'eq', value: 'gold' },
    {
      any: [
        { field: 'purchases', window: '90d', op: 'gte', value: 3 },
        { field: 'spend', op: 'gt', value: 50_000 },
      ],
    },
    { field: 'country', op: 'in', value: ['FR', 'BE'] },
    { field: 'attributes.newsletter', op: 'eq', value: true },
  ],
};

/** What somebody would write who needed only this one. */
const plain = ({ state, person }: Subject): boolean =>
  state.tiers['status']?.tier === 'gold' &&
  ((state.windows['90d']?.purchases ?? 0) >= 3 || state.totals.spend > 50_000) &&
  (person?.profile['country'] === 'FR' || person?.profile['country'] === 'BE') &&
  person?.attributes['newsletter'] === true;

/** Members of whom a third of three values is absent, or nothing. */
const subjects = (absent: boolean): Subject[] =>
  Array.from({ length: MEMBERS }, (_, index) => {
    const missing = (nth: number) => absent && (index * 7 + nth * 5) % 10 < 3;
    const held = {
      tier: index % 3 === 0 ? 'silver' : 'gold',
      since: 0,
      changes: 1,
      stay_until: null,
      qualified_since: 0,
    };
    const state = {
      tiers: missing(0) ? {} : { status: { ...held, leaves_at: null, manual: null, announced: null } },
      totals: { ...noTotals, spend: (index * 977) % 100_000 },
      windows: { '90d': { ...noTotals, purchases: index % 6, from: null } },
    } as unknown as MemberState;
    return {
      state,
      person: {
        profile: missing(1) ? {} : { country: ['FR', 'BE', 'DE'][index % 3] ?? 'FR' },
        attributes: missing(2) ? {} : { newsletter: index % 4 !== 0 },
        consents: {},
        acquisition: null,
        tags: [],
      },
      now: 0,
      today: 0,
      trigger: null,
    };
  });

/** Nanoseconds an evaluation takes. */
const nanoseconds = (test: (subject: Subject) => unknown, of: readonly Subject[]): number => {
  const started = performance.now();
  let matched = 0;
  for (let index = 0; index < EVALUATIONS; index++) if (test(of[index & (MEMBERS - 1)] as Subject) === true) matched++;
  if (matched === 0) throw new Error('nothing matched');
  return ((performance.now() - started) * 1_000_000) / EVALUATIONS;
};

/** A typical condition against a plain function of the same meaning, in turns. */
export function conditionRatios(): { readonly told: string } {
  const fields = fieldsOf(
    configurationOf({
      tiers: { silver: tier(1, 'spend', 1), gold: tier(2, 'spend', 2) },
      attributes: { newsletter: { name: 'Newsletter', type: 'boolean', values: null, personal: false } },
    }),
  );
  const test = compileCondition(typical, { fields, calendar: calendarOf('UTC'), trigger: 'none' });
  const lines = [false, true].map((absent) => {
    const of = subjects(absent);
    for (const subject of of)
      if ((test(subject) === true) !== plain(subject)) throw new Error('the two do not mean the same');
    const pairs = Array.from({ length: ROUNDS }, () => ({ own: nanoseconds(test, of), plain: nanoseconds(plain, of) }));
    const own = median(pairs.map((pair) => pair.own));
    const ratio = median(pairs.map((pair) => pair.own / pair.plain));
    return `  ${absent ? 'a third of three values absent' : 'nothing absent'}: ${own.toFixed(0)} ns an evaluation, ${ratio.toFixed(1)} × a plain function`;
  });
  return { told: ['  A typical condition', '', ...lines].join('\n') };
}
