/** Why an account, a tier or a member differs. What explains itself needs nobody's look. */
export const causes = {
  moved_since: { explained: true, text: 'it is our balance of a moment after the instant: entries followed' },
  not_yet_there: { explained: true, text: 'it is our balance of a moment before the instant: the file lags behind' },
  reported_later: { explained: true, text: 'what occurred before the instant was recorded here after it' },
  pending: { explained: true, text: 'as many points, but others of them are pending' },
  debt: { explained: true, text: 'debt is kept apart here and taken off the balance there' },
  expiry: { explained: true, text: 'points expire within a few days: on one side they have already' },
  rounding: { explained: true, text: 'no more than rounding comes to' },
  only_here: { explained: false, text: 'what one purchase, return or the like came to here, and not there' },
  balance: { explained: false, text: 'the balance differs, and nothing of the above says why' },
  tier_since: { explained: true, text: 'the tier changed here after the instant' },
  tier: { explained: false, text: 'another tier' },
  tier_date: { explained: false, text: 'the tier may be lost here before its date there' },
  expiry_day: { explained: true, text: 'points expire at another time, but within a day' },
  expiries: { explained: false, text: 'other points expire, or at other times' },
  missing_here: { explained: false, text: 'a member of the file is not here' },
  missing_there: { explained: false, text: 'a member who was here by the instant is not in the file' },
} as const satisfies Record<string, { readonly explained: boolean; readonly text: string }>;

export type Cause = keyof typeof causes;
export const CAUSES = Object.keys(causes) as Cause[];
