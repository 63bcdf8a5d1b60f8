import { timingSafeEqual } from 'node:crypto';
import { isTold } from '../engine/burns.ts';
import { decide, type MemberCommand, type Situation } from '../engine/decide.ts';
import { recordGuestPurchase } from '../engine/record-purchase.ts';
import { returnGuestPurchase } from '../engine/return-purchase.ts';
import type { Command } from '../model/command.ts';
import type { Acceptance, Changes, Refusal } from '../model/decision.ts';
import { problemOf } from '../model/problem.ts';
import { type ProblemCode, problems } from '../model/problem-codes.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import { type KeyRow, keyOf } from '../store/idempotency-keys.ts';
import { type OperationKind, operationKey } from '../store/operation-references.ts';
import type { OwnedReturn } from '../store/purchase-returns.ts';
import type { GuestPurchase } from '../store/purchases.ts';
import { partsOf } from './decide-parts.ts';
import { absorbErasure } from './erased-members.ts';
import { followed } from './follow-merge.ts';
import { guestHash } from './guest-hash.ts';
import { type Operation, operationOf, operationsWithin } from './load-batch.ts';
import { hashText, noteClaimable } from './load-claims.ts';
import { kinOf } from './load-merges.ts';
import { sharedSituation, situationOf } from './situation.ts';
import type { Outcome, Submission } from './submission.ts';
import { absorb, type KnownAnswer, type World } from './world.ts';

/** An accepted command of the batch, with what its rows carry besides. */
export interface AcceptedCommand {
  readonly submission: Submission;
  readonly changes: Changes;
  readonly fingerprint: Uint8Array;
  readonly body: string;
}

/** To be handed in again as another command: the member was enrolled by somebody else in the meantime, or merged, or the guest's purchase is somebody's by now. */
export interface Resubmitted {
  readonly resubmit: Command;
}

/** What a batch came to: an outcome for each command, and what has to be saved. */
export interface DecidedBatch {
  readonly outcomes: (Outcome | Resubmitted)[];
  readonly accepted: AcceptedCommand[];
  readonly guests: GuestPurchase[];
  readonly guestReturns: OwnedReturn[];
  readonly keys: KeyRow[];
}

const refused = (
  code: ProblemCode,
  detail: string,
  requestId: string,
  more: Pick<Refusal, 'errors' | 'missing' | 'available'> = {},
): Outcome => {
  const { errors, missing, available } = more;
  const details = {
    ...(errors === undefined ? {} : { errors: errors.map((error) => ({ ...error })) }),
    ...(missing === undefined ? {} : { missing }),
    ...(available === undefined ? {} : { available }),
  };
  return {
    status: problems[code].status,
    body: JSON.stringify(problemOf(code, detail, requestId, details)),
    replayed: false,
  };
};

const replayOr = (known: KnownAnswer, submission: Submission, otherwise: () => Outcome): Outcome =>
  timingSafeEqual(known.fingerprint, submission.fingerprint)
    ? { status: known.status, body: known.body, replayed: true }
    : otherwise();

/** The refusal of a caller's id that is known with other content. */
const conflicts = {
  purchase: 'purchase_conflict',
  redemption: 'redemption_conflict',
  activity: 'activity_conflict',
  return: 'return_conflict',
  cancellation: 'return_conflict',
  opening_balance: 'opening_balance_conflict',
} as const satisfies Record<OperationKind, ProblemCode>;

const conflict = ({ kind, id }: Operation, first: KnownAnswer, requestId: string, pointer?: string): Outcome => {
  const { member, recorded_at } = JSON.parse(first.body) as { member: string | null; recorded_at: string };
  const what = kind === 'opening_balance' ? 'the opening balance' : `${kind} ${id}`;
  const detail = `${what} was recorded at ${recorded_at} for ${member === null ? 'a guest' : `member ${member}`} with other content`;
  const code = conflicts[kind];
  return refused(
    code,
    detail,
    requestId,
    pointer === undefined ? {} : { errors: [{ pointer, code, detail: id, expected: 'an id that is not in use' }] },
  );
};

/** The refusal of a purchase that would redeem under an id that is in use. */
const knownWithin = (world: World, { command, requestId }: Submission): Outcome | null => {
  for (const [index, operation] of operationsWithin(command).entries()) {
    const first = world.operations.get(operationKey(operation));
    if (first !== undefined) return conflict(operation, first, requestId, `/redeem/${index}/id`);
  }
  return null;
};

