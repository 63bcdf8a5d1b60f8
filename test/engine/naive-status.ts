import type { Comparison, Condition, FieldReference, NumberOperand } from '../../src/model/condition.ts';
import { dayText, type EpochDay, type Instant, parseDay } from '../../src/model/instant.ts';
import type { Segment } from '../../src/model/segment.ts';
import type { Tier } from '../../src/model/tier.ts';

/*
 * Tiers and segments by their definitions, and by nothing else of the engine: everything is counted again from what the
 * member did, at every local midnight and at every instant that could matter, one after the other. Slow, and plain.
 */

const DAY = 86_400_000;

export interface NaiveProgram {
  readonly zone: string;
  /** `scheme:CODE` and `segment:CODE`, each after what it reads. */
  readonly order: readonly string[];
  readonly tiers: Readonly<Record<string, Tier>>;
  readonly segments: Readonly<Record<string, Segment>>;
  readonly expiringDays: number | null;
}

/** What an accepted command did. */
export type Fact =
  | { readonly kind: 'purchase'; readonly occurred: Instant; readonly spend: number; readonly earned: number }
  | { readonly kind: 'activity'; readonly occurred: Instant; readonly type: string; readonly nps: number | null }
  | {
      readonly kind: 'profile';
      readonly attributes: Readonly<Record<string, unknown>>;
      readonly birthDate: string | null | undefined;
    }
  | { readonly kind: 'status'; readonly status: string }
  | { readonly kind: 'by hand'; readonly scheme: string; readonly tier: string; readonly until: Instant | null }
  | { readonly kind: 'lifted'; readonly scheme: string }
  | { readonly kind: 'nothing' };

/** What the ledger says of points that became available or no longer are: by how many, and when. */
export interface Moved {
  readonly at: Instant;
  readonly points: number;
}

/** By time on the way to a command, by the command itself, and of what it gave too late by time again. */
export interface Movements {
  readonly due: readonly Moved[];
  readonly own: readonly Moved[];
  readonly late: readonly Moved[];
}

/* Calendar: text and bisection over what the formatter of the platform says. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** The last answer is remembered: one instant is asked about again and again. */
let answered = { zone: '', at: Number.NaN, day: 0 };

const localDay = (zone: string, at: Instant): EpochDay => {
  if (answered.at === at && answered.zone === zone) return answered.day;
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' });
  formats.set(zone, format);
  answered = { zone, at, day: parseDay(format.format(at)) };
  return answered.day;
};

const starts = new Map<string, Instant>();

/** The first instant of a local day. */
const startOf = (zone: string, day: EpochDay): Instant => {
  const key = `${zone} ${day}`;
  const known = starts.get(key);
  if (known !== undefined) return known;
  let [before, from] = [day * DAY - 16 * 3_600_000, day * DAY + 16 * 3_600_000];
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (localDay(zone, middle) >= day) from = middle;
    else before = middle;
  }
  starts.set(key, from);
  return from;
};

const parts = (day: EpochDay): [number, number, number] =>
  dayText(day).split('-').map(Number) as [number, number, number];
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const lengthOf = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
const dayOf = (year: number, month: number, date: number): EpochDay =>
  parseDay(`${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`);

const later = (day: EpochDay, duration: string): EpochDay => {
  const count = Number(duration.slice(1, -1));
  switch (duration.at(-1)) {
    case 'D':
      return day + count;
    case 'W':
      return day + 7 * count;
    default: {
      const [year, month, date] = parts(day);
      const months = year * 12 + (month - 1) + count * (duration.endsWith('Y') ? 12 : 1);
      const [y, m] = [Math.floor(months / 12), (months % 12) + 1];
      return dayOf(y, m, Math.min(date, lengthOf(y, m)));
    }
  }
};

const endOf = (unit: 'month' | 'quarter' | 'year', day: EpochDay): EpochDay => {
  const [year, month] = parts(day);
  const last = unit === 'year' ? 12 : unit === 'month' ? month : month + ((3 - (month % 3)) % 3);
  return dayOf(year, last, lengthOf(year, last));
};

const isAnniversary = (of: EpochDay, day: EpochDay): boolean => {
  const [, month, date] = parts(of);
  const [year, m, d] = parts(day);
  return m === month && d === Math.min(date, lengthOf(year, month));
};

const years = new Map<string, EpochDay>();

