import { subjectWith } from '../commands/member-subject.ts';
import { memberView } from '../commands/member-view.ts';
import type { MemberReader, ReadMember } from '../commands/read-member.ts';
import type { Condition } from '../model/condition.ts';
import type { NumberedEvent } from '../model/event.ts';
import { EVENT_TYPES, type EventType } from '../model/event-catalogue.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Stream } from '../model/stream.ts';
import type { StreamedEvent } from '../model/streamed-event.ts';
import { type CompiledCondition, compiled } from '../rules/conditions/compiled.ts';
import { matchesPattern } from '../rules/event-patterns.ts';
import { eventView } from '../rules/event-view.ts';
import { fieldsToldTo } from '../rules/stream-fields.ts';
import type { Database } from '../store/database.ts';
import { fieldsOf } from './member-fields.ts';

/*
 * Which events a stream sends, and what of the member it tells with them: first by the event alone, then by the member
 * as it is now. A member who was erased meanwhile is in no segment and meets no condition.
 */

export interface Audience {
  /** The types that it may want; null: all. */
  readonly types: readonly EventType[] | null;
  /** By the event alone. */
  wants(event: NumberedEvent): boolean;
  /** Events as the stream tells them, in their order; null: left out because of the member. */
  tell(events: readonly NumberedEvent[]): Promise<(StreamedEvent | null)[]>;
}

export interface AudienceTools {
  readonly database: Database;
  readonly members: MemberReader;
  readonly program: ProgramId;
}

const SEGMENT_EVENTS = ['segment.entered', 'segment.left'] as const;

const ofSegment = (segment: string, { type, data }: NumberedEvent): boolean =>
  SEGMENT_EVENTS.some((one) => one === type) && data['segment'] === segment;

export const audienceOf = ({ database, members, program }: AudienceTools, stream: Stream): Audience => {
  const { events: patterns, segment, only_in_segment, condition, backfill } = stream;
  const fields = fieldsToldTo(stream);
  const looksAtMembers = only_in_segment !== null || condition !== null;
  const conditions = new WeakMap<object, CompiledCondition>();

  const wants: Audience['wants'] = (event) => {
    if (!matchesPattern(patterns, event.type)) return false;
    if (segment !== null) return ofSegment(segment, event);
    if (event.data['backfill'] === true && !backfill) return false;
    return !(looksAtMembers && event.member === null);
  };

  const compiledFor = ({ rules }: ReadMember, asked: Condition): CompiledCondition => {
    const known = conditions.get(rules);
    if (known !== undefined) return known;
    const made = compiled(asked, rules.conditionContext);
    conditions.set(rules, made);
    return made;
  };

  const admits = async (member: ReadMember | null): Promise<boolean> => {
    if (!looksAtMembers) return true;
    if (member === null) return false;
    if (only_in_segment !== null && member.state.segments[only_in_segment] === undefined) return false;
    if (condition === null) return true;
    const { test, dependencies } = compiledFor(member, condition);
    return test(await subjectWith(database, program, member, dependencies.windows)) === true;
  };

  const tell: Audience['tell'] = async (events) => {
    if (!looksAtMembers && fields.length === 0) return events.map(eventView);
    const ids = new Set(events.flatMap(({ member }) => member?.external_id ?? []));
    const found = new Map(
      await Promise.all(
        [...ids].map(async (value) => {
          const member = await members.find(program, { kind: 'id', value });
          const told = member === null ? {} : fieldsOf(memberView(member), fields);
          return [value, { admitted: await admits(member), told }] as const;
        }),
      ),
    );
    return events.map((event) => {
      const known = event.member === null ? undefined : found.get(event.member.external_id);
      if (known !== undefined && !known.admitted) return null;
      return { ...eventView(event), ...(fields.length === 0 ? {} : { fields: known?.told ?? {} }) };
    });
  };

  const types = patterns.includes('*') ? null : EVENT_TYPES.filter((type) => matchesPattern(patterns, type));
  return { types: segment === null ? types : SEGMENT_EVENTS, wants, tell };
};
