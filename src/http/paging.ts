import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import type { MemberId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { limits } from '../model/limits.ts';
import type { ChangePlace } from '../store/changed-members.ts';
import type { DeliveryPlace } from '../store/deliveries.ts';
import type { Place } from '../store/reassessments.ts';
import { ProblemError } from './problem-error.ts';

/** Query properties of every list. */
export const pageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: limits.pageSize, default: 20, description: 'Items of a page, 1 to 100.' }),
  ),
  cursor: Type.Optional(
    Type.String({ maxLength: 300, description: '`next_cursor` of the page before, with the same filters.' }),
  ),
};

/** What a cursor belongs to: the list and its filters. */
type List = readonly unknown[];

const digest = (list: List, position: string): string =>
  createHash('sha256')
    .update(JSON.stringify([list, position]))
    .digest('base64url')
    .slice(0, 12);

/** The position after which the next page begins, bound to the list and its filters. Opaque to the caller. */
export const cursorAt = (list: List, position: string): string =>
  `${Buffer.from(position).toString('base64url')}.${digest(list, position)}`;

const invalid = (): ProblemError =>
  new ProblemError('invalid_cursor', 'take `next_cursor` of the page before, with the same filters');

/** Codes, ids of keys, numbers, a number and a code. The digest has no secret: whoever makes a cursor up gets no further than their program. */
const POSITION = /^[a-z0-9_-]{1,80}$/;

/** The position inside a cursor; null without one. Refuses a cursor of another list or with other filters. */
export const positionOf = (list: List, cursor: string | undefined): string | null => {
  if (cursor === undefined) return null;
  const [encoded = '', signature] = cursor.split('.', 2);
  const position = Buffer.from(encoded, 'base64url').toString();
  if (signature !== digest(list, position) || !POSITION.test(position)) throw invalid();
  return position;
};

/** The same where positions are numbers: how many commands or entries of a member there were. */
export const numberPositionOf = (list: List, cursor: string | undefined): number | null => {
  const position = positionOf(list, cursor);
  if (position === null) return null;
  const number = Number(position);
  if (!/^\d+$/.test(position) || number >= 2 ** 31) throw invalid();
  return number;
};

/** The same where positions are large numbers: instants in milliseconds since 1970, positions of events. */
export const largePositionOf = (list: List, cursor: string | undefined): Instant | null => {
  const position = positionOf(list, cursor);
  if (position === null) return null;
  if (!/^\d{1,15}$/.test(position)) throw invalid();
  return Number(position);
};

/** Where a list in the order of shards and members' numbers goes on. */
export const textOfPlace = ({ shard, member }: Place): string => `${shard}_${member.toString(36)}`;

/** The same where positions are places of members. */
export const placeOf = (list: List, cursor: string | undefined): Place | null => {
  const position = positionOf(list, cursor);
  if (position === null) return null;
  const match = /^(\d{1,2})_([0-9a-z]{1,10})$/.exec(position);
  if (match === null) throw invalid();
  return { shard: Number(match[1]), member: Number.parseInt(match[2] ?? '', 36) as MemberId };
};

/** Where a list of deliveries goes on. */
export const textOfDeliveryPlace = ({ created_at, member, number }: DeliveryPlace): string =>
  `${created_at}_${member.toString(36)}_${number.toString(36)}`;

/** The same where positions are places in a list of deliveries. */
export const deliveryPlaceOf = (list: List, cursor: string | undefined): DeliveryPlace | null => {
  const position = positionOf(list, cursor);
  if (position === null) return null;
  const match = /^(\d{1,15})_([0-9a-z]{1,10})_([0-9a-z]{1,10})$/.exec(position);
  if (match === null) throw invalid();
  const [member, number] = [Number.parseInt(match[2] ?? '', 36) as MemberId, Number.parseInt(match[3] ?? '', 36)];
  return { created_at: Number(match[1]), member, number };
};

/** Where a list in the order of changes goes on; it has no last page. */
export const changeCursor = (list: List, { updated_at, member_id }: ChangePlace): string =>
  cursorAt(list, `${updated_at}_${member_id.toString(36)}`);

/** The same out of a cursor; null without one. */
export const changeOf = (list: List, cursor: string | undefined): ChangePlace | null => {
  const position = positionOf(list, cursor);
  if (position === null) return null;
  const match = /^(\d{1,15})_([0-9a-z]{1,10})$/.exec(position);
  if (match === null) throw invalid();
  return { updated_at: Number(match[1]), member_id: Number.parseInt(match[2] ?? '', 36) as MemberId };
};

/** A page out of rows of which one more than `limit` was asked for. */
export const pageOf = <R, V>(
  rows: readonly R[],
  limit: number,
  list: List,
  position: (row: R) => string,
  view: (row: R) => V,
) => {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const hasMore = rows.length > limit;
  return {
    data: page.map(view),
    has_more: hasMore,
    next_cursor: hasMore && last !== undefined ? cursorAt(list, position(last)) : null,
  };
};