/** The answer to the very same request while the member was another, merged into this one or with it. */
const answeredKin = (world: World, { command, key, fingerprint }: Submission): Outcome | null => {
  const { member_id } = command;
  if (member_id === null) return null;
  for (const member of kinOf(world, member_id)) {
    const opening = command.kind === 'open_balance' ? operationOf({ ...command, member_id: member }) : null;
    const known =
      (key === null ? undefined : world.keys.get(keyOf({ member, key }))) ??
      (opening === null ? undefined : world.operations.get(operationKey(opening)));
    if (known !== undefined && timingSafeEqual(known.fingerprint, fingerprint))
      return { status: known.status, body: known.body, replayed: true };
  }
  return null;
};

/** The answer to an earlier, identical command; or the refusal of one that is not identical. Null: the command is new. */
const knownOutcome = (world: World, submission: Submission): Outcome | null => {
  const { command, key, requestId } = submission;
  const byKey =
    key === null || command.member_id === null ? undefined : world.keys.get(keyOf({ member: command.member_id, key }));
  if (byKey !== undefined) {
    return replayOr(byKey, submission, () =>
      refused('idempotency_key_reused', 'this Idempotency-Key was used for another request of this member', requestId),
    );
  }
  const ofKin = answeredKin(world, submission);
  if (ofKin !== null) return ofKin;
  const operation = operationOf(command);
  const first = operation === null ? undefined : world.operations.get(operationKey(operation));
  if (operation === null || first === undefined) return knownWithin(world, submission);
  return replayOr(first, submission, () => conflict(operation, first, requestId));
};

const bodyOf = (answer: Acceptance['answer']): string => (answer === null ? '' : JSON.stringify(answer));

const remember = (
  world: World,
  batch: DecidedBatch,
  submission: Submission,
  outcome: Outcome,
  accepted: boolean,
): void => {
  const { command, key, fingerprint } = submission;
  const operation = operationOf(command);
  const made = accepted ? [operation ?? [], operationsWithin(command)].flat() : [];
  for (const one of made)
    world.operations.set(operationKey(one), { fingerprint, status: outcome.status, body: outcome.body });
  if (key === null || command.member_id === null) return;
  const scope = { member: command.member_id, key };
  world.keys.set(keyOf(scope), { fingerprint, status: outcome.status, body: outcome.body });
  batch.keys.push({ ...scope, fingerprint, status: outcome.status, answer: outcome.body });
};

const decideGuest = (
  world: World,
  batch: DecidedBatch,
  submission: Submission,
  command: Extract<Submission['command'], { kind: 'record_guest_purchase' }>,
): Outcome => {
  const decision = recordGuestPurchase(command.report, world.rules, world.now);
  if (decision.outcome === 'refused') return refused(decision.code, decision.detail, submission.requestId, decision);
  const outcome: Outcome = { status: decision.status, body: bodyOf(decision.answer), replayed: false };
  const row: PurchaseRow = decision.purchase;
  const identity_hash = guestHash(world.program, command.report.guest?.identity);
  if (identity_hash !== null) noteClaimable(world, hashText(identity_hash), row);
  batch.guests.push({
    row,
    identity_hash,
    fingerprint: submission.fingerprint,
    answer: outcome.body,
  });
  remember(world, batch, submission, outcome, true);
  return outcome;
};

const decideGuestReturn = (
  world: World,
  batch: DecidedBatch,
  submission: Submission,
  { purchase, request }: Extract<Submission['command'], { kind: 'return_guest_purchase' }>,
): Outcome | Resubmitted => {
  const owner = world.claimedBy.get(purchase);
  if (owner !== undefined) return { resubmit: { kind: 'return_purchase', member_id: owner, purchase, request } };
  const found = world.guests.get(purchase);
  if (found === undefined) return refused('not_found', 'there is no such purchase of a guest', submission.requestId);
  const decision = returnGuestPurchase(found.row, found.returns, request, world.rules, world.now);
  if (decision.outcome === 'refused') return refused(decision.code, decision.detail, submission.requestId, decision);
  const { row, status } = decision;
  const outcome: Outcome = { status, body: bodyOf(decision.answer), replayed: false };
  if (request.dry_run === true) return outcome;
  batch.guestReturns.push({ member: null, row, fingerprint: submission.fingerprint, answer: outcome.body });
  world.guests.set(purchase, { ...found, returns: [...found.returns, row] });
  remember(world, batch, submission, outcome, true);
  return outcome;
};

