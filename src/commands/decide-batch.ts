import { timingSafeEqual } from 'node:crypto';
import { decide, type MemberCommand, type Situation } from '../engine/decide.ts';
import { recordGuestPurchase } from '../engine/record-purchase.ts';
import { creditTakenBack } from '../engine/referrals.ts';
import { returnGuestPurchase } from '../engine/return-purchase.ts';
import { vouchersOfCommand } from '../engine/stock-needs.ts';
import type { Acceptance, Changes, Refusal } from '../model/decision.ts';
import type { MemberId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import { problemOf } from '../model/problem.ts';
import { type ProblemCode, problems } from '../model/problem-codes.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import { followUpKey } from '../store/follow-ups.ts';
import { type KeyRow, keyOf } from '../store/idempotency-keys.ts';
import { type OperationKind, operationKey } from '../store/operation-references.ts';
import type { OwnedReturn } from '../store/purchase-returns.ts';
import type { GuestPurchase } from '../store/purchases.ts';
import { guestHash } from './guest-hash.ts';
import { operationOf, referrerOf, takenIdentities } from './load-batch.ts';
import type { Outcome, Submission } from './submission.ts';
import { newVoucherCode } from './voucher-code.ts';
import { absorb, type KnownAnswer, type World } from './world.ts';

/** An accepted command of the batch, with what its rows carry besides. */
export interface AcceptedCommand {
  readonly changes: Changes;
  readonly fingerprint: Uint8Array;
  readonly body: string;
}

/** What a batch came to: an outcome for each command, and what has to be saved. */
export interface DecidedBatch {
  /** Null: the member was enrolled by somebody else in the meantime; to be handed in again under this id. */
  readonly outcomes: (Outcome | { readonly resubmitAs: MemberId })[];
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
} as const satisfies Record<OperationKind, ProblemCode>;

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
  const operation = operationOf(command);
  const first = operation === null ? undefined : world.operations.get(operationKey(operation));
  if (operation === null || first === undefined) return null;
  return replayOr(first, submission, () => {
    const { member, recorded_at } = JSON.parse(first.body) as { member: string | null; recorded_at: string };
    return refused(
      conflicts[operation.kind],
      `${operation.kind} ${operation.id} was recorded at ${recorded_at} for ${member === null ? 'a guest' : `member ${member}`} with other content`,
      requestId,
    );
  });
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
  if (accepted && operation !== null)
    world.operations.set(operationKey(operation), { fingerprint, status: outcome.status, body: outcome.body });
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
  batch.guests.push({
    row,
    identity_hash: guestHash(world.program, command.report.guest?.identity),
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
): Outcome => {
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

/** What a command that takes something back is decided on besides. */
const returnSituation = (
  world: World,
  command: MemberCommand,
): Partial<Pick<Situation, 'returning' | 'isOpen' | 'credited'>> => {
  if (command.kind === 'return_purchase') {
    const { member, ...found } = world.returning.get(command.purchase) ?? { member: null };
    if (member !== command.member_id || !('row' in found)) return {};
    const times = world.purchaseTimes.get(member) ?? new Map<number, Instant>();
    const others = [...times].flatMap(([ordinal, at]) => (ordinal === found.row.ordinal ? [] : [at]));
    return { returning: { ...found, others } };
  }
  if (command.kind !== 'credit_referrer') return {};
  const { followUp } = command;
  const credit = creditTakenBack(followUp);
  const credited =
    credit === null ? undefined : world.credits.get(followUpKey({ member_id: command.member_id, id: credit }));
  return {
    isOpen: world.followUps.has(followUpKey(followUp)),
    ...(credited === undefined ? {} : { credited }),
  };
};

/** What members share: budgets, stock, and codes for vouchers. */
const sharedSituation = (
  world: World,
  command: MemberCommand,
): Partial<Pick<Situation, 'budgetsUsed' | 'stockUsed' | 'codes'>> => {
  const vouchers = vouchersOfCommand(command);
  return {
    ...(world.budgets.size === 0
      ? {}
      : { budgetsUsed: new Map([...world.budgets].map(([rule, { used }]) => [rule, used])) }),
    ...(world.stock.size === 0 ? {} : { stockUsed: world.stock }),
    ...(vouchers === 0
      ? {}
      : { codes: { generated: Array.from({ length: vouchers }, newVoucherCode), pool: world.pool } }),
  };
};

const decideMember = (
  world: World,
  batch: DecidedBatch,
  submission: Submission,
  command: MemberCommand,
): Outcome | { resubmitAs: MemberId } => {
  const enrols = command.kind === 'put_member' && command.member_id === null;
  const enrolled = enrols ? world.identities.get(`id:${command.external_id}`) : undefined;
  if (enrolled !== undefined) return { resubmitAs: enrolled };
  const newId = enrols ? world.newIds.shift() : undefined;
  const decision = decide({
    member: command.member_id === null ? null : (world.members.get(command.member_id) ?? null),
    command,
    rules: world.rules,
    now: world.now,
    ...(newId === undefined ? {} : { newId }),
    ...(command.kind === 'put_member'
      ? { taken: takenIdentities(world, command), referrer: referrerOf(world, command) }
      : {}),
    ...sharedSituation(world, command),
    ...returnSituation(world, command),
  });
  if (decision.outcome === 'refused') {
    const outcome = refused(decision.code, decision.detail, submission.requestId, decision);
    remember(world, batch, submission, outcome, false);
    return outcome;
  }
  const outcome: Outcome = { status: decision.status, body: bodyOf(decision.answer), replayed: false };
  if (command.kind === 'return_purchase' && command.request.dry_run === true) return outcome;
  batch.accepted.push({ changes: decision.changes, fingerprint: submission.fingerprint, body: outcome.body });
  absorb(world, decision.changes);
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
