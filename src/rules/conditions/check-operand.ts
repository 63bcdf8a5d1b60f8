import { CALCULATIONS, type Calculation, OPERATORS, type Operator } from '../../model/condition.ts';
import { oneOf } from '../suggest.ts';
import { calculate } from './calculate.ts';
import { type Compared, checkInteger, checkLiteral, mismatch } from './check-literal.ts';
import { checkProperties, checkReference, referenceProperties } from './check-reference.ts';
import {
  addFault,
  conditionLimits,
  countNodes,
  type Findings,
  isObject,
  isReachable,
  type JsonObject,
  pointerTo,
  property,
} from './findings.ts';
import { quoted, shortened, whatCame } from './what-came.ts';

const LISTS: ReadonlySet<string> = new Set(['in', 'not_in', 'has_any', 'between']);

/** A place in the tree, with how deep it is and whether it is inside a condition on lines. */
export interface Place {
  readonly pointer: string;
  readonly depth: number;
  readonly inLines: boolean;
}

export const inside = (place: Place, ...names: readonly (string | number)[]): Place => ({
  pointer: names.reduce<string>(pointerTo, place.pointer),
  depth: place.depth + 1,
  inLines: place.inLines,
});

/** The operator of a comparison, one of those that fit. */
export const checkOperator = (
  findings: Findings,
  name: string,
  op: unknown,
  fitting: readonly Operator[],
  pointer: string,
): Operator | undefined => {
  const expected = `one of ${fitting.join(', ')}`;
  if (typeof op !== 'string')
    return addFault(
      findings,
      pointer,
      op === undefined ? 'required' : 'type_mismatch',
      `op is a string, this is ${whatCame(op)}`,
      expected,
    );
  const known = fitting.find((fit) => fit === op);
  if (known !== undefined) return known;
  return (OPERATORS as readonly string[]).includes(op)
    ? addFault(findings, pointer, 'operator_not_applicable', `${op} does not compare ${name}`, expected)
    : addFault(findings, pointer, 'unknown_operator', `unknown operator ${quoted(op)}`, oneOf(shortened(op), fitting));
};

const number: Omit<Compared, 'name' | 'unit'> = { type: 'integer', values: null, kind: 'value' };

/**
 * What is compared with, or calculated from, where a number is expected: a field or a calculation. Gives what the
 * calculation comes to where that does not depend on the member.
 */
const checkNumberNode = (findings: Findings, node: JsonObject, place: Place): number | undefined => {
  if (!isReachable(findings, place.pointer, place.depth) || !countNodes(findings, place.pointer, 1)) return undefined;
  if (Object.hasOwn(node, 'calc')) {
    checkProperties(findings, node, place.pointer, ['calc', 'of']);
    return checkCalc(findings, node, place);
  }
  if (!Object.hasOwn(node, 'field'))
    return addFault(
      findings,
      place.pointer,
      'type_mismatch',
      'an object without field or calc',
      'a number, a field or a calculation',
    );
  checkProperties(findings, node, place.pointer, referenceProperties);
  const checked = checkReference(findings, node, place.pointer, place.inLines);
  if (checked === undefined || checked.field.type === 'integer') return undefined;
  const { name, type } = checked.field;
  return addFault(
    findings,
    pointerTo(place.pointer, 'field'),
    'type_mismatch',
    `${name} is of type ${type}`,
    'a field of type integer',
  );
};

/** What numbers alone come to. Where that is nothing, the comparison would be unknown for everybody. */
const checkConstant = (
  findings: Findings,
  calc: Calculation,
  [left, right]: readonly (number | undefined)[],
  { pointer }: Place,
): number | undefined => {
  if (calc === '/' && right === 0)
    return addFault(findings, `${pointer}/of/1`, 'division_by_zero', 'divided by 0', 'another number than 0');
  if (left === undefined || right === undefined) return undefined;
  const result = calculate(calc, left, right);
  const expected = `a result within ±${Number.MAX_SAFE_INTEGER}`;
  return (
    result ??
    addFault(findings, pointer, 'out_of_range', `${left} ${calc} ${right} is beyond what is counted`, expected)
  );
};

/** The operation and the two numbers of a calculation. Gives what it comes to where that does not depend on the member. */
export const checkCalc = (findings: Findings, node: JsonObject, place: Place): number | undefined => {
  const [calc, of] = [property(node, 'calc'), property(node, 'of')];
  const known = CALCULATIONS.find((calculation) => calculation === calc);
  if (known === undefined)
    addFault(
      findings,
      pointerTo(place.pointer, 'calc'),
      'unknown_calculation',
      whatCame(calc),
      `one of ${CALCULATIONS.join(' ')}`,
    );
  if (!Array.isArray(of) || of.length !== 2)
    return addFault(
      findings,
      pointerTo(place.pointer, 'of'),
      of === undefined ? 'required' : 'type_mismatch',
      whatCame(of),
      'a list of two numbers, fields or calculations',
    );
  const operands = of.map((operand: unknown, index) => {
    const at = inside(place, 'of', index);
    if (isObject(operand)) return checkNumberNode(findings, operand, at);
    checkInteger(findings, { ...number, name: 'the operand', unit: null }, operand, at.pointer);
    return typeof operand === 'number' && Number.isSafeInteger(operand) ? operand : undefined;
  });
  return known === undefined ? undefined : checkConstant(findings, known, operands, place);
};

const checkList = (
  findings: Findings,
  compared: Compared,
  op: Operator,
  value: unknown,
  pointer: string,
): undefined => {
  const expected = op === 'between' ? 'a list of two integers' : `a list of values of ${compared.name}`;
  if (!Array.isArray(value)) return mismatch(findings, compared, value, pointer, expected);
  const length = `a list of ${value.length}`;
  if (op === 'between' ? value.length !== 2 : value.length === 0)
    return addFault(findings, pointer, 'wrong_length', length, op === 'between' ? expected : 'at least one value');
  if (value.length > conditionLimits.listValues)
    return addFault(findings, pointer, 'too_many_values', length, `at most ${conditionLimits.listValues} values`);
  for (const [index, item] of value.entries()) checkLiteral(findings, compared, op, item, pointerTo(pointer, index));
  if (op === 'between' && value[0] > value[1])
    addFault(
      findings,
      pointer,
      'wrong_order',
      `${whatCame(value[0])} before ${whatCame(value[1])}`,
      'the smaller number first',
    );
};

/** What a comparison compares with. */
export const checkOperand = (
  findings: Findings,
  compared: Compared,
  op: Operator,
  node: JsonObject,
  place: Place,
): undefined => {
  const value = property(node, 'value');
  const at = inside(place, 'value');
  if (op === 'exists') {
    if (value !== undefined) addFault(findings, at.pointer, 'not_applicable', 'exists takes no value', 'no value');
    return;
  }
  if (LISTS.has(op)) return checkList(findings, compared, op, value, at.pointer);
  if (compared.type === 'integer' && isObject(value)) {
    checkNumberNode(findings, value, at);
    return;
  }
  checkLiteral(findings, compared, op, value, at.pointer);
};

/** Comparisons of what is calculated have no field to be called by. */
export const calculated = (name: string, unit: Compared['unit']): Compared => ({ ...number, name, unit });
