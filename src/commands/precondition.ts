import { type Refusal, refuse } from '../model/decision.ts';

/** What the caller believes about a resource and wants checked before it is changed. */
export interface Precondition {
  /** There is none yet. */
  readonly absent: boolean;
  /** It is in one of these revisions; `any`: it exists. Null: nothing was said. */
  readonly revisions: readonly number[] | 'any' | null;
}

const failed = (detail: string): Refusal => refuse('precondition_failed', detail);

/**
 * Whether a resource is as the caller believes: null when it is. `revision` is null when there is none. Whoever changes
 * what exists must say which revision they saw (`precondition_required`), so that nobody's change is lost unseen.
 */
export const unmet = ({ absent, revisions }: Precondition, revision: number | null): Refusal | null => {
  if (revision === null) return revisions === null ? null : failed('there is no such thing yet');
  if (absent) return failed(`it exists, in revision ${revision}`);
  if (revisions === null) return refuse('precondition_required', `it exists: send If-Match with the ETag you saw`);
  return revisions === 'any' || revisions.includes(revision) ? null : failed(`it is in revision ${revision}`);
};
