import type { Changes } from '../model/decision.ts';
import { changesOf, type Draft, openDraft } from './draft.ts';

/** Whether settling has left nothing in the draft that is to be kept: what it only computed, it computes again. */
export const isAsLoaded = ({ loaded, rules, state, events, entries, lots, days }: Draft): boolean =>
  events.length + entries.length + lots.size + days.size === 0 &&
  loaded.state.revision === rules.revision &&
  loaded.state.day === state.day;

/** What a command changes that came to nothing. */
export const noChanges = ({ loaded, rules, now }: Draft): Changes => ({
  ...changesOf(openDraft(loaded, rules, now, false)),
  state: null,
});
