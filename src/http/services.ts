import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { CommandQueue } from '../commands/queue.ts';
import type { Quoter } from '../commands/quoting.ts';
import type { MemberReader } from '../commands/read-member.ts';
import type { MemberResolver } from '../commands/resolve-member.ts';
import type { Database } from '../store/database.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import type { CheckDestinations } from '../streams/check-destinations.ts';

/** What routes work with. */
export interface Services {
  readonly database: Database;
  readonly rules: RulesCache;
  readonly queue: CommandQueue;
  readonly members: MemberReader;
  readonly resolver: MemberResolver;
  readonly quoter: Quoter;
  readonly checkDestinations: CheckDestinations;
  readonly clock: () => number;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Whether the service still takes requests. */
export interface Lifecycle {
  /** Load balancers should turn elsewhere: not ready any more. */
  stopping: boolean;
  /** What arrives now is refused. */
  draining: boolean;
}
