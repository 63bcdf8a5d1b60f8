import { type TProperties, type TSchema, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { named, nullable } from './schema.ts';

/*
 * Everything about a person as one document: of each table what it holds of the member, under the names of the columns.
 * Which table a section shows is said in store/personal-data.ts, and a test holds the two together.
 */

const string = (description: string) => Type.String({ description });
const integer = (description: string) => Type.Integer({ description });
const instant = (description: string) => InstantText(description);
/** A document as it is stored. Instants within one are in milliseconds since 1970. */
const stored = (description: string) => Type.Unknown({ description });
const orNull = <S extends TSchema>(schema: S) => nullable(schema);

const recordedAt = instant('When the engine took it.');
const occurredAt = instant('When it happened, as the caller says.');
const minor = (what: string) => integer(`${what}, in minor units.`);

const row = <P extends TProperties>(description: string, properties: P) => Type.Object(properties, { description });

const note = {
  reason: orNull(string('Why, as it was written down.')),
  actor: orNull(string('Who decided it.')),
};

const answered = orNull(string('What the caller was answered, as JSON text.'));

/** One row at most. */
const single = {
  membership: row('The membership as it stands.', {
    external_id: string('The caller’s own id of the member.'),
    status: string('Status of the membership.'),
    enrolled_at: instant('When the member was enrolled.'),
    recorded_at: recordedAt,
    spend: minor('Money spent'),
    purchases: integer('Number of purchases.'),
    first_purchase_at: orNull(instant('When the first purchase occurred.')),
    last_purchase_at: orNull(instant('When the last purchase occurred.')),
    tiers: Type.Array(Type.String(), { description: 'Tiers held.' }),
    segments: Type.Array(Type.String(), { description: 'Segments the member is in.' }),
    state: stored('Balances, totals, tiers and all else that decisions about the member stand on.'),
  }),
  person: row('The person.', {
    profile: stored('Names, birth date, language.'),
    identities: stored('Identities other than the caller’s own id.'),
    attributes: stored('Attributes, by code.'),
    consents: stored('Consents as they stand, by purpose.'),
    acquisition: stored('How the member was won.'),
    tags: stored('Tags.'),
    source_updated_at: orNull(instant('When the source system last changed what it sent.')),
  }),
};

const many = {
  consent_changes: row('A consent given, changed or withdrawn.', {
    purpose: string('The purpose.'),
    granted: orNull(Type.Boolean({ description: 'Whether it was given.' })),
    source: orNull(string('Where.')),
    changed_at: instant('When, as the caller says.'),
    recorded_at: recordedAt,
  }),
  tier_transitions: row('A tier entered or left.', {
    scheme: string('Code of the tier scheme.'),
    from_tier: orNull(string('The tier before.')),
    to_tier: orNull(string('The tier after.')),
    at: instant('When.'),
    recorded_at: recordedAt,
    facts: stored('Why, and on which values.'),
  }),
  tier_notes: row('Why a tier was given by hand.', {
    scheme: string('Code of the tier scheme.'),
    tier: string('The tier.'),
    until: orNull(instant('Until when.')),
    ...note,
    recorded_at: recordedAt,
  }),
  segment_memberships: row('A segment entered, and left if it was.', {
    segment: string('Code of the segment.'),
    entered_at: instant('When it was entered.'),
    entered_facts: stored('Why, and on which values.'),
    left_at: orNull(instant('When it was left.')),
    left_facts: stored('Why, and on which values.'),
  }),
  lots: row('Points from one source that expire together.', {
    lot: integer('Its number: that of the entry that made it.'),
    wallet: string('Code of the wallet.'),
    original: integer('Points it began with.'),
    pending: integer('Points still pending.'),
    available: integer('Points available.'),
    held: integer('Points held.'),
    value_points: orNull(integer('So many points …')),
    value_amount: orNull(minor('… were worth so much when they were issued')),
    earned_at: instant('When they were earned.'),
    available_at: instant('When they are or became available.'),
    expires_at: orNull(instant('When they expire. Null: never.')),
  }),
  ledger_entries: row('A movement of points.', {
    sequence: integer('Its place among the member’s entries.'),
    wallet: string('Code of the wallet.'),
    movement: string('What kind of movement.'),
    from_bucket: string('Where the points came from.'),
    to_bucket: string('Where they went.'),
    points: integer('Points.'),
    pending_after: integer('Pending points after it.'),
    available_after: integer('Available points after it.'),
    held_after: integer('Held points after it.'),
    debt_after: integer('Points owed after it.'),
    cause: string('What it is due to.'),
    cause_id: orNull(string('The purchase, redemption, return, activity or transfer it is due to.')),
    allocations: stored('The lots it touched.'),
    rules: stored('Which rules gave how many points.'),
    occurred_at: occurredAt,
    recorded_at: recordedAt,
  }),
  entry_notes: row('What a person wrote down with an entry.', { sequence: integer('The entry.'), ...note }),
  purchases: row('A purchase.', {
    purchase_id: string('The shop’s own id.'),
    occurred_at: occurredAt,
    recorded_at: recordedAt,
    total: minor('Its total'),
    spend: minor('What of it counts as spend'),
    report: stored('As reported.'),
    facts: stored('On what it was decided.'),
    answer: answered,
  }),
  guest_purchases: row('A purchase of a guest under an identity of the member, which is not the member’s.', {
    purchase_id: string('The shop’s own id.'),
    identity_hash: string('Hash of the identity.'),
    occurred_at: occurredAt,
    recorded_at: recordedAt,
    total: minor('Its total'),
    spend: minor('What of it counts as spend'),
    report: stored('As reported.'),
  }),
  returns: row('A return, or the cancellation of a purchase.', {
    kind: string('`return` or `cancellation`.'),
    id: string('The caller’s own id of the return; of a cancellation that of the purchase.'),
    purchase_id: string('The purchase.'),
    occurred_at: occurredAt,
    recorded_at: recordedAt,
    amount: minor('What came back'),
    spend: minor('What of it counted as spend'),
    returned: stored('What came back, line by line.'),
    taken: stored('What was taken back for it.'),
    answer: answered,
  }),
  activities: row('Something the member did other than buying.', {
    activity_id: orNull(string('The caller’s own id. Null: the engine recorded it.')),
    type: string('Code of the activity type.'),
    occurred_at: occurredAt,
    recorded_at: recordedAt,
    report: stored('Its fields and context, as reported.'),
    facts: stored('On what it was decided.'),
    answer: answered,
  }),
  opening_balances: row('What was taken over from the system before.', {
    wallet: string('Code of the wallet.'),
    points: integer('Points.'),
    lifetime: stored('What that system had counted in all.'),
    recorded_at: recordedAt,
    answer: answered,
  }),
  redemptions: row('Points redeemed or held, or a reward taken.', {
    redemption_id: string('The caller’s own id.'),
    wallet: string('Code of the wallet.'),
    points: integer('Points.'),
    status: string('Where it stands.'),
    recorded_at: recordedAt,
    expires_at: orNull(instant('When the hold lapses or lapsed.')),
    released: integer('Points of it that were released.'),
    refunded: integer('Points of it that were refunded.'),
    burn: stored('By which burn rule.'),
    reward: stored('The reward it is for.'),
    answer: answered,
  }),
  vouchers: row('A voucher.', {
    code: string('Its code.'),
    reward: string('Code of the reward.'),
    redemption_id: string('The redemption it goes with.'),
    status: string('Where it stands.'),
    issued_at: instant('When it was issued.'),
    expires_at: orNull(instant('When it lapses.')),
    ended_at: orNull(instant('When it was used, lapsed or was cancelled.')),
    used_for: orNull(string('The purchase it was used for.')),
  }),
  entitlements: row('A reward that was granted.', {
    reward: string('Code of the reward.'),
    rule: orNull(string('The earn rule that granted it. Null: a person did.')),
    cause: string('What it is due to.'),
    cause_id: orNull(string('The purchase or activity it is due to.')),
    granted_at: instant('When it was granted.'),
    expires_at: orNull(instant('When it lapses.')),
    revoked_at: orNull(instant('When it was taken back.')),
    used_at: orNull(instant('When it was used.')),
    redemption_id: orNull(string('The redemption it was used by.')),
  }),
  reward_notes: row('What a person wrote down about an entitlement or voucher.', {
    kind: string('`granted`, `revoked` or `cancelled`.'),
    ...note,
    recorded_at: recordedAt,
  }),
  transfers_sent: row('Points passed on to another member.', {
    wallet: string('Code of the wallet.'),
    points: integer('Points.'),
    recorded_at: recordedAt,
  }),
  transfers_received: row('Points that another member passed on.', {
    wallet: string('Code of the wallet.'),
    points: integer('Points.'),
    recorded_at: recordedAt,
  }),
  merges: row('Two members who were merged: the one who went.', {
    recorded_at: instant('When they were merged.'),
    unmerged_at: orNull(instant('When they were parted again.')),
    kept: stored('What of the one who stayed was put back when they were parted.'),
    reason: orNull(string('Why they were merged.')),
    actor: orNull(string('Who decided it.')),
    unmerge_reason: orNull(string('Why they were parted.')),
    unmerge_actor: orNull(string('Who decided that.')),
  }),
  merged_in: row('Who was merged into this member: the merge.', {
    recorded_at: instant('When they were merged.'),
    unmerged_at: orNull(instant('When they were parted again.')),
    kept: stored('What of this member is put back when they are parted.'),
    reason: orNull(string('Why they were merged.')),
    actor: orNull(string('Who decided it.')),
    unmerge_reason: orNull(string('Why they were parted.')),
    unmerge_actor: orNull(string('Who decided that.')),
  }),
  events: row('An event that was told and is still kept.', {
    number: integer('Which of the member’s events it is.'),
    type: string('Its type.'),
    occurred_at: occurredAt,
    recorded_at: recordedAt,
    data: stored('Ids, points and codes.'),
  }),
  quotes: row('A quote that is still kept.', {
    quote_id: string('Its id.'),
    created_at: instant('When it was given.'),
    expires_at: instant('Until when it is honoured.'),
    used_by: orNull(string('The purchase that was made by it.')),
  }),
  stored_answers: row('An answer kept for a repetition of its request.', {
    key: string('The Idempotency-Key.'),
    status: integer('HTTP status.'),
    answer: string('The answer, as JSON text.'),
    expires_at: instant('Until when it is kept.'),
  }),
  audit_entries: row('What the audit log says of the member.', {
    at: instant('When.'),
    action: string('What was done.'),
    details: stored('Codes and numbers.'),
  }),
  audit_actors: row('Whom an entry of the audit log names as the one who decided.', {
    actor: string('As it was given.'),
  }),
};

/** The sections of an export, in its order: of each the schema of a row, whose properties are the columns it shows. */
export const exportSections = { ...single, ...many };
export type ExportSection = keyof typeof exportSections;

/** Sections that are one object, not a list. */
export const singleSections: ReadonlySet<string> = new Set(Object.keys(single));

export const MemberExport = named(
  'MemberExport',
  Type.Object(
    {
      member: string('The member’s id.'),
      exported_at: instant('When the export was begun.'),
      ...single,
      ...Object.fromEntries(Object.entries(many).map(([name, item]) => [name, Type.Array(item)])),
      merged: Type.Array(Type.Unknown(), {
        description: 'The same of every member who was merged into this one, with nothing in `merged`.',
      }),
    },
    { description: 'Everything that is kept about a person.' },
  ),
);
