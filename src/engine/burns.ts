import type { BurnCount, BurnLimit, Burns, RefusedBurn } from '../model/burn-limit.ts';
import { type Outcome, type Refusal, refuse } from '../model/decision.ts';
import { DAY_MS, type Instant, instantText, instantTextOrNull } from '../model/instant.ts';
import type { MemberState } from '../model/member-state.ts';
import type { Fault } from '../model/problem.ts';
import { addEvent, type Draft } from './draft.ts';
import { acceptEvaluated } from './evaluate.ts';

/*
 * How fast points may be burned. A window is counted in twelfths, by the clock: a burn counts from its twelfth to the end
 * of the twelfth that is a window later. So no stretch of time as long as the window ever holds more than the limit,
 * wherever it begins, and what is kept is a few numbers, however many burns there were. What is voided, lapses or is
 * refunded is not given back: whoever holds and voids again and again is just as fast.
 */

const PARTS = 12;
const HOUR_MS = DAY_MS / 24;

/** Milliseconds of a window like `PT1H` or `P7D`. */
const lengthOf = (within: string): number =>
  Number(/\d+/.exec(within)?.[0]) * (within.startsWith('PT') ? HOUR_MS : DAY_MS);

const partOf = (within: string): number => lengthOf(within) / PARTS;
const startOfPart = (within: string, at: Instant): Instant => Math.floor(at / partOf(within)) * partOf(within);
/** When a count does not count any more. */
const overAt = (within: string, { from }: BurnCount): Instant => from + (PARTS + 1) * partOf(within);

/** What counts at an instant. What another instance counted ahead of it counts as well. */
const counting = (burns: Burns, within: string, now: Instant): BurnCount[] =>
  (burns[within] ?? []).filter((count) => overAt(within, count) > now);

const added = (counts: readonly BurnCount[], from: Instant, points: number): BurnCount[] => {
  const found = counts.find((count) => count.from === from) ?? { from, times: 0, points: 0 };
  const more = { from, times: found.times + 1, points: found.points + points };
  return [...counts.filter((count) => count.from !== from), more].sort((a, b) => a.from - b.from);
};

/** The same with a burn more, for every window that is limited; other windows are forgotten. */
export const countedWith = (burns: Burns, limits: readonly BurnLimit[], now: Instant, points: number): Burns =>
  Object.fromEntries(
    limits.map(({ within }) => [within, added(counting(burns, within, now), startOfPart(within, now), points)]),
  );

/** When so many points may be burned: now, later, or, as they are more than the limit lets through at all, never (null). */
const allowedAt = (limit: BurnLimit, burns: Burns, now: Instant, points: number): Instant | null => {
  if (limit.points !== null && points > limit.points) return null;
  const counts = counting(burns, limit.within, now);
  let [times, sum] = counts.reduce(([t, p], count) => [t + count.times, p + count.points], [1, points]);
  let at = now;
  for (const count of counts) {
    if (times <= (limit.times ?? times) && sum <= (limit.points ?? sum)) return at;
    times -= count.times;
    sum -= count.points;
    at = overAt(limit.within, count);
  }
  return at;
};

const limitsPer = (draft: Draft, per: BurnLimit['per']): BurnLimit[] =>
  draft.rules.policies.burn_limits.filter((limit) => limit.per === per);

/** Null: nothing is counted, as no API key asked for the command. */
const burnsPer = ({ state, key }: Draft, per: BurnLimit['per']): Burns | null => {
  if (per === 'member') return state.burns ?? {};
  if (key !== null && key.burns === null) throw new Error(`the burns of key ${key.id} were not loaded`);
  return key?.burns ?? null;
};

const limitText = ({ within, times, points, per }: BurnLimit): string => {
  const most = [...(times === null ? [] : [`${times} times`]), ...(points === null ? [] : [`${points} points`])];
  return `at most ${most.join(' and ')} within ${within} per ${per}`;
};

interface Reached {
  readonly limit: BurnLimit;
  readonly at: Instant | null;
}

const refuseReached = (draft: Draft, reached: readonly Reached[]): Refusal => {
  const limits = reached.map(({ limit }) => limit);
  const { within, per } = limits.reduce((a, b) => (lengthOf(b.within) > lengthOf(a.within) ? b : a));
  const ends = reached.map(({ at }) => at);
  const until = ends.reduce((last, at) => (last === null || at === null ? null : Math.max(last, at)), draft.now);
  const errors = reached.map(({ limit, at }): Fault => {
    const when = at === null ? 'more than the limit lets through at once' : `again from ${instantText(at)}`;
    return { pointer: '/points', code: 'burn_limit_reached', detail: when, expected: limitText(limit) };
  });
  const detail =
    until === null ? 'more points than may be burned at once' : `points can be burned again from ${instantText(until)}`;
  const quiet_until = draft.now + lengthOf(within);
  const refusedBurn: RefusedBurn = { code: 'burn_limit_reached', limit: { within, per }, until, quiet_until };
  return refuse('burn_limit_reached', detail, { errors, refusedBurn });
};

