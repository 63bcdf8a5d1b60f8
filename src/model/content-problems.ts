import type { ProblemKind } from './problem-kind.ts';

/** What can never be right, whatever the state: answers 422. */
export const contentProblems = {
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key was used for another request',
    help: 'The key was sent with another request for this member within 7 days. Use a new key for a new intention.',
  },
  resend_too_large: {
    status: 422,
    title: 'The range of positions is empty or too large',
    help: 'One call sends at most 1,000 events again. Send several ranges, or replay the stream from a point on.',
  },
  sums_do_not_add_up: {
    status: 422,
    title: 'The sums of the purchase do not hold',
    help: 'Each sum that does not hold stands in `errors` with what it should be. line = quantity × unit_price − discount; total = lines − discount + shipping, + tax when prices do not include it. A program may tolerate a difference (`sum_tolerance`).',
  },
  currency_mismatch: {
    status: 422,
    title: 'Not the currency of the program',
    help: 'A program counts in one currency. Use a program of the other currency.',
  },
  occurred_in_future: {
    status: 422,
    title: 'The report is from the future',
    help: '`occurred_at` may be at most five minutes ahead of our clock.',
  },
  report_too_late: {
    status: 422,
    title: 'The report is older than the program takes',
    help: 'The program takes reports of up to `late_report_days`. Change that, or book it as an adjustment.',
  },
  unknown_tier: {
    status: 422,
    title: 'The scheme has no such tier',
    help: 'See GET /v1/tiers for the tiers of each scheme.',
  },
  burn_rule_violated: {
    status: 422,
    title: 'The burn rule does not allow it',
    help: '`errors` says which of its minimum, maximum, step or share of the purchase, and what it allows. POST /v1/quotes tells for a cart beforehand.',
  },
  hold_too_long: {
    status: 422,
    title: 'The hold would last too long',
    help: 'A hold lasts at most 30 days.',
  },
  quote_mismatch: {
    status: 422,
    title: 'The quote is for another cart',
    help: 'Lines, discount, shipping, tax, total, currency, channel, store and context must be those that were quoted. Ask for a quote for this cart.',
  },
  quote_too_long: {
    status: 422,
    title: 'The quote would be honoured too long',
    help: 'A quote is honoured for an hour at most.',
  },
  not_in_future: {
    status: 422,
    title: 'The instant is not in the future',
    help: 'What begins now must end later. In a sandbox program, now is what its clock says.',
  },
  unknown_activity_type: {
    status: 422,
    title: 'The program has no such activity type',
    help: 'Declare activity types with PUT /v1/activity-types/{code}; `review`, `survey`, `visit` and `social_share` are built in.',
  },
  engine_activity: {
    status: 422,
    title: 'The engine records this activity by itself',
    help: 'Enrolments, birthdays, anniversaries and referrals follow from what the engine knows; nobody reports them.',
  },
  unknown_field: {
    status: 422,
    title: 'The activity type declares no such field',
    help: 'Each fault stands in `errors`. Declare fields with the activity type before sending values.',
  },
  invalid_field: {
    status: 422,
    title: 'A field does not fit its declaration',
    help: '`expected` says the declared type and the values allowed.',
  },
  invalid_context: {
    status: 422,
    title: 'The context does not fit its declaration',
    help: 'What is declared with PUT /v1/context-fields/{code} must be of its type and among its values. Other names may hold anything.',
  },
  unknown_referral_code: {
    status: 422,
    title: 'No member has this referral code',
    help: 'POST /v1/members/{id}/referral-code gives a member a code. Enrol without `referred_by`, or correct it.',
  },
  own_referral_code: {
    status: 422,
    title: 'The referral code is the member’s own',
    help: 'Nobody refers themselves.',
  },
  unknown_wallet: {
    status: 422,
    title: 'The program has no such wallet',
    help: 'GET /v1/wallets lists the wallets.',
  },
  wallet_not_redeemable: {
    status: 422,
    title: 'Points of this wallet cannot be redeemed',
    help: 'Points of such a wallet count, for a status say, but cannot be spent.',
  },
  same_member: {
    status: 422,
    title: 'Both members are the same',
    help: 'Points are transferred to another member, and a member is merged into another. Two references can name the same one: an id and a card, say.',
  },
  unknown_reward: {
    status: 422,
    title: 'The program has no such reward in force',
    help: 'GET /v1/rewards lists the rewards.',
  },
  entitlement_mismatch: {
    status: 422,
    title: 'The entitlement is for another reward',
    help: 'An entitlement names the reward it is for.',
  },
  reward_not_divisible: {
    status: 422,
    title: 'A reward is captured and refunded whole',
    help: 'Leave `points` out, or send all of them.',
  },
  unknown_attribute: {
    status: 422,
    title: 'The program declares no such attribute',
    help: 'Declare attributes with PUT /v1/attributes/{code} before sending values.',
  },
  invalid_attribute: {
    status: 422,
    title: 'The value does not fit the declared attribute',
    help: '`expected` says the declared type and the values allowed.',
  },
  invalid_identity: {
    status: 422,
    title: 'The identity does not have the form of its kind',
    help: '`expected` says the form: e-mail addresses, phone numbers in E.164, card and CRM numbers without spaces.',
  },
  clock_backwards: {
    status: 422,
    title: 'A clock moves only forward',
    help: 'GET /v1/sandbox/clock says where it stands. To begin anew, create another sandbox program.',
  },
  clock_out_of_range: {
    status: 422,
    title: 'The clock cannot stand there',
    help: 'A sandbox clock stands between 1970 and 2199 and moves at most 3,660 days at once. Go further in several moves.',
  },
  unknown_line: {
    status: 422,
    title: 'The purchase has no such line',
    help: 'Lines are counted from 0, in the order they were reported in.',
  },
  expiry_in_past: {
    status: 422,
    title: 'The points would expire before they are given',
    help: 'Points that expire before they are given would be gone at once.',
  },
  invalid_opening_balance: {
    status: 422,
    title: 'The opening balance does not hold together',
    help: 'Each fault stands in `errors`. Nothing was changed: correct them all and send it again.',
  },
  number_too_large: {
    status: 422,
    title: 'A number would grow beyond what can be counted exactly',
    help: 'Points and amounts are counted exactly up to 2^53 − 1, a single movement up to 10^12 points.',
  },
  invalid_condition: {
    status: 422,
    title: 'The condition does not hold',
    help: 'Each fault stands in `errors`. POST /v1/conditions/check tells the same, and more, without refusing.',
  },
  invalid_configuration: {
    status: 422,
    title: 'The configuration does not hold together',
    help: 'Each fault stands in `errors`. Nothing was changed; the program runs on as before.',
  },
} as const satisfies Record<string, ProblemKind>;
