import type { FastifyBaseLogger } from 'fastify';
import type { Test } from 'tap';
import { createLog } from '../../src/log.ts';
import { SCOPES, type Scope } from '../../src/model/program.ts';
import { createService, type Service, type ServiceOptions } from '../../src/service.ts';
import type { Resolver } from '../../src/streams/address-guard.ts';
import { type Contract, contractOf } from './contract.ts';
import { testDatabase } from './postgres.ts';

/*
 * The whole service over a database of its own, not listening, with a clock that stands until a test moves it. Every
 * answer is held against the OpenAPI document: one that is not as documented fails the test that got it.
 */

export const OPERATOR_KEY = 'the-operator-of-this-test';

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  /** The bytes that came. */
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came, to be compared
  body: any;
}

/** A body that is text is sent as it is. The key may be another than the program's. */
export type Request = (
  method: string,
  path: string,
  body?: object | string | null,
  headers?: Record<string, string>,
) => Promise<Answer>;

export interface TestProgram {
  code: string;
  /** A key with every scope. */
  key: string;
  /** With this key. */
  request: Request;
}

export interface TestApp extends TestProgram {
  service: Service;
  contract: Contract;
  databaseUrl: string;
  clock: { now: number };
  /** Requests with another key; with none when it is null. */
  as(key: string | null): Request;
  /** A key of the program with these scopes and no other. */
  keyWith(...scopes: Scope[]): Promise<string>;
  /** Another program of the same deployment. */
  program(code: string, more?: object): Promise<TestProgram>;
  /** Another instance over the same database. */
  instance(): Promise<TestApp>;
}

export interface TestAppOptions {
  config?: Partial<ServiceOptions['config']>;
  log?: FastifyBaseLogger;
  now?: string;
  /** What names resolve to. */
  resolve?: Resolver;
}

const defaults: ServiceOptions['config'] = {
  lanes: 2,
  readConnections: 1,
  queueMax: 4096,
  batchMax: 256,
  rateLimitPerSecond: 0,
  bodyLimitBytes: 1_048_576,
  jobs: false,
  relay: false,
  eventRetentionDays: 30,
  operatorKey: OPERATOR_KEY,
};

/** No name of a test is asked for outside: `inside.example` points inside, others nowhere. */
const nowhere: Resolver = async (host) => {
  if (host === 'inside.example') return [{ address: '10.0.0.1', family: 4 }];
  throw Object.assign(new Error(`${host} is not known`), { code: 'ENOTFOUND' });
};

const parsed = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
};

const requestsWith =
  (t: Test, { app }: Service, contract: Contract, key: string | null): Request =>
  async (method, path, body, headers = {}) => {
    const reply = await app.inject({
      method: method as 'GET',
      url: path,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body === undefined || body === null ? {} : { payload: body }),
    });
    const answer: Answer = {
      status: reply.statusCode,
      headers: reply.headers as Answer['headers'],
      text: reply.body,
      body: parsed(reply.body),
    };
    const faults = contract.faults(method, path, answer);
    if (faults.length > 0) t.fail(`${method} ${path.slice(0, 100)}: the answer is not as documented`, { faults });
    return answer;
  };

/** The service with a program `shop` (euros, Paris) that knows nothing but a wallet `points`. */
export async function testApp(t: Test, options: TestAppOptions = {}): Promise<TestApp> {
  const { url } = await testDatabase(t);
  const clock = { now: Date.parse(options.now ?? '2026-03-02T10:00:00Z') };
  return start(t, url, clock, options);
}

let knownContract: Contract | undefined;

async function start(
  t: Test,
  databaseUrl: string,
  clock: { now: number },
  options: TestAppOptions,
  known?: TestProgram,
): Promise<TestApp> {
  const service = await createService({
    databaseUrl,
    log: options.log ?? createLog({ logLevel: 'silent' }),
    config: { ...defaults, ...options.config },
    clock: () => clock.now,
    resolve: options.resolve ?? nowhere,
  });
  t.teardown(() => service.stop());
  await service.app.ready();
  // The same for every instance, and long: it is written and compiled once for a test file.
  knownContract ??= contractOf(service.app.swagger());
  const contract = knownContract;
  const as = (key: string | null) => requestsWith(t, service, contract, key);
  const program = async (code: string, more: object = {}): Promise<TestProgram> => {
    const body = { code, name: code, currency: 'EUR', time_zone: 'Europe/Paris', ...more };
    const { key } = (await as(OPERATOR_KEY)('POST', '/v1/programs', body)).body;
    return { code, key: key.key, request: as(key.key) };
  };
  const shop = known ?? (await program('shop'));
  const made = new Map<string, Promise<string>>();
  const keyWith = (...scopes: Scope[]): Promise<string> => {
    const make = async () =>
      (await as(shop.key)('POST', '/v1/keys', { name: 'Some scopes', scopes })).body.key as string;
    const key = made.get(`${scopes}`) ?? make();
    made.set(`${scopes}`, key);
    return key;
  };
  const instance = () => start(t, databaseUrl, clock, options, shop);
  return { ...shop, request: as(shop.key), service, contract, databaseUrl, clock, as, keyWith, program, instance };
}

/** Every scope but one. */
export const allBut = (scope: Scope): Scope[] => SCOPES.filter((other) => other !== scope);

/** A purchase of one line. */
export const purchaseOf = (id: string, member: string | null, cents: number, more: object = {}) => ({
  id,
  ...(member === null ? {} : { member }),
  currency: 'EUR',
  lines: [{ sku: 'thing', quantity: 1, unit_price: cents, total: cents }],
  total: cents,
  ...more,
});

/** A point for each euro, and a member of this id with as many points. */
export async function withPoints({ request }: TestProgram, member: string, points: number): Promise<void> {
  const rule = { name: 'A point per euro', trigger: 'purchase', effect: { type: 'per_amount', points: 1, per: 100 } };
  const answers = [
    await request('PUT', '/v1/earn-rules/per-euro', rule, { 'if-none-match': '*' }),
    await request('PUT', `/v1/members/${member}`, {}),
    await request('POST', '/v1/purchases', purchaseOf(`first-of-${member}`, member, points * 100)),
  ];
  // The rule is there already when another member was given points before.
  for (const { status, text } of answers) if (status >= 400 && status !== 412) throw new Error(text);
}
