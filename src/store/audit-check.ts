import type { sql } from 'kysely';

/** A statement that selects what does not hold: one row for each fault, with where it is and what is wrong. */
export interface AuditCheck {
  readonly name: string;
  readonly faults: ReturnType<typeof sql<AuditFault>>;
}

export interface AuditFault {
  readonly program_id: number;
  readonly member_id: number | null;
  readonly what: string;
}
