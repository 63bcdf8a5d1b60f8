import type { ProgramId } from '../model/ids.ts';
import type { Tx } from '../store/connection.ts';
import { useEntitlements } from '../store/entitlements.ts';
import { saveStock } from '../store/reward-stock.ts';
import { drawCodes, insertCodes } from '../store/voucher-codes.ts';
import { insertRewardNotes, insertVouchers, updateVouchers } from '../store/vouchers.ts';
import { all, type Change, last, saving } from './batch-changes.ts';
import type { World } from './world.ts';

/** What was issued for redemptions, and what of rewards changed. */
export const rewardStatements = (
  tx: Tx,
  program: ProgramId,
  world: World,
  changes: readonly Change[],
): Promise<unknown>[] => {
  const issued = all(changes, (change) => change.issued);
  const codes = issued.map(([member, { number, reward, code, pooled }]) => ({ member, number, reward, code, pooled }));
  const save = saving(tx, program);
  return [
    ...save(
      last(
        changes,
        (change) => change.entitlementsUsed,
        (member, number, use) => ({ member, number, use }),
      ),
      useEntitlements,
    ),
    ...save(issued, insertVouchers),
    ...save(
      last(
        changes,
        (change) => change.vouchers,
        (member, _number, standing) => [member, standing] as const,
      ),
      updateVouchers,
    ),
    ...save(
      codes.filter(({ pooled }) => !pooled),
      insertCodes,
    ),
    ...save(
      codes.filter(({ pooled }) => pooled),
      drawCodes,
    ),
    ...save(
      [...world.stockChanged].map((reward) => ({ reward, used: world.stock.get(reward) ?? 0 })),
      saveStock,
    ),
    ...save(
      all(changes, (change) => change.rewardNotes),
      insertRewardNotes,
    ),
  ];
};
