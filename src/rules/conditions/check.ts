import { type Condition, LINE_MEASURES } from '../../model/condition.ts';
import type { Fault } from '../../model/problem.ts';
import { closest, oneOf } from '../suggest.ts';
import type { Compared } from './check-literal.ts';
import { calculated, checkCalc, checkOperand, checkOperator, inside, type Place } from './check-operand.ts';
import { checkProperties, checkReference, referenceProperties } from './check-reference.ts';
import type { ConditionField, ConditionFields, TriggerScope } from './field.ts';
import { tierCodes } from './fields.ts';
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
import { calculationOperators, operatorsOf, SEARCHES } from './operators.ts';
import { quoted, shortened, whatCame } from './what-came.ts';

const LINES = ['some', 'every', 'sum'] as const;

const KINDS = ['all', 'any', 'not', 'field', 'calc', 'lines'] as const;
type Kind = (typeof KINDS)[number];

const EXPECTED = `a condition: an object with one of ${KINDS.join(', ')}`;

/** Which kind of condition an object is, by the one property that says so. */
const kindOf = (findings: Findings, node: JsonObject, pointer: string): Kind | undefined => {
  const [kind, ...others] = KINDS.filter((name) => Object.hasOwn(node, name));
  if (kind !== undefined && others.length === 0) return kind;
  if (kind !== undefined)
    return addFault(findings, pointer, 'ambiguous_condition', `${[kind, ...others].join(' and ')} in one`, EXPECTED);
  if (Object.hasOwn(node, 'text'))
    return addFault(findings, pointerTo(pointer, 'text'), 'not_applicable', 'a text inside of a tree', EXPECTED);
  const names = Object.keys(node).slice(0, 10);
  const [name, meant] = names
    .map((written) => [written, closest(shortened(written), KINDS)] as const)
    .find(([, known]) => known !== null) ?? ['', null];
  const detail = meant === null ? 'an object that is none' : `an object with ${quoted(name)}`;
  return addFault(
    findings,
    pointer,
    'not_a_condition',
    detail,
    `${EXPECTED}${meant === null ? '' : `; did you mean ${meant}?`}`,
  );
};

const checkJunction = (findings: Findings, children: unknown, kind: 'all' | 'any', place: Place): undefined => {
  const pointer = pointerTo(place.pointer, kind);
  if (!Array.isArray(children))
    return addFault(findings, pointer, 'type_mismatch', whatCame(children), 'a list of conditions');
  if (children.length === 0)
    return addFault(findings, pointer, 'wrong_length', 'an empty list', 'at least one condition');
  for (const [index, child] of children.entries()) {
    if (findings.nodes > conditionLimits.nodes) return;
    checkNode(findings, child, inside(place, kind, index));
  }
};

const comparedTo = (findings: Findings, field: ConditionField, node: JsonObject): Compared => {
  const { name, type, unit } = field;
  if (name === 'tier') {
    const scheme = property(node, 'scheme');
    const reference = { field: name, ...(typeof scheme === 'string' ? { scheme } : {}) };
    return { name, type, unit, values: tierCodes(findings.fields, reference).tiers, kind: 'tier' };
  }
  return { name, type, unit, values: field.values, kind: name === 'segments' ? 'segment' : 'value' };
};

const checkComparison = (findings: Findings, node: JsonObject, place: Place): undefined => {
  const op = property(node, 'op');
  if (typeof op === 'string' && SEARCHES.has(op)) countNodes(findings, place.pointer, conditionLimits.searchWeight - 1);
  checkProperties(findings, node, place.pointer, [...referenceProperties, 'op', 'value']);
  const checked = checkReference(findings, node, place.pointer, place.inLines);
  if (checked === undefined) return;
  const { field, reference } = checked;
  const fitting = operatorsOf[field.type];
  const operator = checkOperator(
    findings,
    `${field.name}, which is of type ${field.type}`,
    op,
    fitting,
    pointerTo(place.pointer, 'op'),
  );
  if (operator === undefined) return;
  // Tiers are those of a scheme: without it none can be called unknown.
  const compared = comparedTo(findings, field, node);
  const values = reference === undefined && field.name === 'tier' ? null : compared.values;
  checkOperand(findings, { ...compared, values }, operator, node, place);
};

