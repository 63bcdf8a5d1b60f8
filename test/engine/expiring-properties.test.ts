import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'tap';
import { decide, type MemberCommand } from '../../src/engine/decide.ts';
import type { Changes } from '../../src/model/decision.ts';
import { DAY_MS, dayText, type Instant, instantText, parseDay } from '../../src/model/instant.ts';
import type { LedgerEntry } from '../../src/model/ledger-entry.ts';
import { endOf } from '../../src/rules/calendar.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { ada, put, settle } from '../helpers/given.ts';
import { type ProgramParts, program } from '../helpers/programs.ts';
import { commandOf, moved, programs, type Step, startsAt, steps } from './arbitraries.ts';
import { frozen, type Kept, keep, loadNeeded } from './naive.ts';

/* What is announced, and what slides, is what counting again from the ledger and the list of acts comes to. */

interface Told {
  readonly command: MemberCommand;
  readonly rules: Rules;
  readonly changes: Changes;
  readonly at: Instant;
}

/** Hands a command in, the member loaded as far as a store would load it. Null: it was refused. */
const hand = (kept: Kept | null, command: MemberCommand, rules: Rules, at: Instant): [Kept, Told] | null => {
  const member = kept === null ? null : frozen(loadNeeded(kept, [command], rules, at));
  const decision = decide({ member, command, rules, now: at, newId: ada });
  if (decision.outcome === 'refused') return null;
  const { changes } = decision;
  return [keep(kept, changes), { command, rules, changes, at: changes.state!.recorded_at }];
};

/** What a story comes to, with a last look long after. */
const play = (parts: readonly [ProgramParts, ProgramParts], story: readonly Step[]): { told: Told[]; kept: Kept } => {
  let rules = program(parts[0]);
  let now = startsAt;
  const told: Told[] = [];
  let kept: Kept | null = null;
  const step = (command: MemberCommand, at: Instant): void => {
    const done = hand(kept, command, rules, at);
    if (done === null) return;
    kept = done[0];
    told.push(done[1]);
  };
  step(put({}, { member_id: null }), startsAt);
  story.forEach(({ advance, deed }, index) => {
    now = moved(now, advance, rules);
    if (deed.kind === 'revise') rules = program(parts[1]);
    step(commandOf(deed, kept!.member, now, `id-${index}`), now);
  });
  step(settle, kept!.member.state.recorded_at + 1_200 * DAY_MS);
  return { told, kept: kept! };
};

/** The same commands again, with a job that looks whenever the member is due. */
const playWithJobs = (story: readonly Told[]): Told[] => {
  const told: Told[] = [];
  let kept: Kept | null = null;
  const step = (command: MemberCommand, rules: Rules, at: Instant): void => {
    const done = hand(kept, command, rules, at);
    assert.ok(done !== null, command.kind);
    kept = done[0];
    told.push(done[1]);
  };
  const dueAt = (): Instant => kept?.member.state.due_at ?? Number.POSITIVE_INFINITY;
  let before: Rules | null = null;
  for (const { command, rules, at } of story) {
    for (let due = dueAt(); due <= at; due = dueAt()) {
      step(settle, before ?? rules, Math.max(due, kept!.member.state.recorded_at));
      assert.notEqual(dueAt(), due, 'a job does not come back for nothing');
    }
    step(command, rules, at);
    before = rules;
  }
  return told;
};

const announcementsIn = (told: readonly Told[]): string[] =>
  told
    .flatMap(({ changes }) => changes.events)
    .filter(({ type }) => type === 'points.expiring')
    .map(({ occurred_at, data }) =>
      JSON.stringify([occurred_at, data['wallet'], data['expires_at'], data['points'], data['pending']]),
    )
    .sort();

const localDay = (zone: string, at: Instant): string =>
  new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' }).format(at);

/** The start of a local day, sought hour by hour: another way than the engine's. */
const startOfDay = (zone: string, day: number): Instant => {
  let at = day * DAY_MS - 16 * 3_600_000;
  while (localDay(zone, at) < dayText(day)) at += 1_800_000;
  return at;
};

const noticeDays = (rules: Rules, wallet: string): number => {
  const expiry = rules.wallets.get(wallet)?.expiry;
  const fewest = { P1D: 1, P2D: 2, P7D: 7, P2W: 14, P1M: 28, P3M: 88, P1Y: 365 } as Record<string, number>;
  return expiry == null ? 30 : Math.min(30, Math.floor(fewest[expiry.after]! / 2));
};

