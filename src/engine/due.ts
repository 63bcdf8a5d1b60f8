import { earliest } from '../model/instant.ts';
import { type Draft, holdsOf, vouchersOf } from './draft.ts';
import { slidesAt } from './sliding.ts';
import { statusDue } from './status-due.ts';
import { sharpenWindows } from './totals.ts';
import { nextYearly, renewYearly } from './yearly.ts';

/**
 * Renews the instants at which time alone will change something. The due table is written only when its instant moves
 * earlier, or has come: most writes leave it alone.
 */
export const renewDue = (draft: Draft, reassessing: boolean): void => {
  const { state } = draft;
  if (draft.wholeWindows) sharpenWindows(draft);
  const merged = state.merged !== undefined;
  state.reassess_at = merged ? null : statusDue(draft, draft.now, draft.wholeWindows);
  if (!merged) renewYearly(draft);
  // A merged member has vouchers, and nothing else that time does anything to.
  const accounts = merged ? [] : Object.values(state.accounts);
  const due = earliest([
    state.reassess_at,
    merged ? null : nextYearly(draft),
    ...holdsOf(state).map((hold) => hold.expires_at),
    ...vouchersOf(state).map((voucher) => voucher.expires_at),
    ...accounts.map((account) => account.releases_from),
    ...accounts.map((account) => account.expires_from),
    ...accounts.map((account) => account.announces_from ?? null),
    ...accounts.map(slidesAt),
  ]);
  const told = draft.loaded.state.due_at;
  const movesEarlier = due !== null && (told === null || due < told);
  const hasCome = told !== null && told <= draft.now;
  if (due !== told && (movesEarlier || hasCome || reassessing)) {
    state.due_at = due;
    draft.due = { due_at: due };
  }
};
