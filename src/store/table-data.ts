import { type RawBuilder, sql } from 'kysely';
import type { ExportSection } from '../model/member-export.ts';
import type { DB } from './tables.ts';

/* How it is declared what a table holds of a person, and what erasure leaves of it. */

/** A column after erasure. `pseudonym` is what the member's id became. */
export type Erased = (pseudonym: string) => RawBuilder<unknown>;

export interface TableData<T extends keyof DB> {
  readonly personal?: readonly (keyof DB[T])[];
  readonly record?: readonly (keyof DB[T])[];
  readonly internal?: readonly (keyof DB[T])[];
  /** Where an export shows it. */
  readonly sections?: readonly ExportSection[];
  /**
   * What erasure does: it deletes the member's rows, or leaves of columns what stands here. `by_command`: the engine's
   * decision does it, and is saved like any other.
   */
  readonly erase?: 'delete' | 'by_command' | { readonly [C in keyof DB[T]]?: Erased };
  /** How rows of a member are found: by shard and member; by member alone; of merges
   * also by the survivor; by the hashes of the member's identities. */
  readonly found?: 'by_shard' | 'by_member' | 'by_merge' | 'by_hash';
}

/** What is left of a stored answer: what returns and audits read of it. Balances, tiers, codes and texts go. */
const ANSWER_KEPT = ['id', 'type', 'occurred_at', 'recorded_at', 'total', 'spend', 'earned', 'taken_back', 'replaced'];

const bareAnswer: Erased = (pseudonym) => sql`
  case when answer is not null then (
    select coalesce(json_object_agg(said.key, case when said.key = 'member' and said.value::text <> 'null' then to_json(${pseudonym}::text) else said.value end), '{}')
    from json_each(answer::json) said
    where said.key = 'member' or said.key = any(${ANSWER_KEPT}::text[])
  )::text end`;

/** No request has it: what was reported is not known again. */
const noFingerprint: Erased = () => sql`case when fingerprint is not null then decode(repeat('00', 32), 'hex') end`;

export const answered = { answer: bareAnswer, fingerprint: noFingerprint };

export const withoutValues =
  (column: string): Erased =>
  () =>
    sql`(${sql.ref(column)}::jsonb || '{"values": {}}')::json`;

export const empty =
  (json: string): Erased =>
  () =>
    sql`${sql.lit(json)}`;
