import type { Configuration } from '../model/configuration.ts';
import type { Instant } from '../model/instant.ts';
import type { Policies } from '../model/policies.ts';
import type { Calendar } from './calendar.ts';
import { fewestDaysOf } from './compare-durations.ts';
import { inForce } from './resources.ts';

/*
 * How long ahead it is announced that points expire. At a local midnight, so many calendar days ahead whatever the clocks
 * do in between: it does not depend on who looks at the member when, and a day's instants are told together.
 */

/** Local days of notice by wallet in force; 0: nothing is announced. At most half of what the wallet's own points live. */
export const noticesOf = (configuration: Configuration): ReadonlyMap<string, number> => {
  const days = configuration.policies.points_expiring_days ?? 0;
  return new Map(
    inForce(configuration.wallets).map(([code, { expiry }]) => [
      code,
      expiry === null ? days : Math.min(days, Math.floor(fewestDaysOf(expiry.after) / 2)),
    ]),
  );
};

/** The notice of any wallet: one that is archived has what the program says. */
export const noticeOf = (notices: ReadonlyMap<string, number>, policies: Policies, wallet: string): number =>
  notices.get(wallet) ?? policies.points_expiring_days ?? 0;

/**
 * The configuration, which says when its notices changed: members have to be told when something is next announced. A
 * wallet that is new has no points yet.
 */
export const withNoticeRevision = (before: Configuration, after: Configuration, revision: number): Configuration => {
  const [was, is] = [noticesOf(before), noticesOf(after)];
  const isSame = Object.keys(before.wallets).every(
    (code) => noticeOf(was, before.policies, code) === noticeOf(is, after.policies, code),
  );
  return isSame ? after : { ...after, notice_revision: revision };
};

/** When an expiry is announced on so many days of notice: the first local midnight that is no further ahead. Null: never. */
export const announcedAt = (calendar: Calendar, days: number, expiry: Instant): Instant | null =>
  days === 0 ? null : calendar.startOf(calendar.dayOf(expiry - 1) + 1 - days);

/** The last expiry that is announced by an instant. */
export const announcedUntil = (calendar: Calendar, days: number, at: Instant): Instant =>
  days === 0 ? at : calendar.startOf(calendar.dayOf(at) + days);
