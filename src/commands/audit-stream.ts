import type { AuditAction, AuditDetails } from '../model/audit-entry.ts';
import { insertAudit } from '../store/audit-log.ts';
import type { Tx } from '../store/connection.ts';
import type { Author } from './configure.ts';

/** Writes down what somebody did with a stream, in the transaction that does it. */
export const auditStream = (
  tx: Tx,
  { program, changedBy, requestId, now }: Author,
  action: Extract<AuditAction, `stream.${string}`>,
  stream: string,
  details: AuditDetails = {},
): Promise<unknown> => {
  const about = { member: null, actor: null, subject: stream, details };
  return insertAudit(tx, program, [{ at: now, action, author: changedBy, request_id: requestId, ...about }]);
};
