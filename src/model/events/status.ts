import { Type } from 'typebox';
import { InstantText } from '../instant.ts';
import { nullable } from '../schema.ts';
import { backfill, eventSchema, instantOrNull } from './event-schema.ts';

const scheme = Type.String({ description: 'Code of the tier scheme.', examples: ['main'] });
const tier = Type.String({ description: 'Code of the tier.', examples: ['silver'] });
const tierOrNull = (description: string) => nullable(tier, { description });
const changed = {
  scheme,
  from: tierOrNull('The tier before. Null: none.'),
  to: tierOrNull('The tier now. Null: none.'),
  stay_until: instantOrNull('Until when it is kept at least. Null: nothing keeps it for a time.'),
  backfill,
};
const segment = { segment: Type.String({ description: 'Code of the segment.', examples: ['win-back'] }), backfill };
const segmentExample = { segment: 'win-back' };

export const statusEvents = {
  'tier.upgraded': eventSchema('A member rose to a tier.', changed, {
    scheme: 'main',
    from: null,
    to: 'silver',
    stay_until: '2027-12-31T23:00:00.000Z',
  }),
  'tier.downgraded': eventSchema('A member fell to a tier, or to none.', changed, {
    scheme: 'main',
    from: 'silver',
    to: null,
    stay_until: null,
  }),
  'tier.expiring': eventSchema(
    'A tier will be left unless the member qualifies again: grace has begun.',
    { scheme, tier: tierOrNull('The tier held.'), leaves_at: InstantText('When it is left.') },
    { scheme: 'main', tier: 'silver', leaves_at: '2027-01-31T23:00:00.000Z' },
  ),
  'tier.set': eventSchema(
    'A person set a tier, or lifted what was set.',
    {
      scheme,
      tier: tierOrNull('The tier that was set. Null: what was set is lifted.'),
      until: instantOrNull('Until when. Null: for good, or lifted.'),
    },
    { scheme: 'main', tier: 'gold', until: '2027-12-31T23:00:00.000Z' },
  ),
  'segment.entered': eventSchema('A member entered a segment.', segment, segmentExample),
  'segment.left': eventSchema('A member left a segment.', segment, segmentExample),
};
