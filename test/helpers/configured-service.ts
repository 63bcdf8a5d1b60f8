import type { Test } from 'tap';
import { ensureFirstPrograms } from '../../src/commands/programs.ts';
import { createLog } from '../../src/log.ts';
import { createService, type Service } from '../../src/service.ts';
import { testDatabase } from './postgres.ts';

export const OPERATOR_KEY = 'operator-of-this-test';

export interface Answer {
  status: number;
  etag: string | undefined;
  headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what came, to be compared
  body: any;
}

export type Call = (
  method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE',
  path: string,
  body?: object | null,
  headers?: Record<string, string>,
) => Promise<Answer>;

export interface ConfiguredService {
  service: Service;
  url: string;
  /** Secret of the first key of the program `default`. */
  key: string;
  /** Calls with this key. */
  call: Call;
  callAs(key: string): Call;
}

const callsWith =
  (service: Service, key: string): Call =>
  async (method, path, body, headers = {}) => {
    const reply = await service.app.inject({
      method,
      url: path,
      headers: { authorization: `Bearer ${key}`, ...headers },
      ...(body === undefined || body === null ? {} : { payload: body }),
    });
    return {
      status: reply.statusCode,
      etag: reply.headers.etag,
      headers: reply.headers,
      body: reply.body === '' ? null : JSON.parse(reply.body),
    };
  };

/** A service over a database of its own, not listening, with its first program. */
export async function configuredService(t: Test, clock: () => number = Date.now): Promise<ConfiguredService> {
  const { url } = await testDatabase(t);
  const config = {
    lanes: 1,
    readConnections: 1,
    queueMax: 100,
    batchMax: 100,
    rateLimitPerSecond: 0,
    bodyLimitBytes: 1_048_576,
    jobs: false,
    relay: false,
    eventRetentionDays: 30,
    operatorKey: OPERATOR_KEY,
  };
  const service = await createService({ databaseUrl: url, log: createLog({ logLevel: 'silent' }), config, clock });
  t.teardown(() => service.stop());
  const first = await ensureFirstPrograms(service.services.database, clock);
  const key = first?.key ?? '';
  return { service, url, key, call: callsWith(service, key), callAs: (other) => callsWith(service, other) };
}
