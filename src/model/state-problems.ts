import { mergeProblems } from './merge-problems.ts';
import type { ProblemKind } from './problem-kind.ts';
import { rewardProblems } from './reward-problems.ts';

/** What depends on how things stand: answers 409. */
export const stateProblems = {
  events_not_kept: {
    status: 409,
    title: 'Events from there are not kept any more',
    help: 'Events are kept for the deployment’s `EVENT_RETENTION_DAYS`. Replay from a later point.',
  },
  insufficient_points: {
    status: 409,
    title: 'Too few points are available',
    help: '`available` says how many points there are and `missing` how many lack. Pending points do not count.',
  },
  burn_not_allowed: {
    status: 409,
    title: 'No burn rule holds for the member',
    help: 'The points of the wallet are spent by burn rules, and the conditions of none are true for the member now. GET /v1/burn-rules lists them.',
  },
  burn_rule_limit_reached: {
    status: 409,
    title: 'The burn rule leaves the member fewer points for now',
    help: '`available` says how many points the limits of the rule leave in the running period.',
  },
  quote_lapsed: {
    status: 409,
    title: 'The quote has lapsed',
    help: 'It was honoured until its `expires_at`. Ask for another one, or go on without.',
  },
  quote_used: {
    status: 409,
    title: 'The quote was used',
    help: 'A quote is for one purchase; the detail names the one that was made by it.',
  },
  redemption_held: {
    status: 409,
    title: 'The points are held, not captured',
    help: 'Only what was captured can be refunded. Capture the hold first, or void it.',
  },
  redemption_captured: {
    status: 409,
    title: 'The redemption was captured',
    help: 'What was captured cannot be captured again or voided; POST /v1/redemptions/{id}/refund gives it back.',
  },
  redemption_voided: {
    status: 409,
    title: 'The redemption was voided',
    help: 'Its points were released and it stays voided. Redeem again under another id.',
  },
  redemption_lapsed: {
    status: 409,
    title: 'The hold has lapsed',
    help: 'The hold was not captured before its `expires_at`, and its points were released. Redeem again under another id.',
  },
  redemption_refunded: {
    status: 409,
    title: 'The redemption was refunded in whole',
    help: 'There is nothing left of it to capture, to void or to refund.',
  },
  capture_exceeds_hold: {
    status: 409,
    title: 'More was to be captured than is held',
    help: '`available` says how many points the redemption holds.',
  },
  refund_exceeds_captured: {
    status: 409,
    title: 'More was to be refunded than was captured and is not yet refunded',
    help: '`available` says how many points can still be refunded.',
  },
  too_many_items: {
    status: 409,
    title: 'A list of the member would grow beyond its limit',
    help: 'A member has at most 20 identities and 100 tags. Take some away first; the fault names the list.',
  },
  too_many_holds: {
    status: 409,
    title: 'The member has as many open holds as there may be',
    help: 'A member has at most 50 open holds. Capture or void some, or wait for them to lapse.',
  },
  ...rewardProblems,
  ...mergeProblems,
  member_suspended: {
    status: 409,
    title: 'The member is suspended',
    help: 'A suspended member earns, but cannot redeem. Reactivate first.',
  },
  member_closed: {
    status: 409,
    title: 'The membership is closed',
    help: 'A closed membership stays closed: it neither earns nor redeems nor changes.',
  },
  member_erased: {
    status: 410,
    title: 'The member was erased',
    help: 'Nothing is known of the person any more, and the membership does nothing more. Returns of its purchases are taken; its ledger entries are read under its pseudonym. Who enrols again under an own id is another member.',
  },
  recipient_closed: {
    status: 409,
    title: 'The membership of the recipient is closed',
    help: 'A closed membership stays closed and receives no points.',
  },
  member_in_debt: {
    status: 409,
    title: 'The member owes points of this wallet',
    help: 'Who owes points cannot pass points on. Later earning pays the debt back; an adjustment does, too.',
  },
  transfers_disabled: {
    status: 409,
    title: 'The program does not let members transfer points',
    help: 'Switch it on with PATCH /v1/program: `{"policies": {"transfers": true}}`.',
  },
  member_frozen: {
    status: 409,
    title: 'The member is frozen',
    help: 'An identity of the member was changed lately, and until some hours later nothing is redeemed or held (policy `freeze_after_identity_change_hours`). The member’s `frozen_until` says until when; POST /v1/members/{id}/unfreeze lifts it.',
  },
  burn_limit_reached: {
    status: 409,
    title: 'As much was burned as the program lets through',
    help: 'The policy `burn_limits` says how often and how many points may be redeemed or held within a window. Each limit reached stands in `errors`, with when it lets so many points through again. What was voided or lapsed still counts.',
  },
  opening_balance_conflict: {
    status: 409,
    title: 'The balance of this member and wallet was opened with other content',
    help: 'A member’s wallet is opened once. If this is a retry, send the very content of the first; what was wrong with it is put right by POST /v1/adjustments.',
  },
  purchase_conflict: {
    status: 409,
    title: 'A purchase of this id was recorded with other content',
    help: 'A purchase id is used once in a program. If this is a retry, send the very content of the first; otherwise use another id.',
  },
  return_conflict: {
    status: 409,
    title: 'A return of this id was recorded with other content',
    help: 'A return id is used once in a program. If this is a retry, send the very content of the first; otherwise use another id.',
  },
  purchase_returned: {
    status: 409,
    title: 'Something of the purchase came back already',
    help: 'A purchase is replaced only as long as nothing of it was returned. Return the rest, and record what is right as another purchase.',
  },
  return_exceeds_purchase: {
    status: 409,
    title: 'More would come back than is left of the purchase',
    help: '`expected` says how much is left of the line, or of the whole. GET /v1/purchases/{id}/returns lists what came back before.',
  },
  activity_conflict: {
    status: 409,
    title: 'An activity of this id was recorded with other content',
    help: 'An activity id is used once in a program. If this is a retry, send the very content of the first; otherwise use another id.',
  },
  redemption_conflict: {
    status: 409,
    title: 'A redemption of this id was recorded with other content',
    help: 'A redemption id is used once in a program. If this is a retry, send the very content of the first; otherwise use another id.',
  },
  identity_taken: {
    status: 409,
    title: 'The identity belongs to another member',
    help: 'An identity belongs to one member. Take it away from the other first, or look the other up.',
  },
  not_a_sandbox: {
    status: 409,
    title: 'The program is not a sandbox',
    help: 'Only a sandbox program has a clock that can be set: create one with `sandbox: true`.',
  },
  clock_moving: {
    status: 409,
    title: 'The clock is being moved',
    help: 'One move at a time: GET /v1/sandbox/clock shows how far it has come.',
  },
  members_behind: {
    status: 409,
    title: 'Members are yet to be brought under an edit',
    help: 'Tiers or segments were edited, and members are looked at again before the clock moves on. GET /v1/reassessments shows how far that is; then send the same request again.',
  },
  already_enrolled: {
    status: 409,
    title: 'The member is enrolled already',
    help: 'A referral code is taken with the enrolment only: a member who is there was not won by it.',
  },
  code_taken: {
    status: 409,
    title: 'The code is in use',
    help: 'Choose another code.',
  },
  in_use: {
    status: 409,
    title: 'Something else in the configuration refers to it',
    help: 'The detail names what refers to it. Change that first.',
  },
} as const satisfies Record<string, ProblemKind>;
