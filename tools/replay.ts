import { readCdnow } from './replay/cdnow.ts';
import { openClient } from './replay/client.ts';
import { readOnlineRetail } from './replay/online-retail.ts';
import { type Options, readOptions, UsageError, usage } from './replay/options.ts';
import { showProgress } from './replay/progress.ts';
import { prove } from './replay/prove.ts';
import { proveReturns } from './replay/prove-returns.ts';
import type { PurchaseLog } from './replay/purchase-log.ts';
import { readLines } from './replay/read-lines.ts';
import { configureReturns } from './replay/returns-program.ts';
import { configureStatuses, makeSandbox, setUpSandbox, ZONES } from './replay/sandbox-program.ts';
import { report, type Sending, send } from './replay/send.ts';
import { firstDayOf, sendByDay } from './replay/send-by-day.ts';
import { reportWithReturns } from './replay/send-returns.ts';
import { setUp } from './replay/set-up.ts';
import { proofInWords, returnsProofInWords, table } from './replay/table.ts';
import { createTally, type Tally } from './replay/tally.ts';

/*
 * A real purchase log, reported to the service over HTTP: file → PurchaseLog → requests → Tally → table. Nothing is
 * remembered between two runs. Every request may be sent again without doing anything twice, so a run that follows an
 * interrupted one starts from the beginning, finds the first part there already, and comes to the same totals.
 */

/** Before anything was sent, a service that does not answer is more likely a wrong address than a restart. */
const setUpPatienceMs = 10_000;
const failuresShown = 20;

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

async function replay(options: Options): Promise<number> {
  const log = await readLog(options);
  if (options.sandbox || options.returns) return replayInSandbox(options, log);
  await prepare(options, log);
  const stop = new AbortController();
  stopOnSignal(stop);
  const tally = createTally(log);
  const client = openClient({ ...options, stop: stop.signal });
  await send({
    client,
    log,
    tally,
    clients: options.clients,
    stop,
    showProgress: (what, total) => showProgress(process.stderr, what, total),
  });
  client.close();
  console.log(table(log, tally, client.retries));
  return conclude(tally, stop.signal);
}

/** Day by day in a sandbox; then, if it is wanted, what the database kept against the log. */
async function replayInSandbox(given: Options, log: PurchaseLog): Promise<number> {
  const stop = new AbortController();
  stopOnSignal(stop);
  const options = given.operatorKey === null ? given : { ...given, key: await keyOfNewSandbox(given, log) };
  const client = openClient({ ...options, stop: stop.signal });
  const sandbox = await setUpSandbox(client, log.currency, options.returns ? configureReturns : configureStatuses);
  const tally = createTally(log);
  const { clients } = options;
  const sending: Sending = {
    client,
    log,
    tally,
    clients,
    stop,
    showProgress: (what, total) => showProgress(process.stderr, what, total),
  };
  const { moves, clock } = await sendByDay(sending, sandbox, options.returns ? reportWithReturns : report);
  console.log(table(log, tally, client.retries));
  console.log(`\nThe clock was moved ${moves} times.`);
  const code = conclude(tally, stop.signal);
  if (code === 0 && options.returns) {
    const proof = await proveReturns(sending, log, readLines(options.file), { ...sandbox, clock });
    client.close();
    console.log(`\n${returnsProofInWords(proof, log.currency)}`);
    return proof.differing === 0 ? conclude(tally, stop.signal) : 1;
  }
  client.close();
  if (code !== 0 || options.prove === 0 || options.databaseUrl === null) return code;
  const proof = await prove(options.databaseUrl, sandbox, log, options.prove);
  console.log(`\n${proofInWords(proof)}`);
  return proof.differing + proof.membersWithOtherPoints === 0 ? 0 : 1;
}

async function keyOfNewSandbox(options: Options, log: PurchaseLog): Promise<string> {
  const stop = new AbortController();
  const key = options.operatorKey ?? '';
  const operator = openClient({ ...options, key, stop: stop.signal, patienceMs: setUpPatienceMs });
  try {
    const code = options.returns ? 'replay-returns' : 'replay-sandbox';
    const made = await makeSandbox(operator, code, log.currency, ZONES[options.log], firstDayOf(log));
    console.error(`The sandbox ${code} is made. To go on after an interruption: TESSERA_KEY=${made}`);
    return made;
  } finally {
    operator.close();
  }
}

/** The first signal ends it after the requests under way; another, given later by somebody who waits in vain, at once. */
function stopOnSignal(stop: AbortController): void {
  let first = Number.POSITIVE_INFINITY;
  const onSignal = () => {
    // One Ctrl-C arrives twice under npm: from the terminal, and passed on by npm.
    if (performance.now() - first > 1_000) process.exit(130);
    first = Math.min(first, performance.now());
    stop.abort(new Interrupted('Interrupted.'));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
}

const readLog = ({ log, file, limit, returns }: Options): Promise<PurchaseLog> =>
  (log === 'cdnow' ? readCdnow : readOnlineRetail)(readLines(file), { limit, returns });

async function prepare(options: Options, { currency }: PurchaseLog): Promise<void> {
  const stop = new AbortController();
  const client = openClient({ ...options, stop: stop.signal, patienceMs: setUpPatienceMs });
  try {
    await setUp(client, currency);
  } finally {
    client.close();
  }
}

/** Says on stderr what went wrong, if anything did. The exit code: 0, 1, or 130 after an interruption. */
function conclude({ failures }: Tally, { aborted, reason }: AbortSignal): number {
  if (failures.length > 0) {
    console.error(`\n${failures.length} requests were refused, and what came after them for their members not sent:`);
    for (const failure of failures.slice(0, failuresShown)) console.error(`  ${failure}`);
    if (failures.length > failuresShown) console.error(`  … and ${failures.length - failuresShown} more`);
  }
  if (aborted) {
    console.error(`\n${reason instanceof Error ? reason.message : String(reason)}`);
    console.error('The table is of what was sent until then. The same command again goes on from there.');
  }
  if (reason instanceof Interrupted) return 130;
  return aborted || failures.length > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options !== null) return await replay(options);
    console.log(usage);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${usage}`);
      return 2;
    }
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

process.exitCode = await main();
