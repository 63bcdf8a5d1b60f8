import type { Instant } from '../model/instant.ts';
import type { Draft } from './draft.ts';
import { tierDueAt } from './reassess.ts';

const earliest = (instants: readonly (Instant | null)[]): Instant | null =>
  instants.reduce<Instant | null>(
    (found, at) => (at === null ? found : found === null ? at : Math.min(found, at)),
    null,
  );

const renewTierInstant = (draft: Draft, reassessing: boolean): void => {
  const before = draft.loaded.state;
  const known = before.tier_due_at;
  // What is known stays true while only reports come in: they raise totals, so that a fall comes later, never earlier.
  const stillTrue =
    known !== null && known > draft.now && draft.transitions.length === 0 && before.revision === draft.rules.revision;
  draft.state.tier_due_at = stillTrue && !reassessing ? known : tierDueAt(draft, reassessing);
};

/**
 * Renews the instants at which time alone will change something. The due table is written only when its instant moves
 * earlier, or has come: most writes leave it alone.
 */
export const renewDue = (draft: Draft, reassessing: boolean): void => {
  renewTierInstant(draft, reassessing);
  const { state } = draft;
  const accounts = Object.values(state.accounts);
  const due = earliest([
    state.tier_due_at,
    ...accounts.map((account) => account.releases_from),
    ...accounts.map((account) => account.expires_from),
  ]);
  const told = draft.loaded.state.due_at;
  const movesEarlier = due !== null && (told === null || due < told);
  const hasCome = told !== null && told <= draft.now;
  if (due !== told && (movesEarlier || hasCome || reassessing)) {
    state.due_at = due;
    draft.due = { due_at: due };
  }
};
