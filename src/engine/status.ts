import { type Outcome, refuse } from '../model/decision.ts';
import { sumPoints } from '../model/sums.ts';
import { apply } from './apply.ts';
import { accountOf, addEvent, type Draft, holdsOf, lotsAtHand, setAccount } from './draft.ts';
import { acceptEvaluated } from './evaluate.ts';
import { endHold } from './holds.ts';

/** Suspended: earns, but redeems nothing. */
export const suspendMember = (draft: Draft): Outcome => {
  if (draft.state.status === 'closed') return refuse('member_closed', 'a closed membership cannot be suspended');
  if (draft.state.status === 'suspended') return acceptEvaluated(draft);
  draft.state.status = 'suspended';
  addEvent(draft, 'member.suspended', draft.now, {});
  return acceptEvaluated(draft);
};

export const reactivateMember = (draft: Draft): Outcome => {
  if (draft.state.status === 'closed') return refuse('member_closed', 'a closed membership stays closed');
  if (draft.state.status === 'active') return acceptEvaluated(draft);
  draft.state.status = 'active';
  addEvent(draft, 'member.reactivated', draft.now, {});
  return acceptEvaluated(draft);
};

/** Holds are voided, pending points become available, then everything available expires, wallet by wallet. */
export const expireAll = (draft: Draft): void => {
  draft.cause = { cause: 'closing', cause_id: null };
  for (const hold of holdsOf(draft.state)) endHold(draft, hold, { status: 'voided', captured: 0, at: draft.now });
  for (const wallet of Object.keys(draft.state.accounts).sort()) {
    const allocate = (bucket: 'pending' | 'available') =>
      lotsAtHand(draft)
        .filter((lot) => lot.wallet === wallet && lot[bucket] > 0)
        .sort((a, b) => a.lot - b.lot)
        .map((lot) => ({ lot: lot.lot, points: lot[bucket] }));
    const pending = allocate('pending');
    if (pending.length > 0)
      apply(draft, {
        movement: 'release',
        wallet,
        from: 'pending',
        to: 'available',
        points: sumPoints(pending),
        occurredAt: draft.now,
        allocations: pending,
      });
    const available = allocate('available');
    if (available.length === 0) continue;
    const entry = apply(draft, {
      movement: 'expire',
      wallet,
      from: 'available',
      to: 'expired',
      points: sumPoints(available),
      occurredAt: draft.now,
      allocations: available,
    });
    addEvent(draft, 'points.expired', draft.now, { wallet, points: entry.points, entry: entry.sequence });
    const account = accountOf(draft.state, wallet);
    setAccount(draft, wallet, { ...account, releases_from: null, expires_from: null, announces_from: null });
  }
};

/** Closes the membership for good: it neither earns nor redeems, and what points there are expire. */
export const closeMember = (draft: Draft): Outcome => {
  if (draft.state.status === 'closed') return acceptEvaluated(draft);
  expireAll(draft);
  draft.state.status = 'closed';
  addEvent(draft, 'member.closed', draft.now, {});
  return acceptEvaluated(draft);
};
