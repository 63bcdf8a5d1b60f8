import type { Instant } from '../model/instant.ts';
import type { Draft } from './draft.ts';
import { assessSegment, leaveArchivedSegments } from './segments.ts';
import { assessScheme } from './tiers.ts';

/** Schemes of which every tier was archived are left; in the order of codes, which a store may not keep. */
const leaveArchivedSchemes = (draft: Draft, at: Instant): void => {
  for (const code of Object.keys(draft.state.tiers).sort())
    if (draft.state.tiers[code]?.tier !== null && !draft.rules.schemes.some((scheme) => scheme.code === code))
      assessScheme(draft, { code, tiers: [] }, at);
};

/**
 * Looks at every tier scheme and segment again as of an instant, those that others read before those that read them.
 * What was entered is noted in `draft.entered`, for the rules that entering sets off. Who was erased is in no segment, and
 * stays in the tier that was held.
 */
export const reassess = (draft: Draft, at: Instant): void => {
  // What a merged member held stands still until it is parted again.
  if (draft.state.merged !== undefined || draft.state.status === 'erased') return;
  for (const node of draft.rules.statusNodes) {
    if (node.kind === 'scheme') assessScheme(draft, node.scheme, at);
    else assessSegment(draft, node.segment, at);
  }
  leaveArchivedSchemes(draft, at);
  leaveArchivedSegments(draft, at);
};
