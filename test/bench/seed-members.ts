import { hash } from 'node:crypto';
import { runBatch } from '../../src/commands/run-batch.ts';
import type { Submission } from '../../src/commands/submission.ts';
import type { Command } from '../../src/model/command.ts';
import type { MemberId, ProgramId } from '../../src/model/ids.ts';
import type { Instant } from '../../src/model/instant.ts';
import { findMembers } from '../../src/store/identities.ts';
import { Lane } from '../../src/store/lane.ts';
import { RulesCache } from '../../src/store/rules-cache.ts';
import { withClient } from './bench-server.ts';
import type { Members } from './load.ts';

/*
 * Members come to be as the service itself makes them: the same batches, only larger, and at times of their own. So
 * what is measured against is what the code of today writes, row by row.
 */

/** Commands in one transaction. */
const BATCH = 1_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** With today, the last 365 days: points that expire after a year are all there yet, and for some expire soon. */
const DAYS_BACK = 364;

export const externalId = (number: number): string => `m-${number}`;

const submissionOf = (program: ProgramId, command: Command, id: string): Submission => ({
  program,
  command,
  fingerprint: hash('sha256', id, 'buffer'),
  key: null,
  requestId: 'bench',
  from: 'caller',
});

const enrolment = (program: ProgramId, number: number): Submission => {
  const body = {
    profile: { given_name: 'Ada', family_name: `Martin ${number}`, language: 'fr', country: 'FR' },
    identities: [{ kind: 'card' as const, value: String(2_099_000_000_000 + number) }],
    consents: { newsletter: { granted: number % 2 === 0, source: 'web-form' } },
    acquisition: { source: 'spring-campaign' },
  };
  return submissionOf(
    program,
    { kind: 'put_member', member_id: null, external_id: externalId(number), body, replace: true },
    externalId(number),
  );
};

const purchase = (program: ProgramId, member: MemberId, id: string, cents: number): Submission => {
  const lines = [{ sku: 'SEED-1', categories: ['shoes'], quantity: 1, unit_price: cents, total: cents }];
  const report = { id, member: 'seed', currency: 'EUR', lines, total: cents, channel: 'web', store: 'lyon-1' };
  return submissionOf(program, { kind: 'record_purchase', member_id: member, report }, id);
};

/** Writes batches as the service would, each at a time of its own. */
export class Seeder {
  readonly #lane: Lane;
  readonly #rules = new RulesCache();
  readonly #program: ProgramId;

  constructor(url: string, program: ProgramId) {
    this.#lane = new Lane(url);
    this.#program = program;
  }

  async #run(submissions: readonly Submission[], at: Instant): Promise<void> {
    const outcomes = await runBatch(
      this.#lane,
      { rules: this.#rules, followUp: () => Promise.resolve(), clock: () => at },
      this.#program,
      submissions,
    );
    const refused = outcomes.find((outcome) => !('status' in outcome) || outcome.status >= 400);
    if (refused !== undefined) throw new Error(`a member could not be made: ${JSON.stringify(refused)}`);
  }

  async enrol({ first, count }: Members, at: Instant): Promise<MemberId[]> {
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    await this.#run(
      numbers.map((number) => enrolment(this.#program, number)),
      at,
    );
    const identities = numbers.map((number) => ({ kind: 'id', value: externalId(number) }));
    const found = await this.#lane.transaction(this.#program, (tx) => findMembers(tx, this.#program, identities));
    return identities.flatMap(({ value }) => found.get(`id:${value}`) ?? []);
  }

  /** Gives each member so many purchases, all at one time. */
  async purchases(
    members: readonly MemberId[],
    each: number,
    at: Instant,
    cents: (index: number) => number,
  ): Promise<void> {
    const submissions = Array.from({ length: each }, (_, round) =>
      members.map((member, index) =>
        purchase(this.#program, member, `s${member.toString(36)}-${at.toString(36)}-${round}`, cents(index + round)),
      ),
    ).flat();
    for (let from = 0; from < submissions.length; from += BATCH)
      await this.#run(submissions.slice(from, from + BATCH), at);
  }

  close(): Promise<void> {
    return this.#lane.close();
  }
}

/** Members who each enrolled and bought once, at some time in the last year, and have some hundred points from it. */
export async function seedMembers(url: string, program: ProgramId, members: Members): Promise<void> {
  const start = Date.now() - DAYS_BACK * DAY_MS;
  const step = ((DAYS_BACK - 1) * DAY_MS) / Math.ceil(members.count / BATCH);
  const seed = async (seeder: Seeder, from: number): Promise<void> => {
    const at = Math.floor(start + (from / BATCH) * step);
    const ids = await seeder.enrol({ first: members.first + from, count: Math.min(BATCH, members.count - from) }, at);
    await seeder.purchases(ids, 1, at + 60_000, (index) => 20_000 + (index % 400) * 100);
  };
  // Plans are made on tables that are known to hold something; how they fare otherwise is another benchmark.
  const first = new Seeder(url, program);
  await seed(first, 0);
  await first.close();
  await withClient(url, (client) => client.query('analyze'));
  // Two connections for two cores; they share nothing.
  await Promise.all(
    [0, 1].map(async (half) => {
      const seeder = new Seeder(url, program);
      for (let from = (1 + half) * BATCH; from < members.count; from += 2 * BATCH) await seed(seeder, from);
      await seeder.close();
    }),
  );
}

/** Members with so many entries and lots each, on so many days up to today, and points enough to redeem for long. */
export async function seedHistories(
  url: string,
  program: ProgramId,
  { first, count }: Members,
  history: { readonly entries: number; readonly days: number },
): Promise<void> {
  const start = Date.now() - DAYS_BACK * DAY_MS - HOUR_MS;
  const half = Math.ceil(count / 2);
  const halves = [
    { first, count: half },
    { first: first + half, count: count - half },
  ];
  await Promise.all(
    halves.map(async (members) => {
      const seeder = new Seeder(url, program);
      const ids = await seeder.enrol(members, start);
      let written = 0;
      for (let day = 0; day < history.days; day++) {
        const until = Math.round(((day + 1) / history.days) * history.entries);
        const at = Math.floor(start + (day / (history.days - 1)) * DAYS_BACK * DAY_MS) + 60_000;
        await seeder.purchases(ids, until - written, at, (index) => 500_000 + (index % 100) * 10_000);
        written = until;
      }
      await seeder.close();
    }),
  );
}
