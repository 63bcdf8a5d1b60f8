import type { ProgramId } from '../model/ids.ts';
import { openingIdOf } from '../model/opening-balance.ts';
import { insertActivities, type MemberActivity } from '../store/activities.ts';
import type { Tx } from '../store/connection.ts';
import { saveDays } from '../store/day-buckets.ts';
import { saveBudgets } from '../store/earn-budgets.ts';
import { insertEntitlements } from '../store/entitlements.ts';
import { completeFollowUps, insertFollowUps } from '../store/follow-ups.ts';
import { deleteGuestPurchases, moveOperations, moveReturns } from '../store/guest-claims.ts';
import { saveKeys } from '../store/idempotency-keys.ts';
import { deleteIdentities, insertIdentities, REFERRAL } from '../store/identities.ts';
import { saveKeyBurns } from '../store/key-burns.ts';
import { insertEntries, insertNotes } from '../store/ledger-entries.ts';
import { insertLots, type OwnedLot, updateLots } from '../store/lots.ts';
import { saveDue } from '../store/member-due.ts';
import { saveStates } from '../store/members.ts';
import { insertOpenings } from '../store/opening-balances.ts';
import { insertOperations, type OperationReference } from '../store/operation-references.ts';
import { insertEvents } from '../store/outbox.ts';
import { saveProfiles } from '../store/profiles.ts';
import { insertReturns } from '../store/purchase-returns.ts';
import { insertGuestPurchases, insertPurchases } from '../store/purchases.ts';
import { useQuotes } from '../store/quotes.ts';
import { insertRedemptions, updateRedemptions } from '../store/redemptions.ts';
import { revokeEntitlements } from '../store/returned-purchases.ts';
import { saveMemberships } from '../store/segment-memberships.ts';
import { insertTierNotes, insertTransitions } from '../store/tier-transitions.ts';
import { insertTransfers } from '../store/transfers.ts';
import { all, type Change, last, saving } from './batch-changes.ts';
import type { AcceptedCommand, DecidedBatch } from './decide-batch.ts';
import { causeOf } from './failures.ts';
import { mergeStatements } from './save-merges.ts';
import { personStatements } from './save-people.ts';
import { rewardStatements } from './save-rewards.ts';
import { followUpsDone, type World } from './world.ts';

const changesOf = (accepted: readonly AcceptedCommand[]): Change[] =>
  accepted.flatMap(({ changes, fingerprint, body }) =>
    changes.state === null ? [] : [{ ...changes, fingerprint, answer: body, member: changes.state.member_id }],
  );

const operationsOf = (changes: readonly Change[], { guests, guestReturns }: DecidedBatch): OperationReference[] => [
  ...changes.flatMap(({ member, opening }): OperationReference[] =>
    opening === null
      ? []
      : [
          {
            kind: 'opening_balance',
            id: openingIdOf(member, opening.wallet),
            member_id: member,
            ordinal: opening.ordinal,
          },
        ],
  ),
  ...changes.flatMap(({ member, purchase, claimed, purchaseReturn, redeemed, activities }): OperationReference[] => [
    ...(purchaseReturn === null
      ? []
      : [{ kind: purchaseReturn.kind, id: purchaseReturn.id, member_id: member, ordinal: purchaseReturn.ordinal }]),
    ...(purchase === null || claimed !== null
      ? []
      : [{ kind: 'purchase' as const, id: purchase.purchase_id, member_id: member, ordinal: purchase.ordinal }]),
    ...redeemed.map(({ redemption_id: id, ordinal }) => ({
      kind: 'redemption' as const,
      id,
      member_id: member,
      ordinal,
    })),
    ...activities.flatMap(({ activity_id: id, number }) =>
      id === null ? [] : [{ kind: 'activity' as const, id, member_id: member, ordinal: number }],
    ),
  ]),
  ...guests.map(
    ({ row }): OperationReference => ({ kind: 'purchase', id: row.purchase_id, member_id: null, ordinal: 0 }),
  ),
  ...guestReturns.map(({ row }): OperationReference => ({ kind: row.kind, id: row.id, member_id: null, ordinal: 0 })),
];

