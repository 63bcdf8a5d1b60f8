import { Type } from 'typebox';
import { nullable, openEnum } from '../schema.ts';
import { eventSchema } from './event-schema.ts';

const code = Type.String({ description: 'The referral code.', examples: ['K7XQ2M9P'] });

export const activityEvents = {
  'activity.recorded': eventSchema(
    'A member did something other than buying. What was reported with it is not told.',
    {
      activity: nullable(Type.String({ description: 'The caller’s id of the activity.' }), {
        description: 'The caller’s id of the activity. Null: the engine noted it itself, such as a birthday.',
      }),
      activity_type: Type.String({ description: 'Code of its type.', examples: ['review'] }),
    },
    { activity: 'a-1001', activity_type: 'review' },
  ),
  'referral.enrolled': eventSchema(
    'A member enrolled with another’s referral code.',
    { referral_code: code },
    { referral_code: 'K7XQ2M9P' },
  ),
  'referral.qualified': eventSchema(
    'A referral qualified by the friend’s purchase. Told to both.',
    {
      side: openEnum(['friend', 'referrer'], 'Which side this member is.'),
      referral_code: nullable(code, { description: 'The referral code.' }),
    },
    { side: 'referrer', referral_code: 'K7XQ2M9P' },
  ),
};
