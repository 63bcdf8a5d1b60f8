import type { ProblemKind } from './problem-kind.ts';

/** What keeps members from being merged, or parted. */
export const mergeProblems = {
  member_merged: {
    status: 409,
    title: 'The member was merged into another',
    help: 'Its id leads to the other member. POST /v1/members/{id}/unmerge parts them again.',
  },
  member_not_merged: {
    status: 409,
    title: 'The member is not merged into another',
    help: 'There is nothing to be parted. Name the member who was merged, not the one who stayed.',
  },
  points_held: {
    status: 409,
    title: 'A redemption holds points of the member',
    help: 'The detail names it. Capture or void it, or wait until it lapses.',
  },
  too_many_merged: {
    status: 409,
    title: 'Too many members would be merged into one',
    help: 'Those merged into the member before count, too.',
  },
  too_many_identities: {
    status: 409,
    title: 'Together the members have too many identities',
    help: 'Remove identities that are not used any more from one of them, then merge.',
  },
  merged_further: {
    status: 409,
    title: 'The other member was itself merged into another',
    help: 'Members are parted in the opposite order: first the other from the one it was merged into.',
  },
  merged_points_spent: {
    status: 409,
    title: 'What the member brought is not there any more',
    help: 'The detail says what: points of a lot that were spent, held or taken back, or expired, since; or a debt that was paid back. The members stay merged.',
  },
} as const satisfies Record<string, ProblemKind>;
