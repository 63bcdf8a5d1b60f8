/** What to do about a batch that failed. */
export type Failure =
  /** The database was busy with itself, or two batches took the same new id: the same batch again, a bounded number of times. */
  | 'retry'
  /** The connection is gone; whether the commit arrived is unknown. The same batch again: the stored answers decide. */
  | 'reconnect'
  /** Something in the batch cannot be saved or decided: find out which by halving. */
  | 'isolate';

/** Rows that two batches may create at the same moment. The one that comes second finds the first when it loads again. */
const RACED = new Set([
  'operation_reference_pkey',
  'identity_pkey',
  'idempotency_key_pkey',
  'voucher_code_pkey',
  'purchase_return_pkey',
  'purchase_return_of',
]);

const RETRIED = new Set(['40001', '40P01', '55P03', '25P02']);

interface DatabaseError {
  readonly code?: unknown;
  readonly constraint?: unknown;
}

/** What a transaction failed of: statements sent behind the one that failed say only that it was aborted. */
export const causeOf = (errors: readonly unknown[]): unknown =>
  errors.find((error) => (error as DatabaseError).code !== '25P02') ?? errors[0];

/** Sorts an error by SQLSTATE; errors without one are of the connection when the driver says so, else of our own code. */
export const failureOf = (error: unknown): Failure => {
  const { code, constraint } = error as DatabaseError;
  if (typeof code !== 'string')
    return error instanceof Error && /connection|terminated|ended|timeout|closed/i.test(error.message)
      ? 'reconnect'
      : 'isolate';
  // A statement that took too long: fewer commands at once take less.
  if (code === '57014') return 'isolate';
  if (RETRIED.has(code) || (code === '23505' && RACED.has(String(constraint)))) return 'retry';
  if (/^(08|57|53|58|E[A-Z]+)/.test(code)) return 'reconnect';
  return 'isolate';
};
