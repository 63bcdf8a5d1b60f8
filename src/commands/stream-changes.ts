import type { Configuration } from '../model/configuration.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { inForce } from '../rules/resources.ts';
import type { Tx } from '../store/connection.ts';
import { dropDeliveries } from '../store/deliveries.ts';
import { setStatus, startStream } from '../store/stream-standings.ts';

/**
 * What becomes of the standings of streams by a change of the configuration, in its transaction. A stream that is new,
 * or put again after it was archived, begins after what there is by now; one that is of another segment than before
 * begins anew, too, with who is in that. All other edits hold from the next event on.
 */
export const startChangedStreams = async (
  tx: Tx,
  program: ProgramId,
  before: Configuration,
  after: Configuration,
  now: Instant,
): Promise<void> => {
  if (before.streams === after.streams) return;
  const [was, is] = [new Map(inForce(before.streams)), new Map(inForce(after.streams))];
  for (const [code, { segment }] of is) {
    const known = was.get(code);
    if (known !== undefined && known.segment === segment) continue;
    await dropDeliveries(tx, program, code);
    await startStream(tx, program, code, segment !== null, now);
  }
  for (const code of was.keys()) {
    if (is.has(code)) continue;
    await setStatus(tx, program, code, 'archived', null, now);
    await dropDeliveries(tx, program, code);
  }
};
