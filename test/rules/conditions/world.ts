import type { ActivityType } from '../../../src/model/activity-type.ts';
import type { Attribute } from '../../../src/model/attribute.ts';
import type { Condition, Window } from '../../../src/model/condition.ts';
import { type Configuration, noResources, type Resource } from '../../../src/model/configuration.ts';
import type { FieldDeclaration } from '../../../src/model/field-declaration.ts';
import type { MemberId } from '../../../src/model/ids.ts';
import { type Instant, parseInstant } from '../../../src/model/instant.ts';
import {
  emptyAccount,
  type MemberState,
  noTotals,
  type TierHeld,
  type Totals,
} from '../../../src/model/member-state.ts';
import { defaultPolicies } from '../../../src/model/policies.ts';
import type { Segment } from '../../../src/model/segment.ts';
import type { Tier } from '../../../src/model/tier.ts';
import { defaultWallet } from '../../../src/model/wallet.ts';
import { calendarOf } from '../../../src/rules/calendar.ts';
import { type ConditionPlace, checkCondition } from '../../../src/rules/conditions/check.ts';
import { compileCondition } from '../../../src/rules/conditions/compile.ts';
import type { ConditionContext, TriggerScope } from '../../../src/rules/conditions/field.ts';
import { fieldsOf } from '../../../src/rules/conditions/fields.ts';
import type { Person, Subject, Trigger } from '../../../src/rules/conditions/subject.ts';

/* One program that declares something of everything, and members of it in a few words. */

const all = <B>(bodies: Record<string, B>): Record<string, Resource<B>> =>
  Object.fromEntries(Object.entries(bodies).map(([code, body]) => [code, { revision: 1, archived: false, body }]));

const declared = (type: FieldDeclaration['type'], values: string[] | null = null): FieldDeclaration => ({
  name: 'Field',
  type,
  values,
});
const attribute = (type: Attribute['type'], values: string[] | null = null): Attribute => ({
  name: 'Attribute',
  type,
  values,
  personal: false,
});
const tier = (scheme: string, rank: number) => ({ name: 'Tier', scheme, rank }) as Tier;
const segment = { name: 'Segment', condition: { field: 'spend', op: 'gte', value: 1 }, exit: null } as Segment;
const workshop: ActivityType = {
  name: 'Workshop',
  fields: { topic: declared('string', ['wine', 'cheese']), seats: declared('integer'), paid: declared('boolean') },
};

const tiers = {
  bronze: tier('status', 1),
  silver: tier('status', 2),
  gold: tier('status', 3),
  friend: tier('club', 1),
  insider: tier('club', 2),
};

export const configuration: Configuration = {
  ...noResources,
  policies: defaultPolicies,
  wallets: all({ points: defaultWallet, miles: defaultWallet }),
  tiers: { ...all(tiers), platinum: { revision: 1, archived: true, body: tier('status', 4) } },
  segments: all({ lapsed: segment, vip: segment, new: segment }),
  attributes: all({
    shop: attribute('string', ['lyon', 'paris', 'nice']),
    nickname: attribute('string'),
    children: attribute('integer'),
    newsletter: attribute('boolean'),
    seen_at: attribute('instant'),
    wedding: attribute('date'),
    tags: attribute('set', ['vegan', 'runner', 'reader']),
  }),
  activity_types: all({ workshop }),
  context_fields: all({ device: declared('string', ['mobile', 'desktop']), basket: declared('integer') }),
};

export const zone = 'Europe/Paris';
export const calendar = calendarOf(zone);
export const fields = fieldsOf(configuration);
/** Half past midnight on February 29th in Paris. */
export const now: Instant = parseInstant('2028-02-28T23:30:00.000Z');
export const today = calendar.dayOf(now);

export const within = (trigger: TriggerScope = 'none'): ConditionContext => ({ fields, calendar, trigger });

export const faultsOf = (input: unknown, trigger: TriggerScope = 'none') => {
  const place: ConditionPlace = { pointer: '', trigger };
  return checkCondition(input, fields, place);
};

export const totals = (parts: Partial<Totals> = {}): Totals => ({ ...noTotals, ...parts });

export const tierHeld = (code: string | null, since: Instant = now): TierHeld => ({
  tier: code,
  since,
  changes: 1,
  stay_until: null,
  qualified_since: null,
  leaves_at: null,
  manual: null,
  announced: null,
});

export const state = (parts: Partial<MemberState> = {}): MemberState => ({
  member_id: 1 as MemberId,
  external_id: 'm-1',
  status: 'active',
  enrolled_at: parseInstant('2027-01-15T12:00:00Z'),
  enrolled_on: calendar.dayOf(parts.enrolled_at ?? parseInstant('2027-01-15T12:00:00Z')),
  status_revision: 1,
  recorded_at: now,
  entries: 0,
  commands: 0,
  events: 0,
  accounts: { points: emptyAccount },
  totals: noTotals,
  first_purchase_at: null,
  last_purchase_at: null,
  day: today,
  today: noTotals,
  windows: {},
  tiers: {},
  segments: {},
  nps: null,
  reassess_at: null,
  due_at: null,
  revision: 1,
  ...parts,
});

export const person = (parts: Partial<Person> = {}): Person => ({
  profile: {},
  attributes: {},
  consents: {},
  acquisition: null,
  tags: [],
  ...parts,
});

export const subject = (
  parts: Partial<MemberState> = {},
  more: { person?: Partial<Person>; trigger?: Trigger; now?: Instant } = {},
): Subject => {
  const at = more.now ?? now;
  return {
    state: state(parts),
    person: person(more.person),
    now: at,
    today: calendar.dayOf(at),
    trigger: more.trigger ?? null,
  };
};

/** Totals over one window that began on a day. */
export const window = (name: Window, parts: Partial<Totals>, from: number | null = today): Partial<MemberState> => ({
  windows: { [name]: { ...totals(parts), from } },
});

/** What a condition answers; it must be without fault. */
export const answer = (condition: Condition, of: Subject, trigger: TriggerScope = 'none'): boolean | undefined => {
  const faults = faultsOf(condition, trigger);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return compileCondition(condition, within(trigger))(of);
};
