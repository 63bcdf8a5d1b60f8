import type { FieldDeclaration } from '../../model/field-declaration.ts';
import type { ConditionField, FieldValue, Unit } from './field.ts';
import { memberField } from './member-fields.ts';
import { asType } from './person-fields.ts';
import type { Trigger, TriggerLine } from './subject.ts';

type Purchase = Extract<Trigger, { kind: 'purchase' }>;

const purchaseField = (
  name: string,
  unit: Unit | null,
  description: string,
  value: (purchase: Purchase) => string | number | null,
): ConditionField => ({
  ...memberField,
  name: `purchase.${name}`,
  type: unit === null ? 'string' : 'integer',
  unit,
  subject: 'purchase',
  nullable: unit === null,
  description,
  read:
    () =>
    ({ trigger }) =>
      trigger?.kind === 'purchase' ? (value(trigger) ?? undefined) : undefined,
});

const lineField = (
  name: string,
  type: 'string' | 'integer' | 'set',
  unit: Unit | null,
  description: string,
  value: (line: TriggerLine) => FieldValue,
): ConditionField => ({
  ...memberField,
  name: `line.${name}`,
  type,
  unit,
  subject: 'line',
  description,
  read: () => (_subject, line) => {
    if (line === undefined) throw new Error(`line.${name} is read outside of a condition on lines`);
    return value(line);
  },
});

export const purchaseFields: readonly ConditionField[] = [
  purchaseField('spend', 'minor_units', 'What of the purchase counts as spend.', (purchase) => purchase.spend),
  purchaseField('total', 'minor_units', 'What is paid.', (purchase) => purchase.total),
  purchaseField('discount', 'minor_units', 'Discounts on the purchase.', (purchase) => purchase.discount),
  purchaseField('shipping', 'minor_units', 'Shipping.', (purchase) => purchase.shipping),
  purchaseField('number', 'count', 'Which of the member’s purchases it is, from 1.', (purchase) => purchase.number),
  purchaseField('channel', null, 'By which channel the purchase was made.', (purchase) => purchase.channel),
  purchaseField('store', null, 'In which shop the purchase was made.', (purchase) => purchase.store),
  lineField('sku', 'string', null, 'Stock keeping unit of the line.', (line) => line.sku),
  lineField('categories', 'set', null, 'Categories of the line.', (line) => line.categories),
  lineField('quantity', 'integer', 'count', 'Quantity of the line.', (line) => line.quantity),
  lineField('unit_price', 'integer', 'minor_units', 'Price of one.', (line) => line.unit_price),
  lineField('spend', 'integer', 'minor_units', 'What of the line counts as spend.', (line) => line.spend),
];

const declared = { ...memberField, nullable: true } as const;

export const activityField = (code: string, declaration: FieldDeclaration): ConditionField => ({
  ...declared,
  name: `activity.${code}`,
  type: declaration.type,
  subject: 'activity',
  values: declaration.values,
  description: declaration.name,
  read:
    () =>
    ({ trigger }) =>
      trigger?.kind === 'activity' ? asType(declaration.type, trigger.fields[code]) : undefined,
});

export const contextField = ([code, declaration]: readonly [string, FieldDeclaration]): ConditionField => ({
  ...declared,
  name: `context.${code}`,
  type: declaration.type,
  subject: 'context',
  values: declaration.values,
  description: declaration.name,
  read:
    () =>
    ({ trigger }) =>
      trigger === null ? undefined : asType(declaration.type, trigger.context[code]),
});
