import { continueMove, type MoveTools } from '../commands/move-clock.ts';
import { findLeftMoves } from '../store/clock-moves.ts';

/** How long one program's move is worked on before the next program has its turn. */
const TURN_MS = 2_000;

/** Goes on with moves of sandbox clocks that are not done and that nobody works on. Returns whether any is left. */
export const moveClocks = async (tools: MoveTools): Promise<boolean> => {
  const programs = await tools.database.observe((db) => findLeftMoves(db, tools.clock()));
  let left = false;
  let failure: unknown;
  for (const program of programs) {
    try {
      left = (await continueMove(tools, program, TURN_MS)) || left;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return left;
};
