import type { Changes } from '../../../src/model/decision.ts';
import type { MemberId, ProgramId } from '../../../src/model/ids.ts';
import type { Tx } from '../../../src/store/connection.ts';
import { saveDays } from '../../../src/store/day-buckets.ts';
import { insertEntries } from '../../../src/store/ledger-entries.ts';
import { insertLots, updateLots } from '../../../src/store/lots.ts';
import { saveDue } from '../../../src/store/member-due.ts';
import { saveStates } from '../../../src/store/members.ts';
import { insertOperations } from '../../../src/store/operation-references.ts';
import { insertEvents } from '../../../src/store/outbox.ts';
import { insertPurchases } from '../../../src/store/purchases.ts';
import { insertRedemptions } from '../../../src/store/redemptions.ts';
import { insertTransitions } from '../../../src/store/tier-transitions.ts';

/** Saves what one command changed, one statement after another. The rows are those that the service writes. */
export async function save(
  tx: Tx,
  program: ProgramId,
  member: MemberId,
  changes: Changes,
  fingerprint: Uint8Array,
  answer: string,
): Promise<void> {
  const { state, purchase, redeemed, entries, events, transitions, lots, days, due } = changes;
  if (state === null) return;
  const owned = <T>(items: readonly T[]) => items.map((item) => [member, item] as const);
  await saveStates(tx, program, [state]);
  if (purchase !== null) {
    const { purchase_id: id, ordinal } = purchase;
    await insertOperations(tx, program, [{ kind: 'purchase', id, member_id: member, ordinal }]);
    await insertPurchases(tx, program, [{ member, row: purchase, fingerprint, answer }]);
  }
  for (const row of redeemed) {
    const { redemption_id: id, ordinal } = row;
    await insertOperations(tx, program, [{ kind: 'redemption', id, member_id: member, ordinal }]);
    await insertRedemptions(tx, program, [{ member, row, fingerprint, answer }]);
  }
  if (entries.length > 0) await insertEntries(tx, program, owned(entries));
  if (transitions.length > 0) await insertTransitions(tx, program, owned(transitions));
  const made = new Set(entries.map((entry) => entry.sequence));
  const fresh = [...lots.values()].filter((lot) => made.has(lot.lot));
  const changed = [...lots.values()].filter((lot) => !made.has(lot.lot));
  if (fresh.length > 0) await insertLots(tx, program, owned(fresh));
  if (changed.length > 0) await updateLots(tx, program, owned(changed));
  if (days.size > 0) {
    const buckets = [...days].map(([day, totals]) => [member, day, totals] as const);
    await saveDays(tx, program, buckets);
  }
  if (due !== null) await saveDue(tx, program, [[member, due.due_at]]);
  if (events.length > 0) await insertEvents(tx, program, [{ member, events, recorded_at: state.recorded_at }]);
}
