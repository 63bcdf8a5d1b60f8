import type { FieldReference } from '../../model/condition.ts';
import type { Totals } from '../../model/member-state.ts';
import type { Calendar } from '../calendar.ts';
import type { Subject, TriggerLine } from './subject.ts';

export type FieldType = 'string' | 'integer' | 'boolean' | 'instant' | 'date' | 'set';
export type Unit = 'minor_units' | 'points' | 'count' | 'days' | 'score';
export type Parameter = 'window' | 'wallet' | 'scheme' | 'activity';

/** Instants are milliseconds and dates epoch days. */
export type FieldValue = string | number | boolean | readonly string[];

/** Reads a value of something, undefined where it is absent. The line is there inside `where`. */
export type Reader<S, T> = (of: S, line?: TriggerLine) => T | undefined;

/** What a condition can read: how it is called, what it holds, and where its value stands. */
export interface ConditionField {
  readonly name: string;
  readonly type: FieldType;
  readonly unit: Unit | null;
  /** Of what it tells: trigger fields can only be read where there is such a trigger, those of a line inside `where`. */
  readonly subject: 'member' | 'purchase' | 'activity' | 'context' | 'line';
  /** Whether the value may be absent. */
  readonly nullable: boolean;
  /** The allowed values; null: any. With `tier` those of every scheme, see `tierCodes`. */
  readonly values: readonly string[] | null;
  readonly parameters: readonly Parameter[];
  readonly description: string;
  /** Whether it reads what is kept about the person, which is loaded apart from the state. */
  readonly personal: boolean;
  readonly read: (reference: FieldReference) => Reader<Subject, FieldValue>;
  /** With sets: whether an element is in it, where that is quicker than making a list. */
  readonly has?: (element: string) => (subject: Subject) => boolean;
  /** With a window: the value out of the totals over it. */
  readonly ofTotals?: (reference: FieldReference) => (totals: Totals) => number | undefined;
}

/** What sets the rule off that a condition stands in: of segments and tiers nothing, of earn rules a purchase or activity. */
export type TriggerScope = 'none' | 'purchase' | { readonly activity: string };

export interface TierScheme {
  /** Codes of the tiers in force. */
  readonly tiers: readonly string[];
  /** Those and the archived: members may still hold one until they are evaluated again. */
  readonly held: readonly string[];
}

/** Everything conditions of a program can name, compiled once per revision. */
export interface ConditionFields {
  /** All but those of activities, which depend on the type, and `consents.…`, whose purposes are not declared. */
  readonly byName: ReadonlyMap<string, ConditionField>;
  readonly byActivity: ReadonlyMap<string, ReadonlyMap<string, ConditionField>>;
  readonly schemes: ReadonlyMap<string, TierScheme>;
  readonly wallets: readonly string[];
  readonly segments: readonly string[];
  readonly activityTypes: readonly string[];
}

/** What a condition is compiled in. */
export interface ConditionContext {
  readonly fields: ConditionFields;
  readonly calendar: Calendar;
  readonly trigger: TriggerScope;
}
