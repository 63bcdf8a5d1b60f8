import { Type } from 'typebox';
import { InstantText } from '../instant.ts';
import { nullable, openEnum } from '../schema.ts';
import { backfill, eventSchema, instantOrNull } from './event-schema.ts';

const merge = Type.String({ description: 'Id of the merge.', examples: ['mrg_2s_4'] });
const side = openEnum(['source', 'survivor'], 'Whether this member is the one who was merged, or the one who stays.');

export const memberEvents = {
  'member.enrolled': eventSchema('A person was enrolled.', { backfill }, {}),
  'member.updated': eventSchema(
    'Profile, identities, attributes, consents or tags of a member were set. Which, is not told: read the member.',
    {},
    {},
  ),
  'member.suspended': eventSchema('A member was suspended: earns, but burns nothing.', {}, {}),
  'member.reactivated': eventSchema('A suspended member is active again.', {}, {}),
  'member.closed': eventSchema('A membership was closed for good; what points there were have expired.', {}, {}),
  'member.merged': eventSchema(
    'Two members became one: told of both. GET /v1/merges/{id} says who was merged into whom.',
    { merge, side },
    { merge: 'mrg_2s_4', side: 'source' },
  ),
  'member.unmerged': eventSchema(
    'Two members who had been merged were parted again: told of both.',
    { merge, side },
    { merge: 'mrg_2s_4', side: 'source' },
  ),
  'member.erased': eventSchema(
    'A member was erased for good; what points there were have expired. Whoever holds data of the person takes it away, too.',
    {},
    {},
  ),
  'member.frozen': eventSchema(
    'An identity of a member changed, so nothing can be burned for a while.',
    { until: InstantText('Until when.') },
    { until: '2026-03-02T09:30:00.000Z' },
  ),
  'member.unfrozen': eventSchema('A person lifted the freeze before its time.', {}, {}),
  'burn.refused': eventSchema(
    'Points were not burned because of a freeze or a limit. Told once for as long as the same refuses.',
    {
      code: openEnum(['member_frozen', 'burn_limit_reached'], 'Code of the refusal.'),
      within: nullable(Type.String({ description: 'The window of the limit, ISO 8601.', examples: ['P1D'] })),
      per: nullable(Type.String({ description: 'What the limit counts by: `member` or `api_key`.' })),
      until: instantOrNull('Until when it refuses, where that is known.'),
    },
    { code: 'burn_limit_reached', within: 'P1D', per: 'member', until: null },
  ),
};
