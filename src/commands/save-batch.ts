import type { MemberId, ProgramId } from '../model/ids.ts';
import type { EpochDay } from '../model/instant.ts';
import type { Tx } from '../store/connection.ts';
import { saveDays } from '../store/day-buckets.ts';
import { saveKeys } from '../store/idempotency-keys.ts';
import { type AnyIdentity, deleteIdentities, insertIdentities } from '../store/identities.ts';
import { insertEntries, insertNotes } from '../store/ledger-entries.ts';
import { insertLots, type OwnedLot, updateLots } from '../store/lots.ts';
import { deleteDue, saveDue } from '../store/member-due.ts';
import { insertStates, updateStates } from '../store/members.ts';
import { insertOperations, type OperationReference } from '../store/operation-references.ts';
import { insertEvents } from '../store/outbox.ts';
import { saveProfiles } from '../store/profiles.ts';
import { insertGuestPurchases, insertPurchases } from '../store/purchases.ts';
import { insertRedemptions } from '../store/redemptions.ts';
import { insertTransitions } from '../store/tier-transitions.ts';
import type { AcceptedCommand, DecidedBatch } from './decide-batch.ts';
import type { World } from './world.ts';

type Owned = AcceptedCommand & { readonly member: MemberId };

const ofMember = (accepted: readonly AcceptedCommand[]): Owned[] =>
  accepted.flatMap((command) =>
    command.changes.state === null ? [] : [{ ...command, member: command.changes.state.member_id }],
  );

/** Each thing once, as the last command that changed it left it. */
const lastLots = (commands: readonly Owned[]): OwnedLot[] => {
  const last = new Map<string, OwnedLot>();
  for (const { member, changes } of commands)
    for (const [number, lot] of changes.lots) last.set(`${member}:${number}`, [member, lot]);
  return [...last.values()];
};

const lastDays = (commands: readonly Owned[]) => {
  const last = new Map<
    string,
    readonly [MemberId, EpochDay, Owned['changes']['days'] extends ReadonlyMap<EpochDay, infer T> ? T : never]
  >();
  for (const { member, changes } of commands)
    for (const [day, totals] of changes.days) last.set(`${member}:${day}`, [member, day, totals]);
  return [...last.values()];
};

const operationsOf = (commands: readonly Owned[], guests: DecidedBatch['guests']): OperationReference[] => [
  ...commands.flatMap(({ member, changes: { purchase, redemption } }): OperationReference[] => [
    ...(purchase === null
      ? []
      : [{ kind: 'purchase' as const, id: purchase.purchase_id, member_id: member, ordinal: purchase.ordinal }]),
    ...(redemption === null
      ? []
      : [
          { kind: 'redemption' as const, id: redemption.redemption_id, member_id: member, ordinal: redemption.ordinal },
        ]),
  ]),
  ...guests.map(
    ({ row }): OperationReference => ({ kind: 'purchase', id: row.purchase_id, member_id: null, ordinal: 0 }),
  ),
];

const identityChanges = (commands: readonly Owned[], world: World) => {
  const removed: AnyIdentity[] = commands.flatMap(({ changes }) => changes.identities.removed);
  const added = commands.flatMap(({ member, changes }) =>
    changes.identities.added.map((identity) => ({ ...identity, member })),
  );
  const enrolled = [...world.members.values()]
    .filter((member) => member.isNew)
    .map(({ state }) => ({ kind: 'id', value: state.external_id, member: state.member_id }));
  // What was added and removed again within the batch, or moved on, counts only as it stands at the end.
  const owners = [...added, ...enrolled].filter(
    (identity) => world.identities.get(`${identity.kind}:${identity.value}`) === identity.member,
  );
  return {
    removed,
    added: [...new Map(owners.map((identity) => [`${identity.kind}:${identity.value}`, identity])).values()],
  };
};