const announcedOn = (rules: Rules, wallet: string, expiry: Instant): Instant | null => {
  const days = noticeDays(rules, wallet);
  const lastDay = parseDay(localDay(rules.time_zone, expiry - 1));
  return days === 0 ? null : startOfDay(rules.time_zone, lastDay + 1 - days);
};

const BY_TIME = ['release', 'expire', 'lapse'];

/** When an entry took place for whoever looks on: what time brought about at its instant, the rest when it was recorded. */
const effective = (
  entries: readonly LedgerEntry[],
): (readonly [at: Instant, byTime: boolean, entry: LedgerEntry])[] => {
  let last = Number.NEGATIVE_INFINITY;
  let byTime = false;
  return entries.map((entry) => {
    // Grace comes with what it is for.
    if (entry.movement !== 'grace') byTime = BY_TIME.includes(entry.movement) && entry.cause !== 'closing';
    last = Math.max(last, byTime ? entry.occurred_at : entry.recorded_at);
    return [last, byTime, entry] as const;
  });
};

interface Slide {
  /** From when to when the wallet's points were to expire at `until`; a command at the end has settled before. */
  readonly from: Instant;
  to: Instant;
  readonly until: Instant;
}

/** When sliding points expire, counted again from the commands. */
class SlidingModel {
  readonly alive = new Set<number>();
  readonly made = new Set<number>();
  /** When lots were gone with all others; those still pending then have an instant of their own from then on. */
  readonly goneAt = new Map<number, Instant>();
  readonly slides: Slide[] = [];
  until: Instant | null = null;
  readonly wallet: string;

  constructor(wallet: string) {
    this.wallet = wallet;
  }

  #to(until: Instant, at: Instant): void {
    if (this.until !== null && this.until >= until) return;
    this.#end(at);
    this.until = until;
    this.slides.push({ from: at, to: Number.POSITIVE_INFINITY, until });
  }

  #end(at: Instant): void {
    const last = this.slides.at(-1);
    if (last !== undefined) last.to = Math.min(last.to, at);
  }

  take({ command, changes, at }: Told, rules: Rules): void {
    const expiry = rules.wallets.get(this.wallet)?.expiry ?? null;
    if (this.until !== null && this.until <= at) {
      this.#end(this.until);
      for (const lot of this.alive) this.goneAt.set(lot, this.until);
      this.until = null;
      this.alive.clear();
    }
    const acts = expiry?.sliding?.renewed_by ?? [];
    if (expiry === null || acts.length === 0) return;
    const renew = (from: Instant): void => this.#to(endOf(rules.calendar, expiry, from), at);
    const spends = changes.entries.some(({ to_bucket }) => to_bucket === 'redeemed');
    if (spends && acts.includes('redemption')) renew(at);
    if (changes.purchase !== null && acts.includes('purchase')) renew(changes.purchase.occurred_at);
    for (const entry of changes.entries) {
      const own = command.kind === 'adjust_points' && command.request.expires_at !== undefined;
      const makes = entry.allocations[0]?.lot === entry.sequence && entry.movement !== 'grace';
      if (entry.wallet !== this.wallet || !makes || own) continue;
      if (this.until === null || this.until <= entry.occurred_at) renew(entry.occurred_at);
      this.alive.add(entry.sequence);
      this.made.add(entry.sequence);
    }
  }
}

