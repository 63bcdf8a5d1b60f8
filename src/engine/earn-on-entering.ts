import type { Draft, Entered } from './draft.ts';
import { type EarnOccasion, earnOn } from './earn-on.ts';

/** Sets off the earn rules that entering a tier or segment sets off. Returns whether any gave points. */
export const earnOnEntering = (draft: Draft, entered: readonly Entered[]): boolean => {
  let gave = false;
  for (const { kind, code, at } of entered) {
    const cause = { cause: `${kind}.entered`, cause_id: code } as const;
    const occasion: EarnOccasion =
      kind === 'tier' ? { kind: 'tier.entered', tier: code } : { kind: 'segment.entered', segment: code };
    const { earned } = earnOn(draft, occasion, null, at, cause);
    gave ||= earned.length > 0;
  }
  return gave;
};
