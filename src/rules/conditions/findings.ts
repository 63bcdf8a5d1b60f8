import type { Fault } from '../../model/problem.ts';
import type { ConditionFields, TriggerScope } from './field.ts';

/** Conditions are bounded, so that the worst of them is evaluated in a millisecond. */
export const conditionLimits = {
  nodes: 200,
  /** What a search in a text counts as. */
  searchWeight: 10,
  depth: 10,
  listValues: 500,
  textLength: 256,
  searchLength: 64,
} as const;

/** Faults named at most. */
const FAULTS_MAX = 50;

/** What a check has found so far, and what it checks against. */
export interface Findings {
  readonly fields: ConditionFields;
  readonly trigger: TriggerScope;
  readonly faults: Fault[];
  /** Nodes so far. */
  nodes: number;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A property of its own: what every object inherits was not sent. */
export const property = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

export const addFault = (
  findings: Findings,
  pointer: string,
  code: string,
  detail: string,
  expected: string,
): undefined => {
  if (findings.faults.length < FAULTS_MAX) findings.faults.push({ pointer, code, detail, expected });
  return undefined;
};

/** Counts nodes; false where there are too many, which is told once. Nothing behind is looked at then. */
export const countNodes = (findings: Findings, pointer: string, count: number): boolean => {
  if (findings.nodes > conditionLimits.nodes) return false;
  findings.nodes += count;
  if (findings.nodes <= conditionLimits.nodes) return true;
  const expected = `at most ${conditionLimits.nodes}, starts_with and contains counting as ${conditionLimits.searchWeight}`;
  addFault(findings, pointer, 'too_many_nodes', `more than ${conditionLimits.nodes} nodes up to here`, expected);
  return false;
};

/** Whether a place is not too deep. What is deeper is not looked at. */
export const isReachable = (findings: Findings, pointer: string, depth: number): boolean => {
  if (depth <= conditionLimits.depth) return true;
  addFault(findings, pointer, 'too_deep', `nested ${depth} deep`, `at most ${conditionLimits.depth} deep`);
  return false;
};

export const pointerTo = (pointer: string, name: string | number): string =>
  `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
