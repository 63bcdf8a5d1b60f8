import { Type } from 'typebox';
import { parseId } from '../../model/ids.ts';
import { limits } from '../../model/limits.ts';
import { closed } from '../../model/schema.ts';
import type { Voucher } from '../../model/voucher.ts';
import { voucherAt, voucherView } from '../../model/voucher-view.ts';
import { loadMoment } from '../../store/programs.ts';
import { findCode } from '../../store/voucher-codes.ts';
import { findVoucher, type NumberOf, type ReadVoucher } from '../../store/vouchers.ts';
import { programOf } from '../auth.ts';
import type { Call } from '../call.ts';
import { ProblemError } from '../problem-error.ts';
import type { Services } from '../services.ts';

export const voucherId = closed({
  id: Type.String({ maxLength: limits.idLength, description: 'Id of the voucher.', examples: ['vou_1_4'] }),
});

const notFound = (): ProblemError => new ProblemError('voucher_not_found', 'the program has no such voucher');

/** The voucher an id names, or the answer that there is none. */
export const voucherOf = async (services: Services, call: Call, id: string): Promise<ReadVoucher> => {
  const program = programOf(call);
  const named = parseId('vou', id);
  const found =
    named === null ? null : await services.database.transaction(program, (tx) => findVoucher(tx, program, named));
  if (found === null) throw notFound();
  return found;
};

/** The voucher that has a code, or the answer that none has. The code is in no answer. */
export const voucherWith = async (services: Services, call: Call, code: string): Promise<ReadVoucher> => {
  const program = programOf(call);
  const found = await services.database.transaction(program, async (tx) => {
    const owner = await findCode(tx, program, code);
    return owner === null ? null : findVoucher(tx, program, { member: owner.member_id, number: owner.number });
  });
  if (found === null) throw notFound();
  return found;
};

/** A voucher as it stands now, in the program's time. */
export const voucherNow = async (services: Services, call: Call, row: ReadVoucher): Promise<Voucher> => {
  const program = programOf(call);
  const { clock } = await services.database.transaction(program, (tx) => loadMoment(tx, program));
  return voucherView(voucherAt(row, clock ?? services.clock()), row.member_id, row.external_id);
};

export const nameOf = ({ member_id: member, number }: ReadVoucher): NumberOf => ({ member, number });
