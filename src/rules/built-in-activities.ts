import type { ActivityType } from '../model/activity-type.ts';
import type { Configuration } from '../model/configuration.ts';
import type { FieldDeclaration } from '../model/field-declaration.ts';
import { findResource } from './resources.ts';

const field = (name: string, type: FieldDeclaration['type']): FieldDeclaration => ({ name, type, values: null });

/** Activities every program knows, without declaring them. */
export const builtInActivities: ReadonlyMap<string, ActivityType> = new Map<string, ActivityType>([
  ['enrolment', { name: 'Enrolment', fields: {} }],
  [
    'referral',
    {
      name: 'Referral',
      fields: { side: { name: 'Whose side of the referral', type: 'string', values: ['referrer', 'friend'] } },
    },
  ],
  ['birthday', { name: 'Birthday', fields: {} }],
  ['anniversary', { name: 'Anniversary of enrolment', fields: {} }],
  ['review', { name: 'Review written', fields: { rating: field('Rating', 'integer') } }],
  ['survey', { name: 'Survey answered', fields: { nps: field('How likely to recommend, 0 to 10', 'integer') } }],
  ['visit', { name: 'Visit', fields: {} }],
  ['social_share', { name: 'Shared on a social network', fields: { network: field('Network', 'string') } }],
]);

/** Those the engine fires by itself: nobody can report them. */
export const ENGINE_ACTIVITIES: readonly string[] = ['enrolment', 'referral', 'birthday', 'anniversary'];

/** The activity type of this code, built in or declared and in force. */
export const activityTypeOf = (configuration: Configuration, code: string): ActivityType | undefined => {
  const builtIn = builtInActivities.get(code);
  if (builtIn !== undefined) return builtIn;
  const declared = findResource(configuration, 'activity_types', code);
  return declared?.archived === false ? declared.body : undefined;
};
