import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { named, nullable, openEnum } from './schema.ts';

export const AUDIT_ACTIONS = [
  'program.created',
  'program.changed',
  'configuration.changed',
  'key.created',
  'key.revoked',
  'clock.moved',
  'points.adjusted',
  'tier.set',
  'tier.lifted',
  'entitlement.granted',
  'entitlement.revoked',
  'voucher.cancelled',
  'member.suspended',
  'member.reactivated',
  'member.closed',
  'member.unfrozen',
  'member.merged',
  'member.unmerged',
  'balance.opened',
  'import.created',
  'stream.secret_made',
  'stream.header_set',
  'stream.header_forgotten',
  'stream.paused',
  'stream.resumed',
  'stream.resent',
  'stream.replayed',
  'member.exported',
  'member.erased',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Codes and numbers of what was done; never personal data. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export const AuditEntry = named(
  'AuditEntry',
  Type.Object(
    {
      id: Type.String({ description: 'Its id. Later entries have higher numbers, with gaps.', examples: ['aud_1c'] }),
      at: InstantText('When, in real time, also in a sandbox.'),
      action: openEnum(AUDIT_ACTIONS, 'What was done.'),
      key: Type.String({
        description:
          'Id of the API key it was done with; `operator` for the operator of the deployment, `first_start` for its first start.',
        examples: ['key_3f9a1c20b7d4e856'],
      }),
      actor: nullable(Type.String(), {
        description:
          'Who decided it, as the request said. Null: it did not say, or the member was erased since and it went with them.',
      }),
      member: nullable(Type.String(), {
        description:
          'Whom it is about, by the id the member has now: of one who was erased the pseudonym. Null: it is about the program.',
      }),
      subject: nullable(Type.String(), {
        description: 'The key, entry, entitlement, voucher, import or stream it is about, where it is about one.',
      }),
      details: Type.Record(
        Type.String(),
        Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null(), Type.Array(Type.String())]),
        { description: 'Codes and numbers that belong to it: the revision, wallet and points, scheme and tier.' },
      ),
      request_id: Type.String({ description: 'Id of the request (`X-Request-Id`).' }),
    },
    { description: 'Who did what, when, by which request. It is written once.' },
  ),
);
export type AuditEntry = Static<typeof AuditEntry>;
