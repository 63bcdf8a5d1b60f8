import type { ProblemKind } from './problem-kind.ts';

/** What keeps a reward, an entitlement or a voucher from being had, as things stand: answers 409. */
export const rewardProblems = {
  reward_not_available: {
    status: 409,
    title: 'The reward cannot be redeemed now',
    help: 'It is before its `from`, after its `until`, or it has no price: then it is only granted.',
  },
  reward_not_eligible: {
    status: 409,
    title: 'The member may not redeem the reward',
    help: 'The condition of the reward is not true of the member; the detail says what is not.',
  },
  reward_limit_reached: {
    status: 409,
    title: 'The member redeemed the reward as often as there may be',
    help: 'The detail names the period. What is voided, lapses or is refunded does not count.',
  },
  reward_out_of_stock: {
    status: 409,
    title: 'Nothing is left of the reward',
    help: 'Its stock is used up, or its pool has no code left. What is voided, lapses or is refunded comes back to the stock.',
  },
  entitlement_used: {
    status: 409,
    title: 'The entitlement was used',
    help: 'An entitlement is used once. It is open again when its redemption is voided, lapses or is refunded.',
  },
  entitlement_expired: {
    status: 409,
    title: 'The entitlement has expired',
    help: 'It could be used until its `expires_at`.',
  },
  entitlement_revoked: {
    status: 409,
    title: 'The entitlement was taken back',
    help: 'A person took it back, or it went with the purchase that had granted it.',
  },
  too_many_vouchers: {
    status: 409,
    title: 'The member has as many open vouchers as there may be',
    help: 'A member has at most 100 open vouchers that lapse. Use or cancel some.',
  },
  voucher_used: {
    status: 409,
    title: 'The voucher was used',
    help: 'A voucher is used once, and what it was issued for is not refunded after that. The same `purchase` again gets the same answer.',
  },
  voucher_lapsed: {
    status: 409,
    title: 'The voucher has lapsed',
    help: 'It could be used until its `expires_at`.',
  },
  voucher_cancelled: {
    status: 409,
    title: 'The voucher was cancelled',
    help: 'A person cancelled it, or it went with the refund of its redemption.',
  },
} as const satisfies Record<string, ProblemKind>;