const windowBegins = (window: string, today: EpochDay, enrolled: EpochDay): EpochDay => {
  if (window.endsWith('d')) return today - Number(window.slice(0, -1)) + 1;
  const key = `${window} ${today} ${enrolled}`;
  const known = years.get(key);
  if (known !== undefined) return known;
  const begins = (day: EpochDay): boolean =>
    window === 'calendar_year' ? dayText(day).endsWith('-01-01') : isAnniversary(enrolled, day);
  let first = today;
  while (!begins(first)) first -= 1;
  years.set(key, first);
  return first;
};

const lengthOfTime = (text: string): number => Number(text.slice(0, -1)) * (text.endsWith('d') ? DAY : 3_600_000);

/** Every duration that some condition compares an instant with. */
const durationsIn = (condition: Condition | null): number[] => {
  if (condition === null) return [];
  if ('all' in condition) return condition.all.flatMap(durationsIn);
  if ('any' in condition) return condition.any.flatMap(durationsIn);
  if ('not' in condition) return durationsIn(condition.not);
  return 'field' in condition && ['within_last', 'older_than'].includes(condition.op)
    ? [lengthOfTime(String(condition.value))]
    : [];
};

interface Held {
  tier: string;
  since: Instant;
  stay: Instant | null;
  /** Since when its entry has been true; null: it is not. */
  qualified: Instant | null;
  /** When the grace that runs ends. */
  grace: Instant | null;
  announced: Instant | null;
}

export class NaiveMember {
  private program: NaiveProgram;
  private durations: readonly number[] = [];
  private readonly enrolledAt: Instant;
  private readonly enrolledOn: EpochDay;
  private readonly doings: { day: EpochDay; fact: Fact & { occurred: Instant } }[] = [];
  private points = 0;
  private status = 'active';
  private readonly attributes: Record<string, unknown> = {};
  private birthDate: EpochDay | null = null;
  private upTo: Instant;
  private readonly held = new Map<string, Held>();
  private readonly byHand = new Map<string, { tier: string; until: Instant | null }>();
  private readonly inside = new Map<string, Instant>();
  /** Everything that was entered, left and announced: of which scheme, segment or tier. */
  readonly history: { readonly at: Instant; readonly of: string; readonly what: string }[] = [];

  constructor(program: NaiveProgram, at: Instant) {
    this.program = program;
    this.enrolledAt = at;
    this.enrolledOn = localDay(program.zone, at);
    this.upTo = at;
    this.follow(program);
    this.look(at);
  }

