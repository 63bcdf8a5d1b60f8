import { makeId } from '../model/ids.ts';
import { type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { EarnedPoints } from '../model/purchase-view.ts';
import { addDuration } from '../rules/calendar.ts';
import type { CompiledEarnRule } from '../rules/earn-rules.ts';
import type { Rules } from '../rules/rules.ts';
import { addEvent, type Draft } from './draft.ts';
import { givePoints } from './earn.ts';
import type { Counted, Earning, Earnings } from './earnings.ts';
import { countIn, isCounted } from './rule-limits.ts';

const giveTogether = (draft: Draft, earning: Earning, at: Instant, rules: Rules): EarnedPoints[] => {
  const wallet = rules.wallets.get(earning.wallet);
  if (wallet === undefined || earning.points === 0) return [];
  const shares = earning.shares.filter(({ points }) => points > 0);
  const life = { ...wallet, ...earning.as.life };
  const given = givePoints(
    rules === draft.rules ? draft : { ...draft, rules },
    'earn',
    earning.wallet,
    life,
    earning.points,
    at,
    { rules: shares },
  );
  addEvent(draft, 'points.earned', at, {
    wallet: earning.wallet,
    points: earning.points,
    entry: given.entry.sequence,
    pending: given.availableAt > draft.now,
  });
  return [
    {
      entry_id: makeId('ent', draft.state.member_id, given.entry.sequence),
      wallet: earning.wallet,
      points: earning.points,
      recovered: given.recovered,
      bucket: given.availableAt > draft.now ? 'pending' : 'available',
      available_at: instantText(given.availableAt),
      expires_at: instantTextOrNull(given.expiresAt),
      ...(given.slides ? { sliding: true } : {}),
      rules: shares,
    },
  ];
};

const grant = (draft: Draft, { code, rule }: CompiledEarnRule, at: Instant): void => {
  if (rule.effect.type !== 'reward') return;
  const { calendar, revision } = draft.rules;
  const { reward, valid_for } = rule.effect;
  const lastDay = valid_for === null ? null : addDuration(calendar.dayOf(at), valid_for);
  const expiresAt = lastDay === null ? null : calendar.startOf(lastDay + 1);
  addEvent(draft, 'reward.granted', at, { reward, rule: code, expires_at: instantTextOrNull(expiresAt) });
  draft.entitlements.push({
    number: draft.state.events,
    reward,
    rule: code,
    cause: draft.cause.cause,
    cause_id: draft.cause.cause_id,
    granted_at: at,
    recorded_at: draft.now,
    expires_at: expiresAt,
    revision,
  });
};

/** Counted by the rule as the program has it now, whichever of its revisions gave. */
const count = (draft: Draft, { rule: gave, times, points }: Counted, at: Instant, rules: Rules): void => {
  const now = rules === draft.rules ? undefined : draft.rules.earnRules.find(({ code }) => code === gave.code);
  const rule = now ?? gave;
  const { limits = {} } = draft.state;
  if (isCounted(rule)) {
    const day = draft.rules.calendar.dayOf(at);
    draft.state.limits = { ...limits, [rule.code]: countIn(rule.rule.limits, limits[rule.code], day, times, points) };
  }
  if (rule.rule.budget !== null) draft.budgets.set(rule.code, points + (draft.budgets.get(rule.code) ?? 0));
};

/**
 * Gives what was found to be earned, and counts it against limits and budgets. What the entries are due to stands in
 * the draft; `rules` are those it was found by.
 */
export const giveEarnings = (
  draft: Draft,
  { earnings, rewards, counted }: Earnings,
  at: Instant,
  rules = draft.rules,
): EarnedPoints[] => {
  const earned = earnings.flatMap((earning) => giveTogether(draft, earning, at, rules));
  draft.given.push(...earned);
  for (const { rule, times } of rewards) for (let time = 0; time < times; time++) grant(draft, rule, at);
  for (const item of counted) count(draft, item, at, rules);
  return earned;
};
