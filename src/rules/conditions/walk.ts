import type { Calc, Comparison, Condition, FieldReference, NumberOperand, Operand } from '../../model/condition.ts';

/** The nodes of a condition directly inside another. */
export const childrenOf = (condition: Condition): readonly Condition[] => {
  if ('all' in condition) return condition.all;
  if ('any' in condition) return condition.any;
  if ('not' in condition) return [condition.not];
  return 'lines' in condition && condition.where !== undefined ? [condition.where] : [];
};

/** Every comparison with something, in order: of fields, calculations and sums of lines. */
export const leavesOf = (condition: Condition): Condition[] => [
  ...('op' in condition ? [condition] : []),
  ...childrenOf(condition).flatMap(leavesOf),
];

const ofOperand = (operand: Operand | undefined): FieldReference[] => {
  if (typeof operand !== 'object' || Array.isArray(operand)) return [];
  const node = operand as FieldReference | Calc;
  return 'calc' in node ? node.of.flatMap((part: NumberOperand) => ofOperand(part)) : [node];
};

/** The fields one comparison reads, those of the value it compares with included. */
export const referencesOf = (leaf: Condition): FieldReference[] => {
  if (!('op' in leaf)) return [];
  const left =
    'field' in leaf ? [leaf as Comparison] : 'calc' in leaf ? leaf.of.flatMap((part) => ofOperand(part)) : [];
  return [...left, ...ofOperand(leaf.value)];
};
