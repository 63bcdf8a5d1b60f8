import type { TableData } from './table-data.ts';
import type { DB } from './tables.ts';

type Impersonal = Extract<
  keyof DB,
  | 'api_key'
  | 'clock_move'
  | 'earn_budget'
  | 'import'
  | 'import_chunk'
  | 'import_error'
  | 'key_burns'
  | 'program'
  | 'program_revision'
  | 'reassessment'
  | 'stream_standing'
  | 'stream_secret'
  | 'reward_stock'
>;

/** Tables that are not about members. */
export const impersonalTables: { readonly [T in Impersonal]: TableData<T> } = {
  api_key: {
    internal: ['key_id', 'name', 'scopes', 'created_at', 'expires_at', 'last_used_at', 'revoked_at', 'secret_hash'],
  },
  clock_move: { internal: ['number', 'from_instant', 'to_instant', 'status', 'due', 'settled', 'worked_until'] },
  earn_budget: { internal: ['rule', 'period', 'period_from', 'used'] },
  // Lines of a file that were not worked off yet are requests still, and deleted as they are.
  import: {
    internal: [
      ...(['number', 'kind', 'options', 'status', 'total', 'succeeded', 'unchanged', 'stale', 'failed'] as const),
      ...(['created_at', 'created_by', 'finished_at', 'heard_at', 'leased_until'] as const),
    ],
  },
  // Of people, but not found by member: see eraseImported.
  import_chunk: { internal: ['number', 'chunk', 'records'] },
  import_error: { internal: ['number', 'line', 'place', 'pointer', 'code', 'detail'] },
  key_burns: { internal: ['key_id', 'burns'] },
  program: {
    internal: [
      ...(['code', 'name', 'currency', 'time_zone', 'locale', 'sandbox', 'clock', 'revision', 'created_at'] as const),
      'identity_salt',
    ],
  },
  program_revision: { internal: ['revision', 'configuration', 'changed_by', 'created_at'] },
  reassessment: {
    internal: [
      ...(['revision', 'members', 'done', 'after_shard', 'after_member', 'created_at', 'finished_at'] as const),
      'leased_until',
    ],
  },
  stream_standing: {
    internal: [
      ...(['stream', 'status', 'because', 'position', 'snapshot_shard', 'snapshot_member', 'snapshot_to'] as const),
      ...(['failing_since', 'failures', 'next_at', 'worker', 'leased_until'] as const),
    ],
  },
  stream_secret: { internal: ['stream', 'kind', 'name', 'value', 'created_at', 'expires_at'] },
  reward_stock: { internal: ['reward', 'used'] },
};
