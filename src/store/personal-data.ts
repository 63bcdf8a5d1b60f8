import { sql } from 'kysely';
import { impersonalTables } from './impersonal-tables.ts';
import { answered, empty, type TableData, withoutValues } from './table-data.ts';
import type { DB } from './tables.ts';

/*
 * Every column of every table, declared once by what it holds of a person. Export and erasure are made from this table,
 * and a test holds it against the schema: what is new and not declared here fails.
 *
 * - `personal`: names or describes a person, or is free text. Exported, and erased.
 * - `record`: what happened, under the member's number. Exported, and kept: it is what the ledger stands on.
 * - `internal`: numbers, hashes, sums and notes of the engine's own, or not about a member at all. Neither.
 *
 * `program_id`, `shard` and `member_id` are internal wherever they stand.
 */

export const personalData: { readonly [T in keyof DB]: TableData<T> } = {
  member_state: {
    personal: ['external_id', 'state'],
    record: [
      ...(['status', 'enrolled_at', 'recorded_at', 'spend', 'purchases', 'first_purchase_at'] as const),
      ...(['last_purchase_at', 'tiers', 'segments'] as const),
    ],
    internal: ['enrolled_on', 'entries', 'commands', 'revision', 'status_revision'],
    sections: ['membership'],
    erase: 'by_command',
  },
  member_profile: {
    personal: ['profile', 'identities', 'attributes', 'consents', 'acquisition', 'tags', 'source_updated_at'],
    internal: ['updated_at'],
    sections: ['person'],
    erase: {
      profile: empty('{}'),
      identities: empty('[]'),
      attributes: empty('{}'),
      consents: empty('{}'),
      acquisition: () => sql`null`,
      tags: empty('[]'),
      source_updated_at: () => sql`null`,
    },
  },
  // What the person's own row says, for finding it.
  identity: { personal: ['value'], internal: ['kind'], sections: ['person', 'membership'], erase: 'by_command' },
  consent_change: {
    personal: ['purpose', 'granted', 'source', 'changed_at', 'recorded_at'],
    internal: ['number'],
    sections: ['consent_changes'],
    erase: 'delete',
  },
  tier_transition: {
    personal: ['facts'],
    record: ['scheme', 'from_tier', 'to_tier', 'at', 'recorded_at'],
    internal: ['number', 'revision'],
    sections: ['tier_transitions'],
    erase: { facts: withoutValues('facts') },
  },
  tier_note: {
    personal: ['scheme', 'tier', 'until', 'reason', 'actor', 'recorded_at'],
    internal: ['number'],
    sections: ['tier_notes'],
    erase: 'delete',
  },
  segment_membership: {
    personal: ['entered_facts', 'left_facts'],
    record: ['segment', 'entered_at', 'left_at'],
    internal: ['number', 'entered_revision', 'left_revision'],
    sections: ['segment_memberships'],
    erase: { entered_facts: withoutValues('entered_facts'), left_facts: withoutValues('left_facts') },
  },
  lot: {
    record: [
      ...(['lot', 'wallet', 'original', 'pending', 'available', 'held', 'value_points', 'value_amount'] as const),
      ...(['earned_at', 'available_at', 'expires_at'] as const),
    ],
    sections: ['lots'],
  },
  ledger_entry: {
    record: [
      ...(['sequence', 'wallet', 'movement', 'from_bucket', 'to_bucket', 'points', 'pending_after'] as const),
      ...(['available_after', 'held_after', 'debt_after', 'cause', 'cause_id', 'allocations', 'rules'] as const),
      ...(['occurred_at', 'recorded_at'] as const),
    ],
    internal: ['ordinal', 'revision'],
    sections: ['ledger_entries'],
  },
  entry_note: { personal: ['reason', 'actor'], record: ['sequence'], sections: ['entry_notes'], erase: 'delete' },
  purchase: {
    personal: ['report', 'facts', 'answer'],
    record: ['purchase_id', 'occurred_at', 'recorded_at', 'total', 'spend'],
    internal: ['ordinal', 'fingerprint'],
    sections: ['purchases'],
    // Lines, money, shop and channel stay, for returns; what conditions read of the person does not.
    erase: {
      report: () => sql`(report::jsonb - 'context')::json`,
      facts: () => sql`((facts::jsonb - 'fields') || '{"erased": true}')::json`,
      ...answered,
    },
  },
  guest_purchase: {
    personal: ['identity_hash'],
    record: ['purchase_id', 'occurred_at', 'recorded_at', 'total', 'spend', 'report'],
    internal: ['facts', 'answer', 'fingerprint'],
    sections: ['guest_purchases'],
    // Without it the purchase is nobody's, and never was anybody's.
    erase: { identity_hash: () => sql`null` },
    found: 'by_hash',
  },
  purchase_return: {
    personal: ['answer'],
    record: [
      ...(['kind', 'id', 'purchase_id', 'occurred_at', 'recorded_at', 'amount', 'spend'] as const),
      ...(['returned', 'taken'] as const),
    ],
    internal: ['number', 'ordinal', 'whole', 'fingerprint'],
    sections: ['returns'],
    erase: answered,
    found: 'by_member',
  },
  activity: {
    personal: ['report', 'facts', 'answer'],
    record: ['activity_id', 'type', 'occurred_at', 'recorded_at'],
    internal: ['number', 'fingerprint'],
    sections: ['activities'],
    erase: {
      report: empty('{"fields": {}, "context": {}}'),
      facts: () => sql`(facts::jsonb || '{"fields": {}}')::json`,
      ...answered,
    },
  },
  opening_balance: {
    personal: ['answer'],
    record: ['wallet', 'points', 'lifetime', 'recorded_at'],
    internal: ['ordinal', 'fingerprint'],
    sections: ['opening_balances'],
    erase: answered,
  },
  redemption: {
    personal: ['answer'],
    record: [
      ...(['redemption_id', 'wallet', 'points', 'status', 'recorded_at', 'expires_at', 'released'] as const),
      ...(['refunded', 'burn', 'reward'] as const),
    ],
    internal: ['ordinal', 'entry', 'lots', 'voucher', 'fingerprint'],
    sections: ['redemptions'],
    erase: answered,
  },
  voucher: {
    record: ['code', 'reward', 'redemption_id', 'status', 'issued_at', 'expires_at', 'ended_at', 'used_for'],
    internal: ['number', 'recorded_at'],
    sections: ['vouchers'],
  },
  entitlement: {
    record: [
      ...(['reward', 'rule', 'cause', 'cause_id', 'granted_at', 'expires_at', 'revoked_at', 'used_at'] as const),
      'redemption_id',
    ],
    internal: ['number', 'recorded_at', 'revision'],
    sections: ['entitlements'],
  },
  reward_note: {
    personal: ['kind', 'reason', 'actor', 'recorded_at'],
    internal: ['number'],
    sections: ['reward_notes'],
    erase: 'delete',
  },
  transfer: {
    record: ['wallet', 'points', 'recorded_at'],
    internal: ['ordinal', 'recipient_id'],
    sections: ['transfers_sent', 'transfers_received'],
  },
  member_merge: {
    personal: ['kept', 'reason', 'actor', 'unmerge_reason', 'unmerge_actor'],
    record: ['recorded_at', 'unmerged_at'],
    internal: ['ordinal', 'survivor_id', 'debts'],
    sections: ['merges', 'merged_in'],
    // Nobody is parted from who was erased.
    erase: {
      kept: empty('{}'),
      reason: () => sql`null`,
      actor: () => sql`null`,
      unmerge_reason: () => sql`null`,
      unmerge_actor: () => sql`null`,
    },
    found: 'by_merge',
  },
  merged_lot: { internal: ['lot', 'source_id', 'source_lot', 'merge_ordinal', 'points'] },
  quote: {
    record: ['quote_id', 'created_at', 'expires_at', 'used_by'],
    internal: ['revision', 'cart', 'kept_until', 'tiers'],
    sections: ['quotes'],
    erase: 'delete',
  },
  idempotency_key: {
    personal: ['key', 'status', 'answer', 'expires_at'],
    internal: ['fingerprint'],
    sections: ['stored_answers'],
    erase: 'delete',
  },
  audit_log: {
    record: ['at', 'action', 'details'],
    internal: ['number', 'author', 'subject', 'request_id'],
    sections: ['audit_entries'],
    found: 'by_member',
  },
  audit_actor: { personal: ['actor'], internal: ['number'], sections: ['audit_actors'], erase: 'delete' },
  // Sums of what is exported, ids that stand in it, and when to look again.
  member_day: { internal: ['day', 'spend', 'purchases', 'earned', 'activities'] },
  member_due: { internal: ['due_at'] },
  operation_reference: { internal: ['id', 'kind', 'ordinal'] },
  follow_up: { internal: ['id', 'at', 'done_at', 'entries_from', 'entries_to'] },
  voucher_code: { internal: ['hash', 'reward', 'code', 'number'] },
  // Thin: ids, points and codes.
  event: {
    record: ['number', 'type', 'occurred_at', 'recorded_at', 'data'],
    internal: ['position', 'numbered_at'],
    sections: ['events'],
  },
  // Events are named by their numbers, and told by the pseudonym from then on.
  delivery: {
    internal: [
      ...(['stream', 'number', 'position', 'since', 'status', 'attempts', 'next_at', 'last_error'] as const),
      'created_at',
    ],
  },
  delivery_attempt: {
    internal: [
      ...(['attempt_id', 'stream', 'message_id', 'first_position', 'last_position', 'events', 'at', 'status'] as const),
      ...(['error', 'duration_ms'] as const),
    ],
  },
  event_feed: { internal: ['last_position', 'dropped_position'] },
  outbox: { internal: ['outbox_id', 'events', 'recorded_at'] },
  // What is kept because somebody was erased.
  erased_identity: { internal: ['hash', 'kept_until'] },
  ...impersonalTables,
};
