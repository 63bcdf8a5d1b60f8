import { type BenchServer, createTesseraDatabase, settleDatabase } from './bench-server.ts';
import type { BenchOptions } from './options.ts';
import { seedHistories } from './seed-members.ts';
import { seedProgram } from './seed-program.ts';
import { startService } from './service.ts';
import { median, milliseconds, table } from './table.ts';

const LOTS = 10_000;
const EACH = 12;
const FEW = { first: 1, count: EACH };
const MANY = { first: 1 + EACH, count: EACH };

interface Took {
  readonly small: number;
  readonly all: number;
}

/** How long, in milliseconds, a small redemption and one of everything take by each of some members, one after another. */
const redeem = async (url: string, key: string, members: typeof FEW): Promise<Took> => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const post = async (id: string, member: string, points: number): Promise<number> => {
    const body = JSON.stringify({ id, member, points });
    const started = performance.now();
    const answer = await fetch(`${url}/v1/redemptions`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (answer.status !== 201) throw new Error(text);
    return performance.now() - started;
  };
  const small: number[] = [];
  const all: number[] = [];
  for (let index = 0; index < members.count; index++) {
    const member = `m-${members.first + index}`;
    for (let time = 0; time < 20; time++) small.push(await post(`s-${member}-${time}`, member, 1));
    const { accounts } = (await (await fetch(`${url}/v1/members/${member}`, { headers })).json()) as {
      accounts: { available: number }[];
    };
    all.push(await post(`a-${member}`, member, accounts[0]?.available ?? 0));
  }
  return { small: median(small), all: median(all) };
};

/** Ten thousand small lots: a redemption that takes one point of them, and one that takes all, beside members with a single lot. */
export async function consumeLots(server: BenchServer, options: BenchOptions): Promise<string> {
  console.error(`… writing ${LOTS} lots for each of ${EACH} members`);
  const databaseUrl = await createTesseraDatabase(server, 'lots');
  const { program, key } = await seedProgram(databaseUrl, null);
  await seedHistories(databaseUrl, program, FEW, { entries: 2, days: 2 });
  await seedHistories(databaseUrl, program, MANY, { entries: LOTS, days: 365 });
  await settleDatabase(databaseUrl);
  const service = await startService({ main: 'src/main.ts', databaseUrl, heap: options.heap });
  const few = await redeem(service.url, key, FEW);
  const many = await redeem(service.url, key, MANY);
  await service.stop();
  const rows = [
    ['a redemption of one point', milliseconds(few.small), milliseconds(many.small)],
    ['a redemption of everything', milliseconds(few.all), milliseconds(many.all)],
  ];
  return `  Lots, one request at a time\n\n${table(['what', 'two lots', `${LOTS.toLocaleString('en-US')} lots`], rows)}`;
}
