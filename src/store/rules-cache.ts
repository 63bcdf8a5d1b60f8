import type { ProgramId } from '../model/ids.ts';
import { compileRules, type Rules } from '../rules/rules.ts';
import type { Db } from './connection.ts';
import { loadConfiguration, loadProgram } from './programs.ts';

/** Revisions kept compiled, over all programs. */
const RULES_CACHED = 500;

/** Compiled rules by program and revision. A revision never changes, so what is compiled stays true. */
export class RulesCache {
  readonly #rules = new Map<string, Rules>();

  find(program: ProgramId, revision: number): Rules | undefined {
    return this.#rules.get(`${program}:${revision}`);
  }

  /** The rules of a revision, compiled when they are first asked for. */
  async load(db: Db, program: ProgramId, revision: number): Promise<Rules> {
    const known = this.find(program, revision);
    if (known !== undefined) return known;
    const [row, configuration] = await Promise.all([
      loadProgram(db, program),
      loadConfiguration(db, program, revision),
    ]);
    const rules = compileRules(row, revision, configuration);
    const [oldest] = this.#rules.keys();
    if (this.#rules.size >= RULES_CACHED && oldest !== undefined) this.#rules.delete(oldest);
    this.#rules.set(`${program}:${revision}`, rules);
    return rules;
  }
}