/** What rows of the command are answered with when it comes again. A claimed purchase goes on to get the guest's answer. */
const answeredWith = (
  world: World,
  { fingerprint }: Submission,
  { body }: Outcome,
  { claimed, purchase }: Changes,
): Pick<AcceptedCommand, 'fingerprint' | 'body'> => {
  const guest = claimed === null ? undefined : world.guests.get(purchase?.purchase_id ?? '');
  return guest === undefined ? { fingerprint, body } : { fingerprint: guest.fingerprint, body: guest.answer };
};

const askingKey = ({ keyBurns }: World, { apiKey: id }: Submission): Pick<Situation, 'key'> =>
  id === undefined ? {} : { key: { id, burns: keyBurns.get(id) ?? null } };

/** A refusal changes nothing: what is told of one is a command of its own, decided behind it, once in a while. */
const tellRefusedBurn = (
  world: World,
  batch: DecidedBatch,
  submission: Submission,
  { refusedBurn: refused }: Refusal,
): void => {
  const { member_id } = submission.command;
  const member = member_id === null ? undefined : world.members.get(member_id);
  if (refused === undefined || member_id === null || member === undefined) return;
  if (isTold(member.state, refused, world.now)) return;
  const command = { kind: 'tell_refused_burn', member_id, refused } as const;
  decideMember(world, batch, { ...submission, command, key: null }, command);
};

const decideMember = (
  world: World,
  batch: DecidedBatch,
  submission: Submission,
  command: MemberCommand,
): Outcome | Resubmitted => {
  const enrols = command.kind === 'put_member' && command.member_id === null;
  const enrolled = enrols ? world.identities.get(`id:${command.external_id}`) : undefined;
  if (enrols && enrolled !== undefined) return { resubmit: { ...command, member_id: enrolled } };
  const heir = followed(world, command);
  if (heir !== null) return { resubmit: heir };
  const newId = enrols ? world.newIds.shift() : undefined;
  const parts = partsOf(world, command, () =>
    decide({
      member: command.member_id === null ? null : (world.members.get(command.member_id) ?? null),
      command,
      rules: world.rules,
      now: world.now,
      ...(newId === undefined ? {} : { newId }),
      ...askingKey(world, submission),
      ...sharedSituation(world, command),
      ...situationOf(world, command),
    }),
  );
  if ('outcome' in parts) {
    const outcome = refused(parts.code, parts.detail, submission.requestId, parts);
    // Nothing more is kept of who was erased, not even under which key somebody asked.
    if (parts.code !== 'member_erased') remember(world, batch, submission, outcome, false);
    tellRefusedBurn(world, batch, submission, parts);
    return outcome;
  }
  const [{ status, answer, changes: own }] = parts;
  const outcome: Outcome = { status, body: bodyOf(answer), replayed: false };
  if (command.kind === 'return_purchase' && command.request.dry_run === true) return outcome;
  if (own.state === null) return outcome;
  for (const { changes } of parts) {
    batch.accepted.push({ submission, changes, ...answeredWith(world, submission, outcome, changes) });
    absorb(world, changes);
    absorbErasure(world, changes);
  }
  remember(world, batch, submission, outcome, true);
  return outcome;
};

/** Decides a batch in memory, in order, each command seeing what the one before it left. */
export const decideBatch = (world: World, submissions: readonly Submission[]): DecidedBatch => {
  const batch: DecidedBatch = { outcomes: [], accepted: [], guests: [], guestReturns: [], keys: [] };
  for (const submission of submissions) {
    const { command } = submission;
    const known = knownOutcome(world, submission);
    if (known !== null) batch.outcomes.push(known);
    else if (command.kind === 'record_guest_purchase')
      batch.outcomes.push(decideGuest(world, batch, submission, command));
    else if (command.kind === 'return_guest_purchase')
      batch.outcomes.push(decideGuestReturn(world, batch, submission, command));
    else batch.outcomes.push(decideMember(world, batch, submission, command));
  }
  return batch;
};