/** What must have been announced by the end. */
const expected = (kept: Kept, rules: Rules, models: readonly SlidingModel[], end: Instant): string[] => {
  const entries = effective(kept.entries);
  const sliding = new Set(models.flatMap(({ made }) => [...made]));
  const pointsAt = (lots: ReadonlySet<number>, at: Instant) => {
    const sums = { pending: 0, available: 0 };
    for (const [when, byTime, { allocations, from_bucket, to_bucket }] of entries) {
      if (when > at || (when === at && !byTime)) continue;
      for (const { lot, points } of allocations) {
        if (!lots.has(lot)) continue;
        if (from_bucket in sums) sums[from_bucket as 'pending'] -= points;
        if (to_bucket in sums) sums[to_bucket as 'pending'] += points;
      }
    }
    return sums;
  };
  const wanted = new Map<
    string,
    { at: Instant; wallet: string; expiry: Instant; pending: number; available: number }
  >();
  const want = (wallet: string, expiry: Instant, at: Instant, lots: ReadonlySet<number>): void => {
    const { pending, available } = pointsAt(lots, at);
    const key = `${wallet} ${expiry}`;
    const there = wanted.get(key) ?? { at, wallet, expiry, pending: 0, available: 0 };
    wanted.set(key, { ...there, pending: there.pending + pending, available: there.available + available });
  };
  const fixed = [...kept.member.lots.values()].filter(
    ({ lot, expires_at }) => expires_at !== null && !sliding.has(lot),
  );
  for (const some of Map.groupBy(fixed, (lot) => `${lot.wallet} ${lot.expires_at}`).values()) {
    const { wallet, expires_at } = some[0]!;
    const at = announcedOn(rules, wallet, expires_at!);
    if (at !== null && at <= end) want(wallet, expires_at!, at, new Set(some.map(({ lot }) => lot)));
  }
  for (const { wallet, slides, made, goneAt } of models) {
    for (const { from, to, until } of slides) {
      const at = announcedOn(rules, wallet, until);
      const alive = [...made].filter((lot) => (goneAt.get(lot) ?? until) >= until);
      if (at !== null && at > from && at <= to && at <= end) want(wallet, until, at, new Set(alive));
    }
    for (const [number, gone] of goneAt) {
      const lot = kept.member.lots.get(number)!;
      if (lot.expires_at === null || lot.expires_at === gone) continue;
      const at = announcedOn(rules, wallet, lot.expires_at);
      if (at !== null && at > gone && at <= end) want(wallet, lot.expires_at, at, new Set([number]));
    }
  }
  return [...wanted.values()]
    .filter(({ pending, available }) => pending + available > 0)
    .map(({ at, wallet, expiry, pending, available }) =>
      JSON.stringify([at, wallet, instantText(expiry), available, pending]),
    )
    .sort();
};

test('every instant at which points left expire is announced exactly once, and sliding is what the acts come to', async (t) => {
  const met = { announced: 0, sliding: 0, pending: 0, gone: 0 };
  fc.assert(
    fc.property(programs, steps(25), (parts, story) => {
      const { told, kept } = play(parts, story);
      const rules = program(parts[0]);
      const models = [...rules.wallets.keys()].map((wallet) => new SlidingModel(wallet));
      let gone = 0;
      for (const one of told) {
        for (const model of models) {
          const before = new Set(model.alive);
          model.take(one, rules);
          const { at, pending, available } = one.changes.state!.accounts[model.wallet]?.sliding ?? {
            ...{ at: null, pending: 0, available: 0 },
          };
          if (model.until !== null && model.until > one.at) assert.equal(at, model.until, 'the last act says when');
          else assert.equal(pending + available, 0, 'nothing outlives it');
          const closed = one.command.kind === 'close_member';
          for (const { to_bucket, allocations, wallet } of one.changes.entries)
            if (to_bucket === 'expired' && wallet === model.wallet && !closed)
              for (const { lot } of allocations)
                assert.ok(!model.alive.has(lot) || (model.until ?? 0) <= one.at, 'nothing expires before');
          for (const [number, lot] of one.changes.lots)
            if (before.has(number) && !model.alive.has(number)) {
              assert.equal(lot.available, 0, 'what is gone stays gone');
              gone += 1;
            }
        }
      }
      const found = announcementsIn(told);
      const end = kept.member.state.recorded_at;
      assert.deepEqual(found, expected(kept, rules, models, end));
      met.announced += found.length;
      met.sliding += models.filter(({ slides }) => slides.length > 1).length;
      met.pending += found.filter((text) => !text.endsWith(',0]')).length;
      met.gone += gone;
    }),
    { seed: 59, numRuns: 250 },
  );
  for (const [what, times] of Object.entries(met)) t.ok(times >= 20, `${what}: ${times}`);
});

test('a job that looks whenever a member is due announces the same as the next command', async (t) => {
  fc.assert(
    fc.property(programs, steps(15), (parts, story) => {
      const { told } = play(parts, story);
      assert.deepEqual(announcementsIn(playWithJobs(told)), announcementsIn(told));
    }),
    { seed: 61, numRuns: 150 },
  );
  t.pass();
});