/** One statement per table that has something to save, all sent in one breath with the commit that follows. */
const statements = (tx: Tx, program: ProgramId, world: World, batch: DecidedBatch): Promise<unknown>[] => {
  const commands = ofMember(batch.accepted);
  const changed = [...new Set(commands.map((command) => command.member))].flatMap(
    (member) => world.members.get(member) ?? [],
  );
  const lots = lastLots(commands);
  const made = new Set(
    commands.flatMap(({ member, changes }) =>
      changes.entries.flatMap((entry) =>
        entry.allocations[0]?.lot === entry.sequence ? [`${member}:${entry.sequence}`] : [],
      ),
    ),
  );
  const isMade = ([member, lot]: OwnedLot) => made.has(`${member}:${lot.lot}`);
  const identities = identityChanges(commands, world);
  const due = new Map(
    commands.flatMap(({ member, changes }) => (changes.due === null ? [] : [[member, changes.due.due_at] as const])),
  );
  const save = <T>(
    rows: readonly T[],
    write: (tx: Tx, program: ProgramId, rows: readonly T[]) => Promise<unknown>,
  ): Promise<unknown>[] => (rows.length > 0 ? [write(tx, program, rows)] : []);
  return [
    ...save(
      changed.filter((member) => member.isNew).map((member) => member.state),
      insertStates,
    ),
    ...save(
      changed.filter((member) => !member.isNew).map((member) => member.state),
      updateStates,
    ),
    ...save(operationsOf(commands, batch.guests), insertOperations),
    ...save(identities.removed, deleteIdentities),
    ...save(identities.added, insertIdentities),
    ...save(purchasesOf(commands), insertPurchases),
    ...save(redemptionsOf(commands), insertRedemptions),
    ...save(batch.guests, insertGuestPurchases),
    ...save(
      commands.flatMap(({ member, changes }) => changes.entries.map((entry) => [member, entry] as const)),
      insertEntries,
    ),
    ...save(lots.filter(isMade), insertLots),
    ...save(
      lots.filter((lot) => !isMade(lot)),
      updateLots,
    ),
    ...save(lastDays(commands), saveDays),
    ...save(
      commands.flatMap(({ member, changes }) => changes.notes.map((note) => [member, note] as const)),
      insertNotes,
    ),
    ...save(
      commands.flatMap(({ member, changes }) => changes.transitions.map((item) => [member, item] as const)),
      insertTransitions,
    ),
    ...save(
      [
        ...new Map(
          commands.flatMap(({ member, changes }) =>
            changes.profile === null ? [] : [[member, changes.profile] as const],
          ),
        ),
      ],
      saveProfiles,
    ),
    ...save(
      [...due].flatMap(([member, at]) => (at === null ? [] : [[member, at] as const])),
      saveDue,
    ),
    ...save(
      [...due].flatMap(([member, at]) => (at === null ? [member] : [])),
      deleteDue,
    ),
    ...save(batch.keys, (session, id, rows) => saveKeys(session, id, rows, world.now)),
    ...save(
      commands.flatMap(({ member, changes }) =>
        changes.events.length === 0
          ? []
          : [{ member, events: changes.events, recorded_at: changes.state?.recorded_at ?? world.now }],
      ),
      insertEvents,
    ),
  ];
};

const purchasesOf = (commands: readonly Owned[]) =>
  commands.flatMap(({ member, changes, fingerprint, body }) =>
    changes.purchase === null ? [] : [{ member, row: changes.purchase, fingerprint, answer: body }],
  );

const redemptionsOf = (commands: readonly Owned[]) =>
  commands.flatMap(({ member, changes, fingerprint, body }) =>
    changes.redemption === null ? [] : [{ member, row: changes.redemption, fingerprint, answer: body }],
  );

/** Saves what the batch decided and commits. */
export const saveBatch = async (
  tx: Tx,
  world: World,
  batch: DecidedBatch,
  commit: () => Promise<void>,
): Promise<void> => {
  await Promise.all([...statements(tx, world.program, world, batch), commit()]);
};