/** Ids that were a guest's, and lead to the member who claimed the purchase: its own, and those of its returns. */
const operationsClaimed = (changes: readonly Change[]): OperationReference[] =>
  changes.flatMap(({ member: member_id, purchase, claimed }) =>
    purchase === null || claimed === null
      ? []
      : [
          { kind: 'purchase' as const, id: purchase.purchase_id, member_id, ordinal: purchase.ordinal },
          ...claimed.map(({ kind, id, ordinal }) => ({ kind, id, member_id, ordinal })),
        ],
  );

/** Activities, the one that was reported with its answer. */
const activitiesOf = (changes: readonly Change[]): MemberActivity[] =>
  changes.flatMap(({ member, activities, fingerprint, answer }) =>
    activities.map((row) => ({ member, row, answered: row.activity_id === null ? null : { fingerprint, answer } })),
  );

/** Identities added, the ids of new members among them, each as it stands at the end of the batch. */
const identitiesOf = (changes: readonly Change[], world: World) => {
  const added = changes.flatMap(({ member, identities }) =>
    identities.added.map((identity) => ({ ...identity, member })),
  );
  const enrolled = [...world.members.values()]
    .filter((member) => member.isNew)
    .map(({ state }) => ({ kind: 'id', value: state.external_id, member: state.member_id }));
  const codes = changes.flatMap(({ member, referralCode }) =>
    referralCode === null ? [] : [{ kind: REFERRAL, value: referralCode, member }],
  );
  const kept = [...added, ...codes, ...enrolled].filter(
    ({ kind, value, member }) => world.identities.get(`${kind}:${value}`) === member,
  );
  return [...new Map(kept.map((identity) => [`${identity.kind}:${identity.value}`, identity])).values()];
};

/** Lots that entries of this batch made: a lot has the number of the entry that made it. */
const madeLots = (changes: readonly Change[]): Set<string> =>
  new Set(
    changes.flatMap(({ member, entries }) =>
      entries
        .filter((entry) => entry.allocations[0]?.lot === entry.sequence)
        .map((entry) => `${member}:${entry.sequence}`),
    ),
  );

/**
 * One statement per table that has something to save. Taking identities away comes before giving them to others, and what
 * is granted comes before it is taken back.
 */
