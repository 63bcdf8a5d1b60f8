import type { FieldReference } from '../../model/condition.ts';
import type { Configuration } from '../../model/configuration.ts';
import { builtInActivities } from '../built-in-activities.ts';
import { inForce } from '../resources.ts';
import type {
  ConditionContext,
  ConditionField,
  ConditionFields,
  FieldValue,
  Reader,
  TierScheme,
  TriggerScope,
} from './field.ts';
import { schemeOf, segmentField, tierFields } from './held-fields.ts';
import { memberFields } from './member-fields.ts';
import { attributeField, consentField, profileFields } from './person-fields.ts';
import type { Subject } from './subject.ts';
import { activityField, contextField, purchaseFields } from './trigger-fields.ts';

const schemesOf = (configuration: Configuration): Map<string, TierScheme> => {
  const held = Map.groupBy(Object.entries(configuration.tiers), ([, tier]) => tier.body.scheme);
  const schemes = [...held]
    .map(([scheme, tiers]): [string, TierScheme] => [
      scheme,
      {
        tiers: tiers.filter(([, tier]) => !tier.archived).map(([code]) => code),
        held: tiers.map(([code]) => code),
      },
    ])
    .filter(([, { tiers }]) => tiers.length > 0);
  return new Map(schemes.sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** Everything the conditions of a program can name. To be compiled once per revision. */
export const fieldsOf = (configuration: Configuration): ConditionFields => {
  const schemes = schemesOf(configuration);
  const segments = inForce(configuration.segments).map(([code]) => code);
  const fields = [
    ...memberFields,
    ...tierFields(schemes),
    segmentField(segments),
    ...profileFields,
    ...inForce(configuration.attributes).map(attributeField),
    ...purchaseFields,
    ...inForce(configuration.context_fields).map(contextField),
  ];
  const types = [...builtInActivities, ...inForce(configuration.activity_types)];
  const activityFields = types.map(([type, body]) => {
    const own = Object.entries(body.fields).map(([code, declaration]) => activityField(code, declaration));
    return [type, new Map(own.map((field) => [field.name, field]))] as const;
  });
  return {
    byName: new Map(fields.map((field) => [field.name, field])),
    byActivity: new Map(activityFields),
    schemes,
    wallets: inForce(configuration.wallets).map(([code]) => code),
    segments,
    activityTypes: types.map(([type]) => type),
  };
};

const ofActivity = (fields: ConditionFields, trigger: TriggerScope) =>
  typeof trigger === 'object' ? fields.byActivity.get(trigger.activity) : undefined;

/** The field of this name, whether it can be read here or not: those of activities only where one is the trigger. */
export const findField = (fields: ConditionFields, trigger: TriggerScope, name: string): ConditionField | undefined =>
  fields.byName.get(name) ?? ofActivity(fields, trigger)?.get(name) ?? consentField(name);

/** Whether a field can be read where this is the trigger, inside a condition on lines or not. */
export const canRead = (field: ConditionField, trigger: TriggerScope, inLines: boolean): boolean => {
  switch (field.subject) {
    case 'member':
      return true;
    case 'line':
      return inLines;
    case 'purchase':
      return trigger === 'purchase';
    case 'activity':
      return typeof trigger === 'object';
    case 'context':
      return trigger !== 'none';
  }
};

/** The fields that can be read where this is the trigger. */
export const fieldsAt = (fields: ConditionFields, trigger: TriggerScope, inLines: boolean): ConditionField[] =>
  [...fields.byName.values(), ...(ofActivity(fields, trigger)?.values() ?? [])].filter((field) =>
    canRead(field, trigger, inLines),
  );

/** The field a checked condition names. */
export const fieldOf = ({ fields, trigger }: ConditionContext, reference: FieldReference): ConditionField => {
  const field = findField(fields, trigger, reference.field);
  if (field === undefined) throw new Error(`the condition field ${reference.field} is not known`);
  return field;
};

/** Codes of the tiers a reference to `tier` may be compared with. */
export const tierCodes = (fields: ConditionFields, reference: FieldReference): TierScheme => {
  const scheme = schemeOf(fields.schemes, reference);
  return (scheme === undefined ? undefined : fields.schemes.get(scheme)) ?? { tiers: [], held: [] };
};

/** How the value of a reference is read. `T` is what the field's type says. */
export const readerOf = <T extends FieldValue>(
  context: ConditionContext,
  reference: FieldReference,
): Reader<Subject, T> => fieldOf(context, reference).read(reference) as Reader<Subject, T>;
