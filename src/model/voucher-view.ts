import { type MemberId, makeId } from './ids.ts';
import { type Instant, instantText, instantTextOrNull } from './instant.ts';
import type { Voucher, VoucherRow } from './voucher.ts';

/** A voucher as it stands at an instant: it lapses by time, whether or not that has been written. */
export const voucherAt = <R extends VoucherRow>(row: R, now: Instant): R =>
  row.status === 'issued' && row.expires_at !== null && row.expires_at <= now
    ? { ...row, status: 'lapsed', ended_at: row.expires_at }
    : row;

/** A voucher as the API shows it. */
export const voucherView = (row: VoucherRow, member: MemberId, externalId: string): Voucher => ({
  id: makeId('vou', member, row.number),
  member: externalId,
  reward: row.reward,
  redemption: row.redemption_id,
  code: row.code,
  status: row.status,
  issued_at: instantText(row.issued_at),
  expires_at: instantTextOrNull(row.expires_at),
  ended_at: instantTextOrNull(row.ended_at),
  used_for: row.used_for,
});