const statements = (tx: Tx, program: ProgramId, world: World, batch: DecidedBatch): Promise<unknown>[] => {
  const changes = changesOf(batch.accepted);
  const members = new Set(changes.map((change) => change.member));
  const lots = last(
    changes,
    (change) => change.lots,
    (member, _number, lot) => [member, lot] as const,
  );
  const made = madeLots(changes);
  const isMade = ([member, { lot }]: OwnedLot): boolean => made.has(`${member}:${lot}`);
  const save = saving(tx, program);
  return [
    ...save(
      [...members].flatMap((member) => world.members.get(member)?.state ?? []),
      saveStates,
    ),
    ...save(operationsOf(changes, batch), insertOperations),
    ...save(operationsClaimed(changes), moveOperations),
    ...save(
      changes.flatMap((change) => change.identities.removed),
      deleteIdentities,
    ),
    ...save(identitiesOf(changes, world), insertIdentities),
    ...save(
      changes.flatMap(({ purchase, ...change }) => (purchase === null ? [] : [{ ...change, row: purchase }])),
      insertPurchases,
    ),
    ...save(
      [
        ...changes.flatMap(({ purchaseReturn, ...change }) =>
          purchaseReturn === null ? [] : [{ ...change, row: purchaseReturn }],
        ),
        ...batch.guestReturns,
      ],
      insertReturns,
    ),
    ...save(
      all(changes, ({ claimed }) => claimed ?? []),
      moveReturns,
    ),
    ...save(
      changes.flatMap(({ purchase, claimed }) => (purchase === null || claimed === null ? [] : [purchase.purchase_id])),
      deleteGuestPurchases,
    ),
    ...save(activitiesOf(changes), insertActivities),
    ...save(
      changes.flatMap((change) => change.followUps),
      insertFollowUps,
    ),
    ...save(
      changes.flatMap((change) => followUpsDone(change).map((done) => ({ member_id: change.member, ...done }))),
      (session, id, rows) => completeFollowUps(session, id, rows, world.realNow),
    ),
    ...save(
      changes.flatMap(({ redeemed, ...change }) => redeemed.map((row) => ({ ...change, row }))),
      insertRedemptions,
    ),
    ...save(
      last(
        changes,
        (change) => change.redemptions,
        (member, _id, standing) => [member, standing] as const,
      ),
      updateRedemptions,
    ),
    ...save(
      changes.flatMap(({ member, usedQuote }) => (usedQuote === null ? [] : [{ member_id: member, ...usedQuote }])),
      useQuotes,
    ),
    ...save(
      changes.flatMap(({ opening, ...change }) => (opening === null ? [] : [{ ...change, row: opening }])),
      insertOpenings,
    ),
    ...save(
      all(changes, ({ transfer }) => (transfer === null ? [] : [transfer])),
      insertTransfers,
    ),
    ...mergeStatements(tx, program, changes),
    ...save(batch.guests, insertGuestPurchases),
    ...save(
      all(changes, (change) => change.entries),
      insertEntries,
    ),
    ...save(
      all(changes, (change) => change.entitlements),
      insertEntitlements,
    ),
    ...save(
      changes.flatMap(({ member, revoked, state }) =>
        revoked.map((number) => ({ member, number, at: state?.recorded_at ?? world.now })),
      ),
      revokeEntitlements,
    ),
    ...rewardStatements(tx, program, world, changes),
    ...save(
      [...world.budgetsChanged].flatMap((rule) => world.budgets.get(rule) ?? []),
      saveBudgets,
    ),
    ...save(
      [...world.keyBurnsChanged].map((key) => ({ key, burns: world.keyBurns.get(key) ?? {} })),
      saveKeyBurns,
    ),
    ...save(
      all(changes, (change) => change.notes),
      insertNotes,
    ),
    ...save(
      all(changes, ({ tierNote }) => (tierNote === null ? [] : [tierNote])),
      insertTierNotes,
    ),
    ...save(
      all(changes, (change) => change.transitions),
      insertTransitions,
    ),
    ...save(
      all(changes, (change) => change.memberships),
      saveMemberships,
    ),
    ...save(lots.filter(isMade), insertLots),
    ...save(
      lots.filter((lot) => !isMade(lot)),
      updateLots,
    ),
    ...save(
      last(
        changes,
        (change) => change.days,
        (member, day, totals) => [member, day, totals] as const,
      ),
      saveDays,
    ),
    ...save(
      last(
        changes,
        ({ profile }) => (profile === null ? [] : [['', profile] as const]),
        (member, _key, profile) => [member, profile] as const,
      ),
      saveProfiles,
    ),
    ...save(
      last(
        changes,
        ({ due }) => (due === null ? [] : [['', due] as const]),
        (member, _key, due) => [member, due.due_at] as const,
      ),
      saveDue,
    ),
    ...save(batch.keys, (session, id, rows) => saveKeys(session, id, rows, world.realNow)),
    ...personStatements(tx, program, world, changes, batch),
    ...save(
      changes
        .filter((change) => change.events.length > 0)
        .map(({ member, events, state }) => ({ member, events, recorded_at: state?.recorded_at ?? world.now })),
      insertEvents,
    ),
  ];
};

/** Saves what the batch decided and commits, all in one breath. */
export const saveBatch = async (
  tx: Tx,
  world: World,
  batch: DecidedBatch,
  commit: () => Promise<void>,
): Promise<void> => {
  const sent = await Promise.allSettled([...statements(tx, world.program, world, batch), commit()]);
  const errors = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (errors.length > 0) throw causeOf(errors);
};
