import { type Comparison, WINDOWS } from '../model/condition.ts';
import type { ConditionFieldList, ConditionFieldView } from '../model/condition-field.ts';
import type { ConditionField, ConditionFields, Parameter, TriggerScope } from './conditions/field.ts';
import { fieldsAt } from './conditions/fields.ts';
import { schemeOf } from './conditions/held-fields.ts';
import { operatorsOf } from './conditions/operators.ts';
import { consentField } from './conditions/person-fields.ts';
import { conditionText } from './conditions/text.ts';

/* The fields of conditions as a form builder is told of them. */

/** Stands for the purpose of a consent: those are not declared. */
const ANY_CONSENT = 'consents.{purpose}';
const CONSENT = 'consents.newsletter';

const valuesOf = (parameter: Parameter, fields: ConditionFields): readonly string[] => {
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

const isRequired = (parameter: Parameter, fields: ConditionFields): boolean => {
  switch (parameter) {
    case 'window':
      return false;
    case 'wallet':
      return !fields.wallets.includes('points');
    case 'scheme':
      return schemeOf(fields.schemes, { field: 'tier' }) === undefined;
    case 'activity':
      return true;
  }
};

const parametersOf = (field: ConditionField, fields: ConditionFields): ConditionFieldView['parameters'] =>
  field.parameters.map((name) => ({
    name,
    values: [...valuesOf(name, fields)],
    required: isRequired(name, fields),
  }));

const comparisonOf = ({ type, values }: ConditionField): Pick<Comparison, 'op' | 'value'> => {
  switch (type) {
    case 'string':
      return { op: 'eq', value: values?.[0] ?? 'text' };
    case 'integer':
      return { op: 'gte', value: 1 };
    case 'boolean':
      return { op: 'eq', value: true };
    case 'instant':
      return { op: 'within_last', value: '30d' };
    case 'date':
      return { op: 'anniversary_within', value: '7d' };
    case 'set':
      return { op: 'has', value: values?.[0] ?? 'text' };
  }
};

const viewOf = (field: ConditionField, fields: ConditionFields): ConditionFieldView => {
  const parameters = parametersOf(field, fields);
  const said = parameters.filter(({ required }) => required).map(({ name, values }) => [name, values[0] ?? '']);
  return {
    name: field.name === CONSENT ? ANY_CONSENT : field.name,
    type: field.type,
    unit: field.unit,
    subject: field.subject,
    description: field.description,
    may_be_absent: field.nullable,
    operators: [...operatorsOf[field.type]],
    values: field.values === null ? null : [...field.values],
    parameters,
    example: conditionText({ field: field.name, ...Object.fromEntries(said), ...comparisonOf(field) }),
  };
};

/** What cannot be compared with anything yet: tiers of no scheme, segments of none. */
const isEmpty = ({ name, values }: ConditionField, fields: ConditionFields): boolean =>
  name === 'tier_since' ? fields.schemes.size === 0 : (name === 'tier' || name === 'segments') && values?.length === 0;

/** The fields a condition can read where this is the trigger, those of lines included where there are lines. */
export const conditionFieldViews = (fields: ConditionFields, trigger: TriggerScope): ConditionFieldList => {
  const lines = trigger === 'purchase';
  const consent = consentField(CONSENT);
  const found = [...fieldsAt(fields, trigger, lines), ...(consent === undefined ? [] : [consent])];
  return {
    data: found.filter((field) => !isEmpty(field, fields)).map((field) => viewOf(field, fields)),
    schemes: [...fields.schemes].map(([scheme, { tiers }]) => ({ scheme, tiers: [...tiers] })),
    lines,
  };
};
