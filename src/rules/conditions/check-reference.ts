import { type FieldReference, WINDOWS } from '../../model/condition.ts';
import { closest, oneOf } from '../suggest.ts';
import type { ConditionField, Parameter } from './field.ts';
import { canRead, fieldsAt, findField } from './fields.ts';
import { addFault, type Findings, type JsonObject, pointerTo, property } from './findings.ts';
import { schemeOf } from './held-fields.ts';
import { quoted, shortened, whatCame } from './what-came.ts';

const PARAMETERS: readonly Parameter[] = ['window', 'wallet', 'scheme', 'activity'];

const titles: Readonly<Record<Parameter, string>> = {
  window: 'window',
  wallet: 'wallet',
  scheme: 'tier scheme',
  activity: 'activity type',
};

const knownOf = (parameter: Parameter, { fields }: Findings): readonly string[] => {
  switch (parameter) {
    case 'window':
      return WINDOWS;
    case 'wallet':
      return fields.wallets;
    case 'scheme':
      return [...fields.schemes.keys()];
    case 'activity':
      return fields.activityTypes;
  }
};

/** Properties that are not among those a node of this kind has. */
export const checkProperties = (
  findings: Findings,
  object: JsonObject,
  pointer: string,
  known: readonly string[],
): undefined => {
  // A few are enough: a megabyte of them is one mistake.
  const unknown = Object.keys(object).filter((name) => !known.includes(name));
  for (const name of unknown.slice(0, 5)) {
    const detail = `unknown property ${quoted(name)}`;
    addFault(findings, pointerTo(pointer, shortened(name)), 'unknown_property', detail, oneOf(shortened(name), known));
  }
};

const describeParameters = ({ name, parameters }: ConditionField): string =>
  parameters.length === 0 ? `${name} alone` : `${name} with ${parameters.join(' or ')}`;

/** A parameter as it was given, or as it is when absent. Undefined where it is at fault. */
const checkParameter = (
  findings: Findings,
  field: ConditionField,
  parameter: Parameter,
  value: unknown,
  pointer: string,
): boolean => {
  if (!field.parameters.includes(parameter)) {
    addFault(findings, pointer, 'not_applicable', `${field.name} takes no ${parameter}`, describeParameters(field));
    return false;
  }
  const known = knownOf(parameter, findings);
  if (typeof value !== 'string') {
    addFault(
      findings,
      pointer,
      'type_mismatch',
      `${parameter} is a string, this is ${whatCame(value)}`,
      `a ${titles[parameter]}`,
    );
    return false;
  }
  if (known.includes(value)) return true;
  const expected = known.length === 0 ? `a declared ${titles[parameter]}` : oneOf(shortened(value), known);
  const code = parameter === 'activity' ? 'unknown_activity_type' : `unknown_${parameter}`;
  addFault(findings, pointer, code, `unknown ${titles[parameter]} ${quoted(value)}`, expected);
  return false;
};

/** What must be said, or must be there to be meant when nothing is said. */
const checkAbsent = (findings: Findings, field: ConditionField, parameter: Parameter, pointer: string): boolean => {
  if (!field.parameters.includes(parameter)) return true;
  const { fields } = findings;
  const known = knownOf(parameter, findings);
  const listed = known.length === 0 ? `a declared ${titles[parameter]}` : oneOf('', known);
  switch (parameter) {
    case 'window':
      return true;
    case 'activity':
      addFault(findings, pointerTo(pointer, 'activity'), 'required', `${field.name} of which type is not said`, listed);
      return false;
    case 'wallet':
      if (known.includes('points')) return true;
      addFault(findings, pointerTo(pointer, 'wallet'), 'required', 'there is no wallet points', listed);
      return false;
    case 'scheme': {
      if (schemeOf(fields.schemes, { field: field.name }) !== undefined) return true;
      const code = known.length === 0 ? 'unknown_scheme' : 'ambiguous_scheme';
      const detail = known.length === 0 ? 'there is no tier' : 'there are several tier schemes';
      addFault(findings, pointerTo(pointer, 'scheme'), code, detail, listed);
      return false;
    }
  }
};

const unreadable = ({ subject, name }: ConditionField): string => {
  switch (subject) {
    case 'line':
      return `${name} is of a line`;
    case 'activity':
      return `${name} is of an activity`;
    default:
      return `${name} is of a purchase${subject === 'context' ? ' or an activity' : ''}`;
  }
};

const checkName = (
  findings: Findings,
  name: unknown,
  pointer: string,
  inLines: boolean,
): ConditionField | undefined => {
  const { fields, trigger } = findings;
  if (typeof name !== 'string')
    return addFault(
      findings,
      pointer,
      'type_mismatch',
      `field is a string, this is ${whatCame(name)}`,
      'a condition field',
    );
  const field = findField(fields, trigger, name);
  if (field !== undefined && canRead(field, trigger, inLines)) return field;
  const names = fieldsAt(fields, trigger, inLines).map((known) => known.name);
  if (field !== undefined) {
    const expected =
      field.subject === 'line' && trigger === 'purchase' ? 'a field outside of where' : 'a field that can be read here';
    return addFault(findings, pointer, 'not_readable_here', `${unreadable(field)} and cannot be read here`, expected);
  }
  const short = shortened(name);
  const meant = closest(short, names);
  const expected = meant === null ? 'a condition field' : `a condition field; did you mean ${meant}?`;
  return addFault(findings, pointer, 'unknown_field', `unknown field ${quoted(name)}`, expected);
};

export interface CheckedReference {
  readonly field: ConditionField;
  /** Undefined where a parameter is at fault. */
  readonly reference: FieldReference | undefined;
}

/** The field a node names, with its parameters. Undefined where there is no such field. */
export const checkReference = (
  findings: Findings,
  node: JsonObject,
  pointer: string,
  inLines: boolean,
): CheckedReference | undefined => {
  const field = checkName(findings, property(node, 'field'), pointerTo(pointer, 'field'), inLines);
  if (field === undefined) return undefined;
  const right = PARAMETERS.map((parameter) =>
    Object.hasOwn(node, parameter)
      ? checkParameter(findings, field, parameter, node[parameter], pointerTo(pointer, parameter))
      : checkAbsent(findings, field, parameter, pointer),
  );
  return { field, reference: right.every(Boolean) ? (node as unknown as FieldReference) : undefined };
};

export const referenceProperties: readonly string[] = ['field', ...PARAMETERS];
