import type { EventView, NumberedEvent } from '../model/event.ts';
import { type MemberId, makeId } from '../model/ids.ts';
import { instantText } from '../model/instant.ts';

/** Of no member: the id of an event of the program is made of its position. */
const PROGRAM = 0 as MemberId;

/** Ledger entries are decided by number and told by id. */
const told = (data: NumberedEvent['data'], member: MemberId): EventView['data'] =>
  typeof data['entry'] === 'number' ? { ...data, entry: makeId('ent', member, data['entry']) } : data;

/** An event as it is told, by the feed and by streams. */
export const eventView = ({ position, type, occurred_at, recorded_at, data, member }: NumberedEvent): EventView => ({
  id: member === null ? makeId('evt', PROGRAM, position) : makeId('evt', member.member_id, member.number),
  type,
  timestamp: instantText(occurred_at),
  recorded_at: instantText(recorded_at),
  position,
  member: member?.external_id ?? null,
  number: member?.number ?? null,
  data: member === null ? data : told(data, member.member_id),
});
