import { type Refusal, refuse } from '../model/decision.ts';
import { type MemberId, type ProgramId, parseId } from '../model/ids.ts';
import { type Instant, instantTextOrNull, parseInstant } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import type { Stream } from '../model/stream.ts';
import type { ReplayStream, ResendEvents, StreamStandingView } from '../model/stream-standing.ts';
import type { Db, Tx } from '../store/connection.ts';
import type { Database } from '../store/database.ts';
import { countDeliveries, hurryDeliveries } from '../store/deliveries.ts';
import { loadFeed } from '../store/event-feed.ts';
import { positionBefore } from '../store/events.ts';
import { resendDead, resendEvents, resendRange } from '../store/resends.ts';
import { loadSecrets } from '../store/stream-secrets.ts';
import { loadStanding, lockStanding, movePosition, setStatus } from '../store/stream-standings.ts';
import { auditStream } from './audit-stream.ts';
import type { Author } from './configure.ts';

const missingOf = ({ destination }: Stream, secrets: Awaited<ReturnType<typeof loadSecrets>>): string[] => {
  if (destination.type === 'email') return [];
  const has = (kind: string, name?: string) =>
    secrets.some((secret) => secret.kind === kind && (name === undefined || secret.name === name));
  return [
    ...(destination.type === 'webhook' && !has('signature') ? ['secret'] : []),
    ...destination.secret_headers.filter((name) => !has('header', name)).map((name) => `secret_headers.${name}`),
  ];
};

/** How a stream stands. */
export const standingOf = async (
  db: Db,
  program: ProgramId,
  stream: string,
  body: Stream,
  now: Instant,
): Promise<StreamStandingView> => {
  const standing = await loadStanding(db, program, stream);
  if (standing === null) throw new Error(`stream ${stream} has no standing`);
  const counts = await countDeliveries(db, program, stream);
  const feed = await loadFeed(db, program);
  return {
    status: standing.status,
    because: standing.because as StreamStandingView['because'],
    position: standing.position,
    behind: Math.max(0, feed.last_position - standing.position),
    telling_segment: standing.snapshot !== null,
    missing: missingOf(body, await loadSecrets(db, program, stream, now)),
    failing: counts.failing,
    held: counts.held,
    dead: counts.dead,
    failing_since: instantTextOrNull(standing.failing_since),
    next_attempt_at: instantTextOrNull(counts.next_at),
  };
};

/** Sends nothing by the stream until it is resumed. What is under way arrives. */
export const pauseStream = async (tx: Tx, author: Author, stream: string): Promise<void> => {
  const { program, now } = author;
  const standing = await lockStanding(tx, program, stream);
  if (standing?.status !== 'running') return;
  await setStatus(tx, program, stream, 'paused', null, now);
  await auditStream(tx, author, 'stream.paused', stream);
};

/** Goes on where the stream was paused or disabled; what fails is tried again at once. */
export const resumeStream = async (tx: Tx, author: Author, stream: string): Promise<void> => {
  const { program, now } = author;
  const standing = await lockStanding(tx, program, stream);
  if (standing?.status !== 'running') await auditStream(tx, author, 'stream.resumed', stream);
  await setStatus(tx, program, stream, 'running', null, now);
  await hurryDeliveries(tx, program, stream, now);
};

/** The member and number in the id of an event; of the program, member 0 and the position. */
const keyOf = (id: string): { member: MemberId; number: number } => {
  const [, member = '', number = ''] = id.split('_');
  return parseId('evt', id) ?? { member: Number.parseInt(member, 36) as MemberId, number: Number.parseInt(number, 36) };
};

const deliver = (
  tx: Tx,
  { program, now }: Author,
  stream: string,
  { events, positions, dead }: ResendEvents,
): Promise<number> => {
  if (positions !== undefined) return resendRange(tx, program, stream, positions.from, positions.to, now);
  if (events !== undefined) return resendEvents(tx, program, stream, events.map(keyOf), now);
  return dead === undefined ? Promise.resolve(0) : resendDead(tx, program, stream, limits.resentAtOnce, now);
};

/** Sends events again. Those that are not kept, or that the stream does not want, are left out. */
export const resend = async (
  database: Database,
  author: Author,
  stream: string,
  request: ResendEvents,
): Promise<number | Refusal> => {
  const { from, to } = request.positions ?? { from: 1, to: 1 };
  if (to < from || to - from >= limits.resentAtOnce)
    return refuse('resend_too_large', `from ${from} to ${to} are not 1 to ${limits.resentAtOnce} events`);
  return database.transaction(author.program, async (tx) => {
    const events = await deliver(tx, author, stream, request);
    await auditStream(tx, author, 'stream.resent', stream, { events });
    return events;
  });
};

/** Sends everything again from a point of the feed on, in order. Refuses where events from there are not kept any more. */
export const replay = (
  database: Database,
  author: Author,
  stream: string,
  { from, position }: ReplayStream,
): Promise<null | Refusal> =>
  database.transaction(author.program, async (tx) => {
    const { program } = author;
    const feed = await loadFeed(tx, program);
    const after = position === undefined ? await positionBefore(tx, program, parseInstant(from ?? '')) : position - 1;
    if (after < feed.dropped_position)
      return refuse('events_not_kept', `events up to position ${feed.dropped_position} are not kept any more`);
    await lockStanding(tx, program, stream);
    const to = Math.min(after, feed.last_position);
    await movePosition(tx, program, stream, to);
    await auditStream(tx, author, 'stream.replayed', stream, { position: to + 1 });
    return null;
  });
