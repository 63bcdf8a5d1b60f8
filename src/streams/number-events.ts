import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { Database } from '../store/database.ts';
import { lockFeed, numberEvents, programsWithEvents } from '../store/event-feed.ts';

/** Commands whose events are numbered in one transaction. */
const AT_ONCE = 1_000;

const numberSome = (database: Database, program: ProgramId, now: Instant): Promise<number> =>
  database.relay(program, async (tx) => ((await lockFeed(tx, program)) ? numberEvents(tx, program, AT_ONCE, now) : 0));

/**
 * Gives committed events their positions in the feed of their program, program by program. One instance at a time does
 * so for a program; another passes it by. Returns whether there is more to do at once.
 */
export const numberOutbox = async (database: Database, now: Instant): Promise<boolean> => {
  let more = false;
  for (const program of await database.observe(programsWithEvents))
    if ((await numberSome(database, program, now)) === AT_ONCE) more = true;
  return more;
};
