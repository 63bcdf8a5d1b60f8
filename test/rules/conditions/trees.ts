import fc from 'fast-check';
import {
  CALCULATIONS,
  type Condition,
  type FieldReference,
  LINE_MEASURES,
  type NumberOperand,
  type Operand,
  WINDOWS,
} from '../../../src/model/condition.ts';

/*
 * Trees of any form the language knows, whether or not a program has such fields.
 */

const code = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/),
  fc.constantFrom('true', 'in', 'null', 'contains', 'startsWith', 'sum', 'line', 'calendar_year', 'a.b', 'x"y', ''),
);
const window = fc.constantFrom(...WINDOWS);
const plain = fc.constantFrom(
  'spend',
  'purchases',
  'tier',
  'segments',
  'activities',
  'tier_since',
  'earned_points',
  'in_x',
);
const ofMember = fc
  .tuple(fc.constantFrom('attributes', 'consents', 'context', 'activity', 'line'), code)
  .map((parts) => parts.join('.'));
const parameters = fc.record({ window, wallet: code, scheme: code, activity: code }, { requiredKeys: [] });

export const fieldReference: fc.Arbitrary<FieldReference> = fc
  .tuple(fc.oneof(plain, plain, ofMember), fc.oneof(fc.constant({}), parameters))
  .map(([field, given]) => ({ field, ...given }));

const integer = fc.oneof(fc.integer(), fc.maxSafeInteger());
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('gold', '90d', '\ud800', '\u2028\0'));

const { number } = fc.letrec<{ number: NumberOperand }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    integer,
    fieldReference,
    fc.record({ calc: fc.constantFrom(...CALCULATIONS), of: fc.tuple(tie('number'), tie('number')) }),
  ),
}));

const left = fc.oneof(
  { weight: 4, arbitrary: fieldReference },
  { weight: 1, arbitrary: fc.record({ calc: fc.constantFrom(...CALCULATIONS), of: fc.tuple(number, number) }) },
);
const literals = fc.array(fc.oneof(text, integer), { maxLength: 4 });
const operand: fc.Arbitrary<Operand> = fc.oneof(text, fc.boolean(), number, literals);

const compared = fc.oneof(
  fc.record({ op: fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte'), value: operand }),
  fc.record({ op: fc.constantFrom('in'), value: literals }),
  fc.record({ op: fc.constantFrom('between'), value: fc.tuple(fc.oneof(text, integer), fc.oneof(text, integer)) }),
  fc.record({
    op: fc.constantFrom(
      'not_in',
      'starts_with',
      'contains',
      'within_last',
      'older_than',
      'before',
      'after',
      'anniversary_within',
      'has_any',
    ),
    value: operand,
  }),
);
const onField = fc
  .tuple(
    fieldReference,
    fc.oneof(
      fc.constant({ op: 'exists' }),
      fc.record({ op: fc.constant('has'), value: fc.oneof(text, fc.boolean(), integer) }),
    ),
  )
  .map((parts) => Object.assign({}, ...parts) as Condition);
const onAny = fc.tuple(left, compared).map((parts) => Object.assign({}, ...parts) as Condition);

const any = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 9, depthSize: 'medium', withCrossShrink: true },
    onAny,
    onField,
    fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ not: tie('tree') }),
    fc.record({ lines: fc.constantFrom('some', 'every'), where: tie('tree') }),
    fc
      .tuple(
        fc.record(
          { lines: fc.constant('sum'), measure: fc.constantFrom(...LINE_MEASURES), where: tie('tree') },
          { requiredKeys: ['lines', 'measure'] },
        ),
        compared,
      )
      .map((parts) => Object.assign({}, ...parts) as Condition),
  ),
}));

/** At most ten levels. Cloned: generated objects have no prototype, those that are read have one. */
export const tree = any.tree.map((condition) => structuredClone(condition));
