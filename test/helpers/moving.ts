import type { MemberCommand } from '../../src/engine/decide.ts';
import type { OpenBalance } from '../../src/model/opening-balance.ts';
import type { RecordPastPurchase } from '../../src/model/past-purchase.ts';
import { ada, report } from './given.ts';

/** A balance taken over: lots as `[points, earned_at, expires_at]`. */
export const opening = (
  lots: readonly (readonly [points: number, earned_at: string, expires_at?: string | null])[],
  more: Partial<OpenBalance> = {},
): MemberCommand => ({
  kind: 'open_balance',
  member_id: ada,
  request: {
    lots: lots.map(([points, earned_at, expires_at]) => ({
      points,
      earned_at,
      ...(expires_at === undefined ? {} : { expires_at }),
    })),
    ...more,
  },
});

/** A purchase of before the cut-over, of one line. */
export const past = (
  total: number,
  occurred_at: string,
  { id = 'p-1', given }: { id?: string; given?: RecordPastPurchase['points_given'] } = {},
): MemberCommand => ({
  kind: 'record_past_purchase',
  member_id: ada,
  report: {
    ...(report(total, { id }) as Pick<RecordPastPurchase, 'currency' | 'lines' | 'total'>),
    id,
    member: 'ada',
    occurred_at,
    ...(given === undefined ? {} : { points_given: given }),
  },
});
