import type { Attribute } from '../model/attribute.ts';
import { type Threshold, WINDOWS, type Window, windowNames } from '../model/condition.ts';
import type { Configuration, Resource } from '../model/configuration.ts';
import type { EarnRule } from '../model/earn-rule.ts';
import type { ProgramId } from '../model/ids.ts';
import { type Instant, parseInstant } from '../model/instant.ts';
import type { Policies } from '../model/program.ts';
import type { Wallet } from '../model/wallet.ts';
import { type Calendar, calendarOf } from './calendar.ts';
import { type LineMatcher, matchLines } from './line-filter.ts';

/** What of a program never changes. */
export interface ProgramFacts {
  readonly program_id: ProgramId;
  readonly currency: string;
  readonly time_zone: string;
}

export interface CompiledEarnRule {
  readonly code: string;
  readonly rule: EarnRule;
  readonly from: Instant;
  readonly until: Instant;
  readonly matches: LineMatcher | null;
}

export interface CompiledTier {
  readonly code: string;
  readonly rank: number;
  readonly entry: Threshold;
}

export interface Scheme {
  readonly code: string;
  /** Highest rank first. */
  readonly tiers: readonly CompiledTier[];
}

/** A program's configuration in one revision, compiled for deciding. */
export interface Rules extends ProgramFacts {
  readonly revision: number;
  readonly policies: Policies;
  readonly calendar: Calendar;
  readonly wallets: ReadonlyMap<string, Wallet>;
  readonly earnRules: readonly CompiledEarnRule[];
  readonly schemes: readonly Scheme[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** The windows some condition reads, shortest first. */
  readonly windows: readonly Window[];
}

const inForce = <B>(resources: Readonly<Record<string, Resource<B>>>): [string, B][] =>
  Object.entries(resources)
    .filter(([, resource]) => !resource.archived)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, resource]) => [code, resource.body]);

const compileEarnRule = ([code, rule]: [string, EarnRule]): CompiledEarnRule => ({
  code,
  rule,
  from: rule.from === null ? Number.NEGATIVE_INFINITY : parseInstant(rule.from),
  until: rule.until === null ? Number.POSITIVE_INFINITY : parseInstant(rule.until),
  matches: rule.lines === null ? null : matchLines(rule.lines),
});

const compileSchemes = (configuration: Configuration): Scheme[] => {
  const schemes = new Map<string, CompiledTier[]>();
  for (const [code, tier] of inForce(configuration.tiers)) {
    const tiers = schemes.get(tier.scheme) ?? [];
    tiers.push({ code, rank: tier.rank, entry: tier.entry });
    schemes.set(tier.scheme, tiers);
  }
  return [...schemes].map(([code, tiers]) => ({ code, tiers: tiers.sort((a, b) => b.rank - a.rank) }));
};

/** Compiles a checked configuration. */
export const compileRules = (program: ProgramFacts, revision: number, configuration: Configuration): Rules => {
  const schemes = compileSchemes(configuration);
  const read = new Set(schemes.flatMap((scheme) => scheme.tiers.map((tier) => tier.entry.window)));
  return {
    program_id: program.program_id,
    currency: program.currency,
    time_zone: program.time_zone,
    revision,
    policies: configuration.policies,
    calendar: calendarOf(program.time_zone),
    wallets: new Map(inForce(configuration.wallets)),
    earnRules: inForce(configuration.earn_rules).map(compileEarnRule),
    schemes,
    attributes: new Map(inForce(configuration.attributes)),
    windows: windowNames.filter((window) => read.has(window)).sort((a, b) => WINDOWS[a] - WINDOWS[b]),
  };
};
