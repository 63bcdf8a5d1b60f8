import type { Undone } from '../engine/needs.ts';
import type { MemberId } from '../model/ids.ts';
import type { World } from './world.ts';

/** What the survivor's side of a command may take back: of the other's lots, those they became. */
export const inheritedFrom = (world: World, from: MemberId, undone: Undone): Undone => {
  const lots = world.merges.get(from)?.lots ?? [];
  const given = undone.given.flatMap(({ wallet, points, lot: number }) => {
    const own = lots.filter(({ source_lot }) => source_lot === number).map(({ lot }) => lot);
    // Without lots of its own the rest pays.
    return [{ wallet, points, lot: own[0] ?? 0 }, ...own.slice(1).map((lot) => ({ wallet, points: 0, lot }))];
  });
  return { at: undone.at, given, redemptions: [], ...(undone.mayTakeAny === true ? { mayTakeAny: true } : {}) };
};
