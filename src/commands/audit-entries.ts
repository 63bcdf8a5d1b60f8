import type { AuditAction, AuditDetails } from '../model/audit-entry.ts';
import type { Command } from '../model/command.ts';
import type { Changes } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { sumPoints } from '../model/sums.ts';
import type { AuditRow } from '../store/audit-log.ts';
import type { AcceptedCommand } from './decide-batch.ts';

/** What of an accepted command the audit log tells. */
interface Told {
  readonly action: AuditAction;
  readonly subject?: string | null;
  readonly details?: AuditDetails;
  readonly actor?: string;
}

const STATUS = {
  suspend_member: 'member.suspended',
  reactivate_member: 'member.reactivated',
  close_member: 'member.closed',
  unfreeze_member: 'member.unfrozen',
} as const satisfies Partial<Record<Command['kind'], AuditAction>>;

const actorOf = ({ actor }: { readonly actor?: string }): Pick<Told, 'actor'> => (actor === undefined ? {} : { actor });

/** Null: nobody decided it for a member by hand, or nothing came of it. */
const toldOf = (command: Command, { state, notes, entitlements, events, erased }: Changes): Told | null => {
  if (state === null) return null;
  const { member_id } = state;
  switch (command.kind) {
    case 'adjust_points': {
      const { wallet = 'points', points, actor } = command.request;
      const [first] = notes;
      const subject = first === undefined ? null : makeId('ent', member_id, first.sequence);
      return { action: 'points.adjusted', subject, details: { wallet, points }, actor };
    }
    case 'open_balance': {
      const { wallet = 'points', lots } = command.request;
      return { action: 'balance.opened', details: { wallet, points: sumPoints(lots) } };
    }
    case 'set_tier': {
      const { tier, until = null, actor } = command.request;
      return { action: 'tier.set', details: { scheme: command.scheme, tier, until }, actor };
    }
    case 'lift_tier':
      return { action: 'tier.lifted', details: { scheme: command.scheme } };
    case 'grant_entitlement': {
      const [granted] = entitlements;
      const subject = granted === undefined ? null : makeId('ett', member_id, granted.number);
      const { reward, actor } = command.request;
      return { action: 'entitlement.granted', subject, details: { reward }, actor };
    }
    case 'revoke_entitlement':
      return {
        action: 'entitlement.revoked',
        subject: makeId('ett', member_id, command.number),
        actor: command.request.actor,
      };
    case 'cancel_voucher':
      return {
        action: 'voucher.cancelled',
        subject: makeId('vou', member_id, command.number),
        actor: command.request.actor,
      };
    case 'suspend_member':
    case 'reactivate_member':
    case 'close_member':
    case 'unfreeze_member': {
      const action = STATUS[command.kind];
      return events.some(({ type }) => type === action) ? { action } : null;
    }
    case 'merge_member':
      return { action: 'member.merged', ...actorOf(command.request) };
    case 'unmerge_member':
      return { action: 'member.unmerged', ...actorOf(command.request) };
    case 'erase_member':
      return erased === null ? null : { action: 'member.erased', actor: command.actor };
    default:
      return null;
  }
};

/** Entries of the audit log for what people decided with the commands of a batch. */
export const auditEntries = (accepted: readonly AcceptedCommand[], now: Instant): AuditRow[] =>
  accepted.flatMap(({ submission: { command, apiKey = 'engine', requestId }, changes }) => {
    const told = toldOf(command, changes);
    // Sides of other members than the one it was asked of are not told by themselves.
    if (told === null || changes.state?.member_id !== command.member_id) return [];
    const { action, subject = null, details = {}, actor = null } = told;
    const member = changes.state.member_id;
    return { at: now, action, author: apiKey, member, subject, details, request_id: requestId, actor };
  });
