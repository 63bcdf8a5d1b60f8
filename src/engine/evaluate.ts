import { type Accepted, accept } from '../model/decision.ts';
import type { Instant } from '../model/instant.ts';
import type { Draft } from './draft.ts';
import { earnOnEntering } from './earn-on-entering.ts';
import { reassess } from './reassess.ts';

/** A tier entered gives points, which enter a segment, which gives points …: so often at most. */
const ROUNDS_MAX = 8;

/** Looks at tiers and segments again, and sets off the rules that entering one sets off, until nothing more follows. */
export const evaluate = (draft: Draft, at: Instant): void => {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    reassess(draft, at);
    const entered = draft.entered.splice(0);
    if (entered.length === 0 || !earnOnEntering(draft, entered)) return;
  }
};

/** Accepts what stands in the draft, tiers and segments looked at again. The caller reads the member afresh. */
export const acceptEvaluated = (draft: Draft, status: Accepted['status'] = 200): Accepted => {
  evaluate(draft, draft.now);
  return accept(null, status);
};