/**
 * Why so many points may not be taken to be spent, whatever for and however many there are; null: they may. Whoever
 * takes points for the member asks it first and says `noteBurn` after. What is held already may be captured: it was
 * taken before, and often handed out.
 */
export const refuseBurn = (draft: Draft, points: number): Refusal | null => {
  const until = frozenUntil(draft.state, draft.now);
  if (until !== null) {
    const refusedBurn: RefusedBurn = { code: 'member_frozen', limit: null, until, quiet_until: until };
    const detail = `an identity of the member was changed: points can be burned again from ${instantText(until)}`;
    return refuse('member_frozen', detail, { refusedBurn });
  }
  const reached = draft.rules.policies.burn_limits.flatMap((limit): Reached[] => {
    const burns = burnsPer(draft, limit.per);
    const at = burns === null ? draft.now : allowedAt(limit, burns, draft.now, points);
    return at === draft.now ? [] : [{ limit, at }];
  });
  return reached.length === 0 ? null : refuseReached(draft, reached);
};

/** Counts points that were taken to be spent. */
export const noteBurn = (draft: Draft, points: number): void => {
  const [perMember, perKey] = [limitsPer(draft, 'member'), limitsPer(draft, 'key')];
  if (perMember.length > 0)
    draft.state.burns = countedWith(burnsPer(draft, 'member') ?? {}, perMember, draft.now, points);
  if (perKey.length === 0 || draft.key === null) return;
  const burns = countedWith(burnsPer(draft, 'key') ?? {}, perKey, draft.now, points);
  draft.key = { ...draft.key, burns };
  draft.keyBurns = { key: draft.key.id, burns };
};

/** Until when the member burns nothing; null: it is not frozen. */
export const frozenUntil = ({ frozen_until: until = null }: MemberState, now: Instant): Instant | null =>
  until !== null && until > now ? until : null;

const FREEZE = 'freeze';
const refuserOf = ({ limit }: RefusedBurn): string => (limit === null ? FREEZE : `${limit.within} per ${limit.per}`);

/** Whoever freezes or unfreezes makes a later refusal a new one. */
const forgetTold = ({ state }: Draft): void => {
  const { [FREEZE]: _told, ...others } = state.burn_refused ?? {};
  state.burn_refused = others;
};

/** An identity of the member was changed: for a while nothing is burned, where the program says so. */
export const freeze = (draft: Draft): void => {
  const { freeze_after_identity_change_hours: hours } = draft.rules.policies;
  if (hours === null) return;
  const until = Math.max(draft.now + hours * HOUR_MS, draft.state.frozen_until ?? 0);
  draft.state.frozen_until = until;
  forgetTold(draft);
  addEvent(draft, 'member.frozen', draft.now, { until: instantText(until) });
};

/** A person lifts it before its time. */
export const unfreezeMember = (draft: Draft): Outcome => {
  if (draft.state.status === 'closed') return refuse('member_closed', 'a closed membership is not changed');
  if (frozenUntil(draft.state, draft.now) === null) return acceptEvaluated(draft);
  draft.state.frozen_until = null;
  forgetTold(draft);
  addEvent(draft, 'member.unfrozen', draft.now, {});
  return acceptEvaluated(draft);
};

/** Whether the same refusal was told lately: an attack does not fill the outbox. */
export const isTold = (state: MemberState, refused: RefusedBurn, now: Instant): boolean =>
  (state.burn_refused?.[refuserOf(refused)] ?? 0) > Math.max(now, state.recorded_at);

/** Tells of a burn that was refused. A refusal changes nothing, so this is a command of its own. */
export const tellRefusedBurn = (draft: Draft, refused: RefusedBurn): Outcome => {
  const { state, now } = draft;
  if (isTold(state, refused, now)) return acceptEvaluated(draft);
  const { code, limit, until, quiet_until } = refused;
  const quiet = Object.entries(state.burn_refused ?? {}).filter(([, end]) => end > now);
  state.burn_refused = { ...Object.fromEntries(quiet), [refuserOf(refused)]: quiet_until };
  const data = { code, within: limit?.within ?? null, per: limit?.per ?? null, until: instantTextOrNull(until) };
  addEvent(draft, 'burn.refused', now, data);
  return acceptEvaluated(draft);
};
