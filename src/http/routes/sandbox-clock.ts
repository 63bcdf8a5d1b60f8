import { clockMoveView, moveClock, notASandbox } from '../../commands/move-clock.ts';
import { instantText } from '../../model/instant.ts';
import { ClockMove, MoveClock, SandboxClock } from '../../model/sandbox-clock.ts';
import { ref } from '../../model/schema.ts';
import { lastMove } from '../../store/clock-moves.ts';
import { loadMoment } from '../../store/programs.ts';
import { programOf } from '../auth.ts';
import { authorOf } from '../author.ts';
import { accepted, refused } from '../refused.ts';
import { bodyProblems, keyProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

/** A move that takes longer goes on as a job. */
const ANSWERED_WITHIN_MS = 2_000;

export const sandboxClockRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/sandbox/clock',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'getSandboxClock',
        tags: ['sandbox'],
        security: [{ apiKey: [] }],
        summary: 'Read the sandbox clock',
        description: 'Where the clock of the sandbox program stands, and how far its last move has come.',
        response: {
          200: { description: 'The clock and its last move.', ...ref(SandboxClock) },
          ...problemResponses('invalid_request', ...keyProblems, 'not_a_sandbox'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const [{ clock }, move] = await services.database.read(program, (db) =>
        Promise.all([loadMoment(db, program), lastMove(db, program)]),
      );
      if (clock === null) throw refused(notASandbox());
      return { clock: instantText(clock), move: move === null ? null : clockMoveView(move) };
    },
  );

  app.post(
    '/v1/sandbox/clock',
    {
      config: { scope: 'configure' },
      schema: {
        operationId: 'moveSandboxClock',
        tags: ['sandbox'],
        security: [{ apiKey: [] }],
        summary: 'Move the sandbox clock',
        description:
          'Moves the clock of a sandbox program forward and settles every member that falls due on the way, in due order, each thing at its own instant: points released and expired, tiers and segments left, birthdays. Reads and writes are as of the new time at once. A move of many members goes on after the answer, with `status: running` and progress under `GET`; one move at a time. The same `to` again answers the same move again.',
        body: ref(MoveClock),
        response: {
          200: { description: 'The clock is moved; `status` says whether everybody is settled.', ...ref(ClockMove) },
          ...problemResponses(
            ...bodyProblems,
            ...keyProblems,
            'not_a_sandbox',
            'clock_moving',
            'members_behind',
            'clock_backwards',
            'clock_out_of_range',
          ),
        },
      },
    },
    async (request) => {
      const move = accepted(
        await moveClock(services, authorOf(services, request), request.body.to, ANSWERED_WITHIN_MS),
      );
      return clockMoveView(move);
    },
  );
};
