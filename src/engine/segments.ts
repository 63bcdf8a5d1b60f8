import type { Instant } from '../model/instant.ts';
import type { SegmentHeld } from '../model/member-state.ts';
import type { CompiledCondition } from '../rules/conditions/compiled.ts';
import type { CompiledSegment } from '../rules/status-rules.ts';
import { addEvent, type Draft } from './draft.ts';
import { factsOf } from './facts.ts';
import { subjectAt } from './subject.ts';

const backfill = (draft: Draft) => (draft.backfill ? { backfill: true } : {});

const transition = (
  draft: Draft,
  segment: string,
  { since, number }: SegmentHeld,
  kind: 'entered' | 'left',
  because: CompiledCondition | 'archived' | 'merge' | 'erased',
  at: Instant,
): void => {
  draft.memberships.push({
    segment,
    number,
    kind,
    at,
    since,
    recorded_at: draft.now,
    revision: draft.rules.revision,
    facts:
      typeof because === 'string'
        ? { because, of: segment, values: {} }
        : { because: 'condition', of: segment, values: factsOf(because, subjectAt(draft, at)) },
  });
};

const leave = (
  draft: Draft,
  code: string,
  because: CompiledCondition | 'archived' | 'merge' | 'erased',
  at: Instant,
): void => {
  const held = draft.state.segments[code];
  if (held === undefined) return;
  transition(draft, code, held, 'left', because, at);
  const { [code]: _left, ...rest } = draft.state.segments;
  draft.state.segments = rest;
  addEvent(draft, 'segment.left', at, { segment: code, ...backfill(draft) });
};

/** Looks at one segment again: entered when its condition is true, left when that is not true and its exit, if any, is. */
export const assessSegment = (draft: Draft, { code, condition, exit }: CompiledSegment, at: Instant): void => {
  const subject = subjectAt(draft, at);
  const inside = draft.state.segments[code] !== undefined;
  const matches = condition.test(subject) === true;
  if (inside === matches) return;
  if (inside) {
    if (exit === null || exit.test(subject) === true) leave(draft, code, exit ?? condition, at);
    return;
  }
  addEvent(draft, 'segment.entered', at, { segment: code, ...backfill(draft) });
  const held = { since: at, number: draft.state.events };
  transition(draft, code, held, 'entered', condition, at);
  draft.state.segments = { ...draft.state.segments, [code]: held };
  draft.entered.push({ kind: 'segment', code, at });
};

/** Segments that were archived are left; in the order of codes, which a store may not keep. */
export const leaveArchivedSegments = (draft: Draft, at: Instant): void => {
  const held = Object.keys(draft.state.segments);
  if (held.length === 0) return;
  const inForce = draft.rules.segmentCodes;
  for (const code of held.sort()) if (!inForce.has(code)) leave(draft, code, 'archived', at);
};

/** Whoever is erased is in no segment any more, whatever its condition says. */
export const leaveEverySegment = (draft: Draft, at: Instant): void => {
  for (const code of Object.keys(draft.state.segments).sort()) leave(draft, code, 'erased', at);
};

/** Leaves a segment because two members were merged, or parted. */
export const leaveWithMerge = (draft: Draft, code: string): void => leave(draft, code, 'merge', draft.now);

/** In a segment again as before two members were merged. */
export const enterAgain = (draft: Draft, code: string, since: Instant): void => {
  if (!draft.rules.segmentCodes.has(code) || draft.state.segments[code] !== undefined) return;
  addEvent(draft, 'segment.entered', draft.now, { segment: code, ...backfill(draft) });
  const held = { since, number: draft.state.events };
  transition(draft, code, held, 'entered', 'merge', draft.now);
  draft.state.segments = { ...draft.state.segments, [code]: held };
};
