import { accept, type Outcome, type RedemptionRow, type Refusal, refuse } from '../model/decision.ts';
import { makeId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import type { OpenVoucher } from '../model/member-state.ts';
import type { RewardVoucher } from '../model/reward.ts';
import type { CancelVoucher, UseVoucher, VoucherRow, VoucherStanding } from '../model/voucher.ts';
import { voucherView } from '../model/voucher-view.ts';
import { endOf } from '../rules/calendar.ts';
import { addEvent, type Draft, vouchersOf } from './draft.ts';

/** A voucher of the member as it stands in the draft; null: there is none of this number. */
export const voucherIn = (draft: Draft, number: number): VoucherRow | null => {
  const found = draft.issued.find((one) => one.number === number) ?? draft.loaded.vouchers.get(number);
  return found === undefined ? null : { ...found, ...draft.vouchers.get(number) };
};

/** The next code that no voucher of the draft has. */
const nextCode = ({ codes, issued }: Draft, reward: string, kind: RewardVoucher['codes']): string | undefined => {
  const pooled = kind === 'pool';
  const used = issued.filter((one) => one.pooled === pooled && (!pooled || one.reward === reward)).length;
  return (pooled ? (codes.pool.get(reward) ?? []) : codes.generated)[used];
};

const outOfCodes = (reward: string, kind: RewardVoucher['codes']): Refusal => {
  if (kind === 'generated') throw new Error('a code for the voucher was not handed in');
  return refuse('reward_out_of_stock', `no code is left for ${reward}`);
};

/** Issues the voucher of a redemption that is captured, where its reward has one; answers its number. */
export const issueVoucher = (
  draft: Draft,
  { redemption_id, reward }: RedemptionRow,
  at: Instant,
): Refusal | { readonly outcome: 'issued'; readonly number: number | null } => {
  if (reward === null || reward.voucher === null) return { outcome: 'issued', number: null };
  const { codes, valid_for } = reward.voucher;
  const code = nextCode(draft, reward.code, codes);
  if (code === undefined) return outOfCodes(reward.code, codes);
  const expires_at =
    valid_for === null ? null : endOf(draft.rules.calendar, { after: valid_for, round_up_to: null }, at);
  const open = vouchersOf(draft.state);
  if (expires_at !== null && open.length >= limits.vouchersPerMember)
    return refuse('too_many_vouchers', `the member has ${limits.vouchersPerMember} open vouchers`);
  const number = draft.state.events + 1;
  addEvent(draft, 'voucher.issued', at, {
    voucher: makeId('vou', draft.state.member_id, number),
    reward: reward.code,
    redemption: redemption_id,
    expires_at: instantTextOrNull(expires_at),
  });
  if (expires_at !== null) draft.state.vouchers = [...open, { number, reward: reward.code, expires_at }];
  draft.issued.push({
    number,
    reward: reward.code,
    redemption_id,
    code,
    status: 'issued',
    issued_at: at,
    expires_at,
    ended_at: null,
    used_for: null,
    recorded_at: draft.now,
    pooled: codes === 'pool',
  });
  return { outcome: 'issued', number };
};

const EVENTS = { used: 'voucher.used', lapsed: 'voucher.lapsed', cancelled: 'voucher.cancelled' } as const;

/** Ends an open voucher. */
export const endVoucher = (
  draft: Draft,
  { number, reward }: Pick<OpenVoucher, 'number' | 'reward'>,
  status: keyof typeof EVENTS,
  at: Instant,
  usedFor: string | null = null,
): void => {
  const standing: VoucherStanding = { number, status, ended_at: at, used_for: usedFor };
  draft.vouchers.set(number, standing);
  const { vouchers } = draft.state;
  if (vouchers !== undefined) draft.state.vouchers = vouchers.filter((open) => open.number !== number);
  addEvent(draft, EVENTS[status], at, {
    voucher: makeId('vou', draft.state.member_id, number),
    reward,
    ...(usedFor === null ? {} : { purchase: usedFor }),
  });
};

/** Vouchers that have lapsed by an instant. */
export const vouchersLapsed = (vouchers: readonly OpenVoucher[], now: Instant): OpenVoucher[] =>
  vouchers.filter(({ expires_at }) => expires_at <= now);

const voucherAnswer = (draft: Draft, number: number): Outcome => {
  const row = voucherIn(draft, number);
  if (row === null) throw new Error(`voucher ${number} was there`);
  return accept(voucherView(row, draft.state.member_id, draft.state.external_id));
};

/** Why a voucher is not open any more. */
export const refuseEnded = ({ status, ended_at }: VoucherRow): Refusal | null => {
  if (status === 'issued') return null;
  const code = status === 'used' ? 'voucher_used' : status === 'lapsed' ? 'voucher_lapsed' : 'voucher_cancelled';
  return refuse(code, `the voucher was ${status}${ended_at === null ? '' : ` at ${instantText(ended_at)}`}`);
};

const notFound = (): Refusal => refuse('voucher_not_found', 'there is no such voucher');

/** Uses a voucher. The draft is settled: one past its time has lapsed. For the same purchase again it is the same use. */
export const useVoucher = (
  draft: Draft,
  number: number,
  { purchase = null }: { purchase?: UseVoucher['purchase'] | null },
): Outcome => {
  const row = voucherIn(draft, number);
  if (row === null) return notFound();
  const isSame = row.status === 'used' && purchase !== null && row.used_for === purchase;
  if (!isSame) {
    const refusal = refuseEnded(row);
    if (refusal !== null) return refusal;
    endVoucher(draft, row, 'used', draft.now, purchase);
  }
  return voucherAnswer(draft, number);
};

/** Cancels a voucher, by a person. What was spent on it stays spent: a refund of the redemption gives it back. */
export const cancelVoucher = (draft: Draft, number: number, { reason, actor }: CancelVoucher): Outcome => {
  const row = voucherIn(draft, number);
  if (row === null) return notFound();
  const refusal = refuseEnded(row);
  if (refusal !== null) return refusal;
  endVoucher(draft, row, 'cancelled', draft.now);
  draft.rewardNotes.push({ kind: 'cancelled', number, reason, actor, recorded_at: draft.now });
  return voucherAnswer(draft, number);
};
