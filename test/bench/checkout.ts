import { audit } from './audit.ts';
import { type BenchServer, createTesseraDatabase, settleDatabase, startBenchServer } from './bench-server.ts';
import { consumeLots } from './checkout-lots.ts';
import type { LoadKind, Members } from './load.ts';
import { machine } from './machine.ts';
import { type Measured, measure } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { seedMembers } from './seed-members.ts';
import { resource, seedProgram } from './seed-program.ts';
import { type Service, startService } from './service.ts';
import { median, milliseconds, perSecond, table, times } from './table.ts';
import { type Target, targetTable } from './target.ts';

const CONNECTIONS = 256;
const HOT_CONNECTIONS = 50;
const MEMBERS = 20_000;

const burnRules = {
  cash: resource({
    ...{ name: 'A cent a point', wallet: 'points', value: { points: 1, amount: 1 } },
    ...{ minimum_points: null, maximum_points: null, step_points: 1, maximum_percent: 100 },
    ...{ lines: null, shipping: false, condition: null, limits: [], priority: 0, from: null, until: null },
  }),
};

interface Round {
  readonly earn: Measured;
  readonly quote: Measured;
  readonly paid: Measured;
  readonly cycle: Measured;
  readonly redemption: Measured;
  readonly spread: Measured;
  readonly hot: Measured;
}

const ofRound = async (
  databaseUrl: string,
  { url }: Service,
  key: string,
  members: Members,
  options: BenchOptions,
): Promise<Round> => {
  const of = (kind: LoadKind, connections: number, whom = members): Promise<Measured> =>
    measure(databaseUrl, { url, key, members: whom }, kind, connections, options);
  return {
    earn: await of('purchase', CONNECTIONS),
    quote: await of('quote', CONNECTIONS),
    paid: await of('paid', CONNECTIONS),
    redemption: await of('redemption', CONNECTIONS),
    cycle: await of('cycle', CONNECTIONS),
    spread: await of('purchase', HOT_CONNECTIONS),
    hot: await of('purchase', HOT_CONNECTIONS, { first: 1, count: 1 }),
  };
};

const ratioOf = (rounds: readonly Round[], what: keyof Round, against: keyof Round): number =>
  median(rounds.map((round) => round[what].perSecond / round[against].perSecond));

const rowsOf = (rounds: readonly Round[]) =>
  (
    [
      ['earn', 'earn', null],
      ['quote', 'quote', 'earn'],
      ['purchase with redemption', 'paid', 'earn'],
      ['redemption at once', 'redemption', 'earn'],
      ['hold and capture, each a request', 'cycle', 'earn'],
      ['earn, members at random', 'spread', null],
      ['earn, one member', 'hot', 'spread'],
    ] as const
  ).map(([name, what, against]) => [
    name,
    String(rounds[0]?.[what].connections),
    perSecond(median(rounds.map((round) => round[what].perSecond))),
    milliseconds(median(rounds.map((round) => round[what].p50))),
    milliseconds(median(rounds.map((round) => round[what].p99))),
    against === null ? '' : times(ratioOf(rounds, what, against)),
  ]);

const targetsOf = (rounds: readonly Round[]): Target[] => [
  { what: 'quote, against earn', measured: ratioOf(rounds, 'quote', 'earn'), bound: 0.8, sense: 'at least' },
  {
    what: 'redemption at once, against earn',
    measured: ratioOf(rounds, 'redemption', 'earn'),
    bound: 0.7,
    sense: 'at least',
  },
  {
    what: 'fifty clients on one member, against members at random',
    measured: ratioOf(rounds, 'hot', 'spread'),
    bound: 0.3,
    sense: 'at least',
  },
];

const overMembers = async (
  server: BenchServer,
  options: BenchOptions,
): Promise<{ told: string; targets: Target[] }> => {
  const members = { first: 1, count: Math.min(MEMBERS, options.members) };
  console.error(`… making ${members.count} members`);
  const databaseUrl = await createTesseraDatabase(server, 'checkout');
  const { program, key } = await seedProgram(databaseUrl, options.window, { burn_rules: burnRules });
  await seedMembers(databaseUrl, program, members);
  await settleDatabase(databaseUrl);
  const service = await startService({ main: 'src/main.ts', databaseUrl, heap: options.heap });
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    console.error(`… round ${round} of ${options.rounds}`);
    rounds.push(await ofRound(databaseUrl, service, key, members, options));
  }
  await service.stop();
  const head = ['what', 'connections', 'a second', 'p50', 'p99', 'against earn'];
  return { told: `${table(head, rowsOf(rounds))}\n\n${await audit(databaseUrl)}`, targets: targetsOf(rounds) };
};

/** What a checkout asks for, against plain earning: quotes, holds, redemptions, one member whom everybody wants, and many small lots. */
export async function checkout(options: BenchOptions): Promise<string> {
  const server = await startBenchServer();
  try {
    const { told, targets } = await overMembers(server, options);
    const lots = await consumeLots(server, options);
    return [machine(server), `  At the checkout\n\n${told}`, lots, targetTable(targets)].join('\n\n');
  } finally {
    await server.stop();
  }
}