  /** What the member holds, as text. */
  get state(): Record<string, string> {
    const iso = (at: Instant | null) => (at === null ? '–' : new Date(at).toISOString());
    const tiers = [...this.held].map(
      ([scheme, { tier, since, stay, qualified, grace }]) =>
        [
          `scheme:${scheme}`,
          `${tier} since ${iso(since)}, stay ${iso(stay)}, qualified ${iso(qualified)}, grace ${iso(grace)}`,
        ] as const,
    );
    const segments = [...this.inside].map(([code, since]) => [`segment:${code}`, `since ${iso(since)}`] as const);
    return Object.fromEntries([...tiers, ...segments].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** One accepted command, recorded at an instant under a program. */
  record(fact: Fact, at: Instant, program: NaiveProgram, { due, own, late }: Movements): void {
    if (program !== this.program) {
      // Rules that are new say nothing about instants before.
      this.follow(program);
      this.move(due);
      this.look(at);
    } else this.pass(at, due);
    this.upTo = at;
    this.take(fact);
    this.move(own);
    this.look(at);
    if (late.length === 0) return;
    this.move(late);
    this.look(at);
  }

  private move(moved: readonly Moved[]): void {
    for (const { points } of moved) this.points += points;
  }

  /** What time does up to an instant, that one included. */
  private pass(until: Instant, due: readonly Moved[]): void {
    const points = Map.groupBy(due, (moved) => moved.at);
    const instants = [...points.keys()].sort((a, b) => a - b);
    for (;;) {
      const next = Math.min(this.next(this.upTo), instants[0] ?? Number.POSITIVE_INFINITY);
      if (next > until) return;
      this.upTo = next;
      if (instants[0] === next) this.move(points.get(instants.shift() ?? 0) ?? []);
      this.look(next);
    }
  }

  private follow(program: NaiveProgram): void {
    this.program = program;
    const conditions = [
      ...Object.values(program.tiers).flatMap(({ entry, exit }) => [entry, exit]),
      ...Object.values(program.segments).flatMap(({ condition, exit }) => [condition, exit]),
    ];
    this.durations = [...new Set(conditions.flatMap(durationsIn))];
  }

  private take(fact: Fact): void {
    switch (fact.kind) {
      case 'purchase':
      case 'activity':
        this.doings.push({ day: localDay(this.program.zone, fact.occurred), fact });
        return;
      case 'profile':
        Object.assign(this.attributes, fact.attributes);
        if (fact.birthDate !== undefined) this.birthDate = fact.birthDate === null ? null : parseDay(fact.birthDate);
        return;
      case 'status':
        this.status = fact.status;
        return;
      case 'by hand':
        this.byHand.set(fact.scheme, fact);
        return;
      case 'lifted':
        this.byHand.delete(fact.scheme);
        return;
      case 'nothing':
        return;
      default:
        fact satisfies never;
    }
  }

  /** The first instant after another at which anything could change by time alone. */
  private next(from: Instant): Instant {
    const { zone, expiringDays } = this.program;
    let found = startOf(zone, localDay(zone, from) + 1);
    const consider = (at: Instant | null): void => {
      if (at !== null && at > from && at < found) found = at;
    };
    const instants = [
      this.enrolledAt,
      ...this.doings.map(({ fact }) => fact.occurred),
      ...[...this.held.values()].map(({ since }) => since),
      ...Object.values(this.attributes).flatMap((value) =>
        typeof value === 'string' && value.endsWith('Z') ? [Date.parse(value)] : [],
      ),
    ];
    for (const at of instants) {
      consider(at);
      for (const duration of this.durations) {
        consider(at + duration);
        consider(at + duration + 1);
      }
    }
    for (const { until } of this.byHand.values()) consider(until);
    for (const held of this.held.values()) {
      const tier = this.program.tiers[held.tier];
      if (tier === undefined) continue;
      const graces = held.stay === null ? [] : [held.stay, this.graceFrom(tier, held.stay)];
      for (const at of [held.grace, ...graces]) {
        consider(at);
        if (at !== null && expiringDays !== null) consider(at - expiringDays * DAY);
      }
    }
    return found;
  }

  private graceFrom(tier: Tier, at: Instant): Instant {
    const { zone } = this.program;
    return tier.grace === null ? at : startOf(zone, later(localDay(zone, at), tier.grace) + 1);
  }

  private stayFrom({ minimum_stay }: Tier, at: Instant): Instant | null {
    if (minimum_stay === null) return null;
    const { zone } = this.program;
    const day = later(localDay(zone, at), minimum_stay.after);
    return startOf(zone, (minimum_stay.round_up_to === null ? day : endOf(minimum_stay.round_up_to, day)) + 1);
  }

  private tell(at: Instant, of: string, what: string): void {
    this.history.push({ at, of, what });
  }

  private look(at: Instant): void {
    for (const key of this.program.order) {
      const [kind, code = ''] = key.split(':');
      if (kind === 'scheme') this.lookAtScheme(code, at);
      else this.lookAtSegment(code, at);
    }
    const schemes = new Set(Object.values(this.program.tiers).map(({ scheme }) => scheme));
    for (const scheme of [...this.held.keys()]) if (!schemes.has(scheme)) this.change(scheme, null, at, null);
    for (const scheme of [...this.byHand.keys()]) if (!schemes.has(scheme)) this.byHand.delete(scheme);
    for (const code of [...this.inside.keys()]) if (this.program.segments[code] === undefined) this.leave(code, at);
  }

  private leave(code: string, at: Instant): void {
    this.inside.delete(code);
    this.tell(at, code, 'left');
  }

  private lookAtSegment(code: string, at: Instant): void {
    const { condition, exit } = this.program.segments[code]!;
    const matches = this.isTrue(condition, at);
    if (!this.inside.has(code)) {
      if (!matches) return;
      this.inside.set(code, at);
      this.tell(at, code, 'entered');
    } else if (!matches && (exit === null || this.isTrue(exit, at))) this.leave(code, at);
  }

  private change(scheme: string, to: string | null, at: Instant, stay: Instant | null): void {
    const from = this.held.get(scheme)?.tier ?? null;
    const entry = to === null ? undefined : this.program.tiers[to]?.entry;
    if (to === null) this.held.delete(scheme);
    else {
      const qualified = entry !== undefined && this.isTrue(entry, at) ? at : null;
      this.held.set(scheme, { tier: to, since: at, stay, qualified, grace: null, announced: null });
    }
    this.tell(at, scheme, `${from} → ${to}`);
  }

  private lookAtScheme(scheme: string, at: Instant): void {
    const tiers = Object.entries(this.program.tiers).filter(([, tier]) => tier.scheme === scheme);
    const rank = (code: string | null): number => tiers.find(([of]) => of === code)?.[1].rank ?? 0;
    const highest = (codes: readonly (string | null)[]): string | null =>
      codes.reduce((best, code) => (rank(code) > rank(best) ? code : best), null);
    const given = this.byHand.get(scheme);
    if (given !== undefined && ((given.until !== null && given.until <= at) || rank(given.tier) === 0))
      this.byHand.delete(scheme);
    const floor = this.byHand.get(scheme)?.tier ?? null;
    const deserved = highest([...tiers.filter(([, { entry }]) => this.isTrue(entry, at)).map(([code]) => code), floor]);
    const before = this.held.get(scheme) ?? null;
    const exists = before !== null && rank(before.tier) > 0;
    const tierNamed = (code: string): Tier => this.program.tiers[code]!;
    if (rank(deserved) > (before === null ? 0 : rank(before.tier)) || (before !== null && !exists)) {
      this.change(scheme, deserved, at, deserved === null ? null : this.stayFrom(tierNamed(deserved), at));
      return;
    }
    if (before === null) return;
    const tier = tierNamed(before.tier);
    if (this.isTrue(tier.entry, at)) {
      if (before.qualified !== null) {
        if (rank(floor) < tier.rank) this.lookAhead(before, tier, at);
        return;
      }
      Object.assign(before, { qualified: at, stay: this.stayFrom(tier, at), grace: null, announced: null });
      return;
    }
    before.qualified = null;
    if (tier.downgrade === 'none' || (tier.exit !== null && !this.isTrue(tier.exit, at)) || rank(floor) >= tier.rank) {
      before.grace = null;
      return;
    }
    const stayOver = before.stay === null || before.stay <= at;
    if (stayOver && tier.grace !== null) before.grace ??= this.graceFrom(tier, at);
    // An edit of the rules may have taken grace away; one that changes its length leaves that which runs.
    if (!stayOver || tier.grace === null) before.grace = null;
    if (stayOver && (before.grace === null || before.grace <= at)) {
      if (tier.downgrade === 'reassess') {
        this.change(scheme, deserved, at, deserved === null ? null : this.stayFrom(tierNamed(deserved), at));
        return;
      }
      const below = highest([...tiers.map(([code]) => code).filter((code) => rank(code) < tier.rank), deserved]);
      const { zone } = this.program;
      const tomorrow = startOf(zone, localDay(zone, at) + 1);
      this.change(
        scheme,
        below,
        at,
        below === null ? null : Math.max(this.stayFrom(tierNamed(below), at) ?? 0, tomorrow),
      );
      // One that is on its way out already is announced at once.
      if (below !== null) this.lookAtScheme(scheme, at);
      return;
    }
    const leaving = before.grace ?? this.graceFrom(tier, before.stay!);
    const { expiringDays } = this.program;
    if (expiringDays === null || at < leaving - expiringDays * DAY || before.announced === leaving) return;
    before.announced = leaving;
    this.tell(at, before.tier, `expires ${new Date(leaving).toISOString()}`);
  }

  /** At a midnight, what time alone takes away within so many days is announced; what grace or others decide is not. */
  private lookAhead(held: Held, tier: Tier, at: Instant): void {
    const { zone, expiringDays } = this.program;
    const reads = JSON.stringify(tier.entry);
    if (expiringDays === null || tier.grace !== null || tier.exit !== null || tier.downgrade === 'none') return;
    if (/"(segments|tier|tier_since)"/.test(reads) || startOf(zone, localDay(zone, at)) !== at) return;
    const halves = [...reads.matchAll(/"window":"(\d+)d"/g)].map(([, days]) => Math.floor(Number(days) / 2));
    const horizon = at + Math.min(expiringDays, ...halves) * DAY;
    for (let next = this.next(at); next <= horizon; next = this.next(next)) {
      if (this.isTrue(tier.entry, next)) continue;
      const leaving = Math.max(next, held.stay ?? next);
      if (leaving > horizon || held.announced === leaving) return;
      held.announced = leaving;
      this.tell(at, held.tier, `expires ${new Date(leaving).toISOString()}`);
      return;
    }
  }

  /* Conditions: true, false, or null where unknown. */

  private isTrue(condition: Condition, at: Instant): boolean {
    return this.answer(condition, at) === true;
  }

  private answer(condition: Condition, at: Instant): boolean | null {
    if ('all' in condition || 'any' in condition) {
      const [list, decides] = 'all' in condition ? [condition.all, false] : [condition.any, true];
      const answers = list.map((child) => this.answer(child, at));
      return answers.includes(decides) ? decides : answers.includes(null) ? null : !decides;
    }
    if ('not' in condition) {
      const answer = this.answer(condition.not, at);
      return answer === null ? null : !answer;
    }
    if ('lines' in condition) throw new Error('there are no lines');
    const { op, value } = condition;
    const left = 'field' in condition ? this.read(condition, at) : this.number(condition, at);
    if (op === 'exists') return left !== null;
    if (left === null) return null;
    const right =
      typeof value === 'object' && !Array.isArray(value) ? this.number(value as NumberOperand, at) : (value ?? null);
    if (right === null) return null;
    return this.compare(op, left, right, at);
  }

  private compare(op: Comparison['op'], left: unknown, right: unknown, at: Instant): boolean {
    const [a, b] = [left as number, right as number];
    const list = right as unknown[];
    switch (op) {
      case 'eq':
        return left === right;
      case 'ne':
        return left !== right;
      case 'in':
        return list.includes(left);
      case 'not_in':
        return !list.includes(left);
      case 'lt':
        return a < b;
      case 'lte':
        return a <= b;
      case 'gt':
        return a > b;
      case 'gte':
        return a >= b;
      case 'between':
        return (list[0] as number) <= a && a <= (list[1] as number);
      case 'has':
        return (left as unknown[]).includes(right);
      case 'has_any':
        return (left as unknown[]).some((element) => list.includes(element));
      case 'within_last':
        return a <= at && at - a <= lengthOfTime(String(right));
      case 'older_than':
        return at - a > lengthOfTime(String(right));
      case 'anniversary_within': {
        const today = localDay(this.program.zone, at);
        const days = Array.from({ length: Number(String(right).slice(0, -1)) + 1 }, (_, index) => today + index);
        return days.some((day) => isAnniversary(a, day));
      }
      default:
        throw new Error(`${op} is not among the operators of this test`);
    }
  }

  private number(operand: NumberOperand, at: Instant): number | null {
    if (typeof operand === 'number') return operand;
    if (!('calc' in operand)) return this.read(operand, at) as number | null;
    const [a, b] = operand.of.map((part) => this.number(part, at)) as [number | null, number | null];
    if (a === null || b === null) return null;
    switch (operand.calc) {
      case '+':
        return a + b;
      case '-':
        return a - b;
      case '*':
        return a * b;
      case '/':
        return b === 0 ? null : Math.trunc(a / b);
    }
  }

  private within(window: string | undefined, at: Instant): (Fact & { occurred: Instant })[] {
    const today = localDay(this.program.zone, at);
    const first = window === undefined ? Number.NEGATIVE_INFINITY : windowBegins(window, today, this.enrolledOn);
    return this.doings.filter(({ day }) => day >= first).map(({ fact }) => fact);
  }

  private read(reference: FieldReference, at: Instant): unknown {
    const { field, window, activity, scheme = 'status' } = reference;
    const bought = () => this.within(window, at).filter((fact) => fact.kind === 'purchase');
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    const did = () => this.within(window, at).filter((fact) => fact.kind === 'activity');
    const answered = () =>
      did()
        .filter(({ nps }) => nps !== null)
        .reduce<{ nps: number | null; occurred: Instant } | null>(
          (last, fact) => (last === null || fact.occurred >= last.occurred ? fact : last),
          null,
        );
    const instants = () => bought().map(({ occurred }) => occurred);
    switch (field) {
      case 'spend':
        return sum(bought().map(({ spend }) => spend));
      case 'purchases':
        return bought().length;
      case 'earned_points':
        return sum(bought().map(({ earned }) => earned));
      case 'average_purchase':
        return bought().length === 0 ? null : Math.trunc(sum(bought().map(({ spend }) => spend)) / bought().length);
      case 'activities':
        return did().filter(({ type }) => type === activity).length;
      case 'available_points':
        return this.points;
      case 'first_purchase_at':
        return instants().length === 0 ? null : Math.min(...instants());
      case 'last_purchase_at':
        return instants().length === 0 ? null : Math.max(...instants());
      case 'nps':
        return answered()?.nps ?? null;
      case 'nps_at':
        return answered()?.occurred ?? null;
      case 'enrolled_at':
        return this.enrolledAt;
      case 'days_enrolled':
        return localDay(this.program.zone, at) - this.enrolledOn;
      case 'status':
        return this.status;
      case 'birth_date':
        return this.birthDate;
      case 'tier':
        return this.held.get(scheme)?.tier ?? null;
      case 'tier_since':
        return this.held.get(scheme)?.since ?? null;
      case 'segments':
        return [...this.inside.keys()];
      default: {
        const value = this.attributes[field.slice('attributes.'.length)] ?? null;
        if (typeof value === 'string' && value.endsWith('Z')) return Date.parse(value);
        return value ?? (field === 'attributes.tags' ? [] : null);
      }
    }
  }
}
