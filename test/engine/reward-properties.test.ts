import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import { stockNeedsOf } from '../../src/engine/stock-needs.ts';
import type { LoadedMember } from '../../src/model/decision.ts';
import { entitlementStatus } from '../../src/model/entitlement-view.ts';
import { periodStart } from '../../src/rules/periods.ts';
import {
  ada,
  adjust,
  cancelling,
  capture,
  close,
  grant,
  put,
  redeemFor,
  refund,
  revoking,
  settle,
  using,
  voiding,
} from '../helpers/given.ts';
import { program, rewardAt } from '../helpers/programs.ts';
import { type Kept, keep, loadNeeded } from './naive.ts';

/*
 * Whatever a member does with rewards, in whatever order and however late: what is counted of stock, limits, entitlements
 * and vouchers is what the redemptions say, and the engine asks for all it needs.
 */

const STOCK = 2;
const TIMES = 1;
const HOUR = 3_600_000;

const limits = [
  { period: 'day', times: TIMES },
  { period: 'ever', times: 2 * TIMES },
] as const;
const rules = program({
  rewards: {
    stocked: rewardAt(5, { stock: STOCK }),
    limited: rewardAt(0, { limits: [...limits], voucher: { codes: 'generated', valid_for: 'P1D' } }),
    pooled: rewardAt(2, { stock: STOCK, voucher: { codes: 'pool', valid_for: null } }),
    granted: rewardAt(null, { stock: STOCK }),
    local: rewardAt(1, { condition: { field: 'country', op: 'eq', value: 'FR' } }),
  },
});
const CODES = [...rules.rewards.keys()];

const DEEDS = [
  'redeem',
  'hold',
  'entitled',
  'grant',
  'revoke',
  'capture',
  'void',
  'refund',
  'use',
  'cancel',
  'settle',
] as const;

interface Deed {
  readonly what: (typeof DEEDS)[number] | 'close';
  /** Which of what there is. */
  readonly of: number;
  readonly laterHours: number;
}

const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.record({
    what: fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom(...DEEDS) },
      { weight: 1, arbitrary: fc.constant<'close'>('close') },
    ),
    of: fc.nat(100),
    laterHours: fc.constantFrom(0, 0, 0, 1, 10, 30),
  }),
  { minLength: 10, maxLength: 40, size: 'max' },
);

const one = <T>(all: readonly T[], of: number, otherwise: T): T => all[of % Math.max(all.length, 1)] ?? otherwise;

const commandOf = (
  { what, of }: Deed,
  { redemptions, entitlements, vouchers }: LoadedMember,
  id: string,
): MemberCommand => {
  const reward = CODES[of % CODES.length]!;
  const redemption = one([...redemptions.keys()], of, 'none');
  const entitlement = one([...entitlements.values()], of, undefined);
  const number = entitlement?.number ?? 1;
  const voucher = one([...vouchers.keys()], of, 1);
  switch (what) {
    case 'redeem':
      return redeemFor(reward, id);
    case 'hold':
      return redeemFor(reward, id, { capture: false });
    case 'entitled':
      return redeemFor(entitlement?.reward ?? reward, id, {
        entitlement: `ett_${ada.toString(36)}_${number.toString(36)}`,
        capture: of % 3 > 0,
      });
    case 'grant':
      return grant(reward, of % 2 === 0 ? 'P1D' : null);
    case 'revoke':
      return revoking(number);
    case 'capture':
      return capture(redemption);
    case 'void':
      return voiding(redemption);
    case 'refund':
      return refund(redemption);
    case 'use':
      return using(voucher, of % 2 === 0 ? 'o-1' : undefined);
    case 'cancel':
      return cancelling(voucher);
    case 'settle':
      return settle;
    case 'close':
      return close;
  }
};

