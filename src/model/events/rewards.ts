import { Type } from 'typebox';
import { nullable } from '../schema.ts';
import { eventSchema, instantOrNull, points, purchase, redemption, reward } from './event-schema.ts';

const voucher = Type.String({ description: 'Id of the voucher.', examples: ['vou_2s_7'] });
const rule = nullable(Type.String({ description: 'Code of the earn rule.' }), {
  description: 'Code of the earn rule that granted it. Null: a person did.',
});
const ended = { voucher, reward };
const endedExample = { voucher: 'vou_2s_7', reward: 'free-coffee' };

export const rewardEvents = {
  'reward.granted': eventSchema(
    'A member was granted a reward.',
    { reward, rule, expires_at: instantOrNull('Until when it can be redeemed. Null: no end.') },
    { reward: 'free-coffee', rule: 'birthday-coffee', expires_at: '2026-04-30T22:00:00.000Z' },
  ),
  'reward.revoked': eventSchema(
    'A grant was taken back.',
    { entitlement: Type.String({ description: 'Id of the entitlement.', examples: ['ett_2s_6'] }), reward, rule },
    { entitlement: 'ett_2s_6', reward: 'free-coffee', rule: null },
  ),
  'reward.redeemed': eventSchema(
    'A reward was redeemed.',
    { reward, redemption, points },
    { reward: 'free-coffee', redemption: 'r-2026-0001', points: 120 },
  ),
  'voucher.issued': eventSchema(
    'A voucher was issued. Its code is not told: read the voucher.',
    { voucher, reward, redemption, expires_at: instantOrNull('When it lapses. Null: never.') },
    { voucher: 'vou_2s_7', reward: 'free-coffee', redemption: 'r-2026-0001', expires_at: null },
  ),
  'voucher.used': eventSchema(
    'A voucher was used.',
    { ...ended, purchase: Type.Optional(purchase) },
    { ...endedExample, purchase: 'o-1001' },
  ),
  'voucher.lapsed': eventSchema('A voucher lapsed.', ended, endedExample),
  'voucher.cancelled': eventSchema('A voucher was cancelled.', ended, endedExample),
};
