import type { FastifyBaseLogger } from 'fastify';
import packageJson from '../package.json' with { type: 'json' };
import { CommandQueue } from './commands/queue.ts';
import { Quoter } from './commands/quoting.ts';
import { MemberReader } from './commands/read-member.ts';
import { MemberResolver } from './commands/resolve-member.ts';
import type { Config } from './config.ts';
import { type AppOptions, buildApp } from './http/app.ts';
import type { App, Lifecycle, Services } from './http/services.ts';
import { doFollowUps } from './jobs/follow-up.ts';
import { moveClocks } from './jobs/move-clocks.ts';
import { reassessMembers } from './jobs/reassess-members.ts';
import { type Job, startJobs } from './jobs/schedule.ts';
import { settleDue } from './jobs/settle-due.ts';
import { sweep } from './jobs/sweep.ts';
import { workImports } from './jobs/work-imports.ts';
import { Database } from './store/database.ts';
import { RulesCache } from './store/rules-cache.ts';
import { createAddressGuard, type Resolver } from './streams/address-guard.ts';
import { destinationChecks } from './streams/check-destinations.ts';
import { createMailer } from './streams/mailer.ts';
import { numberOutbox } from './streams/number-events.ts';
import { Relay } from './streams/relay.ts';
import { createSender } from './streams/send.ts';

export interface ServiceOptions {
  readonly databaseUrl: string;
  readonly log: FastifyBaseLogger;
  readonly config: Pick<
    Config,
    | 'lanes'
    | 'readConnections'
    | 'queueMax'
    | 'batchMax'
    | 'rateLimitPerSecond'
    | 'bodyLimitBytes'
    | 'jobs'
    | 'relay'
    | 'eventRetentionDays'
    | 'operatorKey'
    | 'streamAllow'
    | 'smtpUrl'
  >;
  readonly clock?: () => number;
  /** What names of destinations resolve to; the system's resolver unless a test says otherwise. */
  readonly resolve?: Resolver;
}

/** One instance of the service: wired, not yet listening. */
export interface Service {
  readonly app: App;
  readonly services: Services;
  readonly lifecycle: Lifecycle;
  readonly relay: Relay;
  /** Takes no more requests, answers those it has, and closes its connections. */
  stop(): Promise<void>;
}

const DUE_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 600_000;
const NUMBERED_EVERY_MS = 100;
const SENT_EVERY_MS = 250;

const jobsOf = ({ database, queue, rules, clock }: Services, eventRetentionDays: number): Job[] => [
  {
    name: 'settle due members',
    everyMs: DUE_EVERY_MS,
    work: async () => (await settleDue(database, queue, clock())) > 0,
  },
  {
    name: 'do what follows',
    everyMs: DUE_EVERY_MS,
    work: async () => {
      await doFollowUps(database, queue);
      return false;
    },
  },
  {
    name: 'move sandbox clocks',
    everyMs: DUE_EVERY_MS,
    work: () => moveClocks({ database, queue, clock }),
  },
  {
    name: 'reassess members',
    everyMs: DUE_EVERY_MS,
    work: () => reassessMembers(database, queue, clock()),
  },
  {
    name: 'work imports off',
    everyMs: DUE_EVERY_MS,
    work: () => workImports({ database, queue, rules, clock }),
  },
  {
    name: 'sweep what is kept for a time',
    everyMs: SWEEP_EVERY_MS,
    work: async () => (await sweep(database, clock(), eventRetentionDays)) < 0,
  },
];

const relayJobs = ({ database, clock }: Services, relay: Relay): Job[] => [
  { name: 'number events', everyMs: NUMBERED_EVERY_MS, work: () => numberOutbox(database, clock()) },
  {
    name: 'send to streams',
    everyMs: SENT_EVERY_MS,
    work: async () => {
      await relay.look();
      return false;
    },
  },
];

export const createService = async ({
  databaseUrl,
  log,
  config,
  clock = Date.now,
  resolve,
}: ServiceOptions): Promise<Service> => {
  const database = new Database({ url: databaseUrl, lanes: config.lanes, readConnections: config.readConnections });
  const rules = new RulesCache();
  const queue = new CommandQueue({
    lanes: database.lanes,
    rules,
    clock,
    batchMax: config.batchMax,
    queueMax: config.queueMax,
  });
  const guard = createAddressGuard(config.streamAllow ?? '', resolve);
  const sender = createSender(guard);
  const mailer = config.smtpUrl === undefined ? null : createMailer(config.smtpUrl);
  const members = new MemberReader(database, rules, clock, config.readConnections);
  const services: Services = {
    database,
    rules,
    queue,
    clock,
    members,
    checkDestinations: destinationChecks(guard),
    resolver: new MemberResolver(database, config.readConnections),
    quoter: new Quoter(database, members, clock, config.readConnections),
  };
  const lifecycle: Lifecycle = { stopping: false, draining: false };
  const options: AppOptions = {
    log,
    bodyLimitBytes: config.bodyLimitBytes,
    rateLimitPerSecond: config.rateLimitPerSecond,
    operatorKey: config.operatorKey,
    version: packageJson.version,
  };
  const onFailure = (name: string, error: unknown) => log.error({ err: error, job: name }, 'job failed');
  const relay = new Relay({ database, members, sender, mailer, clock, onFailure });
  const app = await buildApp(services, options, lifecycle);
  const work = [
    ...(config.jobs ? jobsOf(services, config.eventRetentionDays) : []),
    ...(config.relay ? relayJobs(services, relay) : []),
  ];
  const jobs = startJobs(work, onFailure);
  const stop = async (): Promise<void> => {
    lifecycle.stopping = true;
    lifecycle.draining = true;
    await jobs.stop();
    await Promise.all([relay.stop(), app.close().then(() => queue.drain())]);
    mailer?.close();
    await sender.close();
    await database.close();
  };
  return { app, services, lifecycle, relay, stop };
};