/** Everything counted is what the redemptions say. */
const hold = (
  { state, redemptions, entitlements, vouchers }: LoadedMember,
  stock: ReadonlyMap<string, number>,
  now: number,
) => {
  const standing = [...redemptions.values()].filter(({ status }) => status === 'held' || status === 'captured');
  for (const code of CODES) {
    const used = standing.filter(({ reward }) => reward?.code === code && reward.stocked).length;
    assert.equal(stock.get(code) ?? 0, used, `stock of ${code}`);
    assert.ok(used <= STOCK);
  }
  const today = rules.calendar.dayOf(now);
  const counted = standing.flatMap(({ reward }) => (reward?.code === 'limited' ? (reward.counted_on ?? []) : []));
  assert.ok(counted.filter((day) => day === today).length <= TIMES);
  for (const { period, times } of limits) {
    const kept = state.reward_limits?.['limited']?.periods[period]?.kept ?? [];
    for (const count of kept) {
      const found = counted.filter((day) => periodStart(period, day) === count.from).length;
      assert.equal(count.times, found, `${period} of ${count.from}`);
      assert.ok(count.times <= times);
    }
  }
  for (const { number, redemption_id, used_at } of entitlements.values()) {
    const users = standing.filter(({ reward }) => reward?.entitlement === number);
    assert.deepEqual(
      users.map((row) => row.redemption_id),
      used_at == null ? [] : [redemption_id],
    );
  }
  for (const row of vouchers.values()) {
    const { status, reward, voucher } = redemptions.get(row.redemption_id)!;
    assert.equal(voucher, row.number);
    assert.equal(reward?.code, row.reward);
    assert.ok(
      status === 'captured' || (status === 'refunded' && (row.status === 'cancelled' || row.status === 'lapsed')),
    );
  }
  const open = [...vouchers.values()].filter((row) => row.status === 'issued' && row.expires_at !== null);
  assert.deepEqual(
    (state.vouchers ?? []).map(({ number }) => number),
    open.map(({ number }) => number),
  );
  assert.equal(new Set([...vouchers.values()].map(({ code }) => code)).size, vouchers.size, 'every code once');
  for (const row of entitlements.values()) assert.ok(entitlementStatus(row, now));
};

test('what is counted is what the redemptions say, and what the engine asks for is enough', async (t) => {
  const seen: Record<string, number> = {};
  const property = fc.property(deeds, (all) => {
    let now = Date.parse('2026-03-10T20:00:00Z');
    let kept: Kept | null = null;
    const stock = new Map<string, number>();
    let issued = 0;
    const run = (command: MemberCommand): string => {
      const codes = {
        generated: [`CODE-${issued}`],
        pool: new Map([['pooled', [`POOL-${issued}`]]]),
      };
      const all = { command, rules, now, newId: ada, codes };
      const used = new Map(CODES.map((code) => [code, stock.get(code) ?? 0]));
      const whole = decide({ ...all, member: kept?.member ?? null, stockUsed: used });
      if (kept !== null) {
        const needs = stockNeedsOf(kept.member.state, command, rules, now, kept.member.redemptions);
        const stockUsed = new Map([...used].filter(([code]) => needs.stock.includes(code)));
        assert.deepEqual(decide({ ...all, member: loadNeeded(kept, [command], rules, now), stockUsed }), whole);
        if (whole.outcome === 'accepted') {
          const { stock: changed, issued: codesIssued } = whole.changes;
          for (const code of changed.keys()) assert.ok(needs.stock.includes(code), `${command.kind}: ${code}`);
          for (const { pooled, reward } of codesIssued) assert.ok(!pooled || needs.codes.includes(reward));
        }
      }
      if (whole.outcome === 'refused') return whole.code;
      for (const code of whole.changes.stock.keys())
        stock.set(code, (stock.get(code) ?? 0) + (whole.changes.stock.get(code) ?? 0));
      issued += whole.changes.issued.length;
      kept = keep(kept, whole.changes);
      return 'done';
    };
    run(put({ profile: { country: 'FR' } }, { member_id: null }));
    run(adjust(60, { expires_at: null }));
    for (const [index, deed] of all.entries()) {
      now += deed.laterHours * HOUR;
      const { member } = kept as unknown as Kept;
      const outcome = run(commandOf(deed, member, `r-${index}`));
      seen[`${deed.what} ${outcome}`] = (seen[`${deed.what} ${outcome}`] ?? 0) + 1;
      hold((kept as unknown as Kept).member, stock, now);
    }
    run(settle);
    hold((kept as unknown as Kept).member, stock, now);
  });
  fc.assert(property, { numRuns: 400, seed: 20_260_322 });
  const wanted = [
    ...['redeem done', 'hold done', 'entitled done', 'capture done', 'void done', 'refund done', 'use done'],
    ...['cancel done', 'redeem reward_out_of_stock', 'redeem reward_limit_reached', 'entitled entitlement_used'],
    ...['capture redemption_lapsed', 'refund voucher_used', 'use voucher_lapsed', 'use voucher_cancelled'],
  ];
  t.strictSame(
    wanted.filter((name) => (seen[name] ?? 0) === 0),
    [],
    'what is to be held was seen',
  );
});
