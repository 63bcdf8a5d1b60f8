import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { compareMember, type Difference, missingThere } from './compare/compare-member.ts';
import { type OldMember, readCsv, readNdjson, UnreadableRecord } from './compare/old-records.ts';
import { type Options, readOptions, usage } from './compare/options.ts';
import { ourRecords } from './compare/our-records.ts';
import { createReport, keyOf, reportInWords } from './compare/report.ts';
import { openClient, ServiceGone } from './replay/client.ts';
import { UsageError } from './replay/options.ts';
import { Refused } from './replay/problems.ts';
import { readLines } from './replay/read-lines.ts';

/*
 * The old system's file against this service, member by member over HTTP: nothing is written, nothing is kept but what
 * is counted, so it can be run as often as both systems run side by side.
 */

const recordsOf = (file: string): AsyncGenerator<OldMember> =>
  (/\.(ndjson|jsonl)(\.gz)?$/.test(file) ? readNdjson : readCsv)(readLines(file));

/** What an earlier run told, each by what it is known again. */
const toldBefore = async (file: string | null): Promise<Set<string> | null> => {
  if (file === null) return null;
  const known = new Set<string>();
  for await (const line of readLines(file)) if (line !== '') known.add(keyOf(JSON.parse(line) as Difference));
  return known;
};

const compare = async (options: Options): Promise<number> => {
  const { file, url, key, asOf, clients, rounding, accept, samples, out } = options;
  const stop = new AbortController();
  const client = openClient({ urls: [url], key, clients: clients * 2, stop: stop.signal, patienceMs: 30_000 });
  const comparing = { ours: ourRecords(client, asOf), asOf: asOf === null ? null : Date.parse(asOf), rounding };
  const before = await toldBefore(options.before);
  const report = createReport(accept, samples, before);
  const still = new Set<string>();
  const compared = { members: 0, accounts: 0, tiers: 0 };
  const written = out === null ? null : createWriteStream(out);
  const seen = new Set<string>();
  const records = recordsOf(file);
  const started = performance.now();

  const tell = (difference: Difference): void => {
    report.add(difference);
    still.add(keyOf(difference));
    written?.write(`${JSON.stringify(difference)}\n`);
  };
  const takeTurns = async (): Promise<void> => {
    for await (const old of records) {
      if (seen.has(old.member))
        throw new UnreadableRecord(old.row, `member ${old.member} was there before: rows of one stand together`);
      seen.add(old.member);
      for (const difference of await compareMember(comparing, old)) tell(difference);
      compared.members += 1;
      compared.accounts += old.accounts.length;
      compared.tiers += old.tiers.size;
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, takeTurns));
    if (options.whole) for await (const difference of missingThere(comparing, seen)) tell(difference);
  } finally {
    client.close();
    written?.end();
  }
  if (written !== null) await finished(written);
  const gone = before === null ? null : [...before].filter((one) => !still.has(one)).length;
  const seconds = (performance.now() - started) / 1000;
  console.log(reportInWords(report, { ...compared, seconds }, accept, gone));
  return report.open() === 0 ? 0 : 1;
};

const expected = (error: unknown): error is Error =>
  error instanceof UsageError ||
  error instanceof UnreadableRecord ||
  error instanceof ServiceGone ||
  error instanceof Refused ||
  (error instanceof Error && 'code' in error && error.code === 'ENOENT');

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === null) console.log(usage);
  process.exitCode = options === null ? 0 : await compare(options);
} catch (error) {
  if (!expected(error)) throw error;
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error.message);
  process.exitCode = 2;
}