const checkCalculated = (findings: Findings, compared: Compared, node: JsonObject, place: Place): undefined => {
  const op = checkOperator(
    findings,
    compared.name,
    property(node, 'op'),
    calculationOperators,
    pointerTo(place.pointer, 'op'),
  );
  if (op !== undefined) checkOperand(findings, compared, op, node, place);
};

const checkSum = (findings: Findings, node: JsonObject, place: Place): undefined => {
  checkProperties(findings, node, place.pointer, ['lines', 'measure', 'where', 'op', 'value']);
  const measure = property(node, 'measure');
  if (!(LINE_MEASURES as readonly unknown[]).includes(measure)) {
    const expected = typeof measure === 'string' ? oneOf(shortened(measure), LINE_MEASURES) : oneOf('', LINE_MEASURES);
    const code = measure === undefined ? 'required' : 'unknown_measure';
    addFault(findings, pointerTo(place.pointer, 'measure'), code, `the measure is ${whatCame(measure)}`, expected);
  }
  checkCalculated(findings, calculated('the sum', measure === 'spend' ? 'minor_units' : 'count'), node, place);
};

const checkLines = (findings: Findings, node: JsonObject, place: Place): undefined => {
  const { trigger } = findings;
  const lines = property(node, 'lines');
  const pointer = pointerTo(place.pointer, 'lines');
  if (place.inLines)
    return addFault(findings, pointer, 'not_applicable', 'lines of a line', 'no lines inside of where');
  if (trigger !== 'purchase')
    return addFault(
      findings,
      pointer,
      'not_readable_here',
      'there is no purchase here',
      'lines only where a purchase is the trigger',
    );
  if (lines !== 'some' && lines !== 'every' && lines !== 'sum')
    return addFault(
      findings,
      pointer,
      'unknown_value',
      `lines is ${whatCame(lines)}`,
      oneOf(typeof lines === 'string' ? shortened(lines) : '', LINES),
    );
  if (lines === 'sum') checkSum(findings, node, place);
  else checkProperties(findings, node, place.pointer, ['lines', 'where']);
  if (lines === 'sum' && !Object.hasOwn(node, 'where')) return;
  checkNode(findings, property(node, 'where'), { ...inside(place, 'where'), inLines: true });
};

const checkNode = (findings: Findings, node: unknown, place: Place): undefined => {
  const { pointer, depth } = place;
  if (!countNodes(findings, pointer, 1) || !isReachable(findings, pointer, depth)) return;
  if (!isObject(node))
    return addFault(findings, pointer, node === undefined ? 'required' : 'type_mismatch', whatCame(node), EXPECTED);
  const kind = kindOf(findings, node, pointer);
  switch (kind) {
    case 'all':
    case 'any':
      checkProperties(findings, node, pointer, [kind]);
      return checkJunction(findings, node[kind], kind, place);
    case 'not':
      checkProperties(findings, node, pointer, [kind]);
      return checkNode(findings, node['not'], inside(place, 'not'));
    case 'field':
      return checkComparison(findings, node, place);
    case 'calc':
      checkProperties(findings, node, pointer, ['calc', 'of', 'op', 'value']);
      checkCalc(findings, node, place);
      return checkCalculated(findings, calculated('the calculation', null), node, place);
    case 'lines':
      return checkLines(findings, node, place);
    case undefined:
      return;
  }
};

/** Where a condition stands: its pointer, and what sets the rule off that it governs. */
export interface ConditionPlace {
  readonly pointer: string;
  readonly trigger: TriggerScope;
}

/**
 * Everything that is wrong with what should be a condition, up to 50 faults, each at its place in the tree. Takes any
 * JSON; never throws. Without a fault, the input is a `Condition`.
 */
export const checkCondition = (input: unknown, fields: ConditionFields, place: ConditionPlace): Fault[] =>
  examineCondition(input, fields, place).faults;

/** The same, with what the condition weighs: its nodes, searches in texts counting more. */
export const examineCondition = (
  input: unknown,
  fields: ConditionFields,
  place: ConditionPlace,
): { readonly faults: Fault[]; readonly weight: number } => {
  const findings: Findings = { fields, trigger: place.trigger, faults: [], nodes: 0 };
  checkNode(findings, input, { pointer: place.pointer, depth: 1, inLines: false });
  return { faults: findings.faults, weight: findings.nodes };
};

/** Whether an input is a condition: for callers that have the faults already. */
export const isCondition = (input: unknown, faults: readonly Fault[]): input is Condition =>
  faults.length === 0 && isObject(input);
