import type { Changes, LoadedMember } from '../model/decision.ts';
import type { MemberId, ProgramId } from '../model/ids.ts';
import type { EpochDay, Instant } from '../model/instant.ts';
import type { Lot } from '../model/lot.ts';
import type { MemberProfile } from '../model/member.ts';
import type { MemberState, Totals } from '../model/member-state.ts';
import type { Rules } from '../rules/rules.ts';

/** A member within a batch: what was loaded, with what earlier commands of the batch left. */
export interface WorkingMember extends LoadedMember {
  state: MemberState;
  profile: MemberProfile | null;
  readonly lots: Map<number, Lot>;
  readonly days: Map<EpochDay, Totals>;
  readonly later: Map<string, { releases_from: Instant | null; expires_from: Instant | null }>;
  /** Whether the member was enrolled by this batch. */
  readonly isNew: boolean;
}

/** An answer given before, to be given again. */
export interface KnownAnswer {
  readonly fingerprint: Uint8Array;
  readonly status: number;
  readonly body: string;
}

/** Everything a batch decides on. */
export interface World {
  readonly program: ProgramId;
  readonly rules: Rules;
  readonly now: Instant;
  readonly members: Map<MemberId, WorkingMember>;
  /** Owners of the identities the batch names, by `kind:value`. */
  readonly identities: Map<string, MemberId>;
  /** Answers to purchases and redemptions recorded before, by `kind:id`. */
  readonly operations: Map<string, KnownAnswer>;
  /** Answers given under an Idempotency-Key, by member and key. */
  readonly keys: Map<string, KnownAnswer>;
  /** Internal ids for members to be enrolled. */
  readonly newIds: MemberId[];
}

export const workingMember = (state: MemberState, profile: MemberProfile | null, isNew: boolean): WorkingMember => ({
  state,
  profile,
  lots: new Map(),
  days: new Map(),
  later: new Map(),
  isNew,
});

/** Takes an accepted command's changes into the world, for the commands after it. */
export const absorb = (world: World, changes: Changes): void => {
  const { state } = changes;
  if (state === null) return;
  let member = world.members.get(state.member_id);
  if (member === undefined) {
    member = workingMember(state, null, true);
    world.members.set(state.member_id, member);
    world.identities.set(`id:${state.external_id}`, state.member_id);
  }
  // The day the state stood on becomes a day like any other once the state has moved on.
  if (member.state.day !== state.day && member.state.today.purchases > 0)
    member.days.set(member.state.day, member.state.today);
  member.state = state;
  member.profile = changes.profile ?? member.profile;
  for (const [number, lot] of changes.lots) member.lots.set(number, lot);
  for (const [day, totals] of changes.days) member.days.set(day, totals);
  for (const identity of changes.identities.removed) world.identities.delete(`${identity.kind}:${identity.value}`);
  for (const identity of changes.identities.added)
    world.identities.set(`${identity.kind}:${identity.value}`, state.member_id);
};
