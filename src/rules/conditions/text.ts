import type { Calc, Condition, LinesCondition, NumberOperand, Operand, Operator } from '../../model/condition.ts';
import { fieldText } from './text-fields.ts';

/*
 * The text form of a tree: what `parseConditionText` reads gives this very tree again. The grammar stands there.
 */

const RELATIONS = { eq: '==', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=', in: 'in' } as const;

const level = (calc: Calc): number => (calc.calc === '+' || calc.calc === '-' ? 1 : 2);

const isCalc = (operand: Operand): operand is Calc => typeof operand === 'object' && 'calc' in operand;

/** Parentheses only where precedence, or reading from the left, would make another tree. */
const calcText = ({ calc, of }: Calc): string => {
  const [left, right] = of;
  const own = level({ calc, of });
  const text = (operand: NumberOperand, least: number): string =>
    isCalc(operand) && level(operand) < least ? `(${operandText(operand)})` : operandText(operand);
  return `${text(left, own)} ${calc} ${text(right, own + 1)}`;
};

const isList = (operand: Operand): operand is readonly (string | number)[] => Array.isArray(operand);

const operandText = (operand: Operand): string => {
  if (isList(operand)) return `[${operand.map(operandText).join(', ')}]`;
  if (typeof operand === 'string') return JSON.stringify(operand);
  if (typeof operand !== 'object') return String(operand);
  return isCalc(operand) ? calcText(operand) : fieldText(operand);
};

/** `receiver` is `left` as a method can be called on it. */
const comparisonText = (left: string, op: Operator, value: Operand | undefined, receiver = left): string => {
  const right = value === undefined ? '' : operandText(value);
  switch (op) {
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
    case 'in':
      return `${left} ${RELATIONS[op]} ${right}`;
    case 'has':
      return `${right} in ${left}`;
    case 'starts_with':
      return `${receiver}.startsWith(${right})`;
    case 'contains':
      return `${receiver}.contains(${right})`;
    case 'between':
      return `between(${left}, ${value !== undefined && isList(value) ? value.map(operandText).join(', ') : right})`;
    case 'exists':
      return `has(${left})`;
    case 'not_in':
    case 'within_last':
    case 'older_than':
    case 'before':
    case 'after':
    case 'anniversary_within':
    case 'has_any':
      return `${op}(${left}, ${right})`;
    default:
      return op satisfies never;
  }
};

const linesText = (condition: LinesCondition): string => {
  if (condition.lines !== 'sum')
    return `lines.${condition.lines === 'some' ? 'exists' : 'all'}(line, ${conditionText(condition.where)})`;
  const { measure, where, op, value } = condition;
  const lines = where === undefined ? 'lines' : `lines.filter(line, ${conditionText(where)})`;
  return comparisonText(`${lines}.sum(${JSON.stringify(measure)})`, op, value);
};

/** `&&` and `||` join two or more; of one, or of none, a function says so. */
const groupText = (name: 'all' | 'any', conditions: readonly Condition[]): string => {
  if (conditions.length < 2) return `${name}(${conditions.map(conditionText).join('')})`;
  const isGroup = (condition: Condition): boolean =>
    ('all' in condition && condition.all.length > 1) || ('any' in condition && condition.any.length > 1);
  return conditions
    .map((condition) => (isGroup(condition) ? `(${conditionText(condition)})` : conditionText(condition)))
    .join(name === 'all' ? ' && ' : ' || ');
};

/** A condition in its text form. */
export const conditionText = (condition: Condition): string => {
  if ('all' in condition) return groupText('all', condition.all);
  if ('any' in condition) return groupText('any', condition.any);
  if ('not' in condition) return `!(${conditionText(condition.not)})`;
  if ('lines' in condition) return linesText(condition);
  const { op, value } = condition;
  if ('field' in condition) return comparisonText(fieldText(condition), op, value);
  const left = calcText(condition);
  return comparisonText(left, op, value, `(${left})`);
};
