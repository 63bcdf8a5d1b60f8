import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';

export const CLOCK_MOVE_STATUSES = ['running', 'done'] as const;
export type ClockMoveStatus = (typeof CLOCK_MOVE_STATUSES)[number];

/** Where the clock of a sandbox may stand: years that calendars know well, on both sides of any log worth replaying. */
export const CLOCK_FROM = '1970-01-01T00:00:00Z';
export const CLOCK_BEFORE = '2200-01-01T00:00:00Z';

/** How far one move may go: everything that falls due on the way is settled at its own instant. */
export const CLOCK_MOVE_DAYS = 3_660;

export const MoveClock = named(
  'MoveClock',
  closed(
    {
      to: InstantText(
        `Where to move the clock: not before where it stands, and at most ${CLOCK_MOVE_DAYS} days further.`,
      ),
    },
    {
      description: 'A move of the sandbox clock.',
      // An example that can be sent: where a clock was moved already is where it stands.
      examples: [{ to: '2026-04-01T00:00:00Z' }],
    },
  ),
);
export type MoveClock = Static<typeof MoveClock>;

export const ClockMove = named(
  'ClockMove',
  Type.Object(
    {
      id: Type.String({ description: 'Id of the move.', examples: ['mov_1'] }),
      from: InstantText('Where the clock stood.'),
      to: InstantText('Where it stands since the move began.'),
      status: openEnum(
        CLOCK_MOVE_STATUSES,
        'Whether members that fell due on the way are still being settled. Reads and writes are as of `to` either way.',
      ),
      due: Type.Integer({ description: 'Members that were due by `to` when the move began.' }),
      settled: Type.Integer({ description: 'Members the move has settled so far.' }),
    },
    { description: 'A move of the sandbox clock, and how far it has come.' },
  ),
);
export type ClockMove = Static<typeof ClockMove>;

export const SandboxClock = named(
  'SandboxClock',
  Type.Object(
    {
      clock: InstantText('The program’s time.'),
      move: nullable(ref(ClockMove), { description: 'The last move; null when the clock was never moved.' }),
    },
    { description: 'The clock of a sandbox program.' },
  ),
);
export type SandboxClock = Static<typeof SandboxClock>;
