import type { Changes } from '../model/decision.ts';
import type { Draft } from './draft.ts';

/** Whether settling has left nothing in the draft that is to be kept: what it only computed, it computes again. */
export const isAsLoaded = ({ loaded, rules, state, events, entries, lots, days }: Draft): boolean =>
  events.length + entries.length + lots.size + days.size === 0 &&
  loaded.state.revision === rules.revision &&
  loaded.state.day === state.day;

/** What a command changes that came to nothing. */
export const noChanges: Changes = {
  state: null,
  lots: new Map(),
  days: new Map(),
  entries: [],
  events: [],
  transitions: [],
  memberships: [],
  entitlements: [],
  budgets: new Map(),
  stock: new Map(),
  notes: [],
  tierNote: null,
  purchase: null,
  purchaseReturn: null,
  revoked: [],
  entitlementsUsed: new Map(),
  issued: [],
  vouchers: new Map(),
  rewardNotes: [],
  activities: [],
  followUps: [],
  followedUp: null,
  referralCode: null,
  redeemed: [],
  usedQuote: null,
  redemptions: new Map(),
  claimed: null,
  transfer: null,
  opening: null,
  profile: null,
  due: null,
  keyBurns: null,
  identities: { added: [], removed: [] },
};
