import type { Event } from '../../src/model/event.ts';
import { instantText } from '../../src/model/instant.ts';
import { type Given, settle } from './given.ts';

/* What was announced to expire, as short text: when, of which wallet, how many available and pending, until when. */

export const short = (instant: string): string => instant.replace(/(:00)?\.000Z$/, 'Z');
const announcedIn = (events: readonly Event[]): string[] =>
  events.flatMap(({ type, occurred_at, data }) =>
    type === 'points.expiring'
      ? [
          `${short(instantText(occurred_at))} ${data['wallet']}: ${data['points']} + ${data['pending']} until ${short(`${data['expires_at']}`)}`,
        ]
      : [],
  );
export const announced = ({ history }: Given): string[] => history.flatMap(({ events }) => announcedIn(events));
/** All that was announced once the member is settled up to an instant. */
export const settledAt = (story: Given, at: string): string[] => announced(story.and(at, settle));
/** When a job looks at the member. */
export const dueAt = ({ member }: Given): string => short(instantText(member?.state.due_at ?? 0));
