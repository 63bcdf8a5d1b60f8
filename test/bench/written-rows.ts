import { withClient } from './bench-server.ts';

interface Counts {
  readonly purchases: number;
  readonly redemptions: number;
}

/** What is in the database that loads write. */
export const countWritten = (url: string): Promise<Counts> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ purchases: number; redemptions: number }>(`
      select
        (select count(*) from purchase)::integer as purchases,
        (select count(*) from redemption)::integer as redemptions
    `);
    return rows[0] ?? { purchases: 0, redemptions: 0 };
  });

/**
 * Throws unless everything that was answered is there, once. wrk hangs up on what is under way when its time is over:
 * so many more there may be, one for each connection and load.
 */
export function checkWritten(what: string, written: number, answered: number, underWay: number): void {
  if (written >= answered && written <= answered + underWay) return;
  throw new Error(
    `${what}: ${answered} were answered with success and at most ${underWay} were under way, but ${written} were written`,
  );
}
