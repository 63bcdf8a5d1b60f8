import type { ConfigurationDocument, ConfigurationPlan } from '../model/configuration-document.ts';
import { type Refusal, refuse } from '../model/decision.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { Fault } from '../model/problem.ts';
import { configurationChanges } from '../rules/configuration-changes.ts';
import { documentOf, draftConfiguration } from '../rules/draft-configuration.ts';
import type { Database } from '../store/database.ts';
import { type CurrentProgram, findConfiguration, loadCurrent } from '../store/programs.ts';
import { type Author, changeConfiguration, type Edit, edited, invalidConfiguration } from './configure.ts';
import { consequencesOf } from './consequences.ts';
import { type Precondition, unmet } from './precondition.ts';

const put =
  (document: ConfigurationDocument, precondition: Precondition, found: readonly Fault[]): Edit =>
  ({ row, configuration }, revision) => {
    const refusal = unmet(precondition, row.revision);
    if (refusal !== null) return refusal;
    const draft = draftConfiguration(configuration, document, revision);
    return draft.faults.length > 0
      ? invalidConfiguration([...draft.faults, ...found])
      : edited(draft.configuration, row);
  };

/**
 * Makes the configuration what a document says, in one revision: all of it or nothing. Resources it leaves as they are
 * keep their revision; when it changes nothing at all there is no new one. `found`: faults known already. Refusals:
 * `precondition_required`, `precondition_failed`, `invalid_configuration`.
 */
export const putDocument = (
  database: Database,
  author: Author,
  document: ConfigurationDocument,
  precondition: Precondition,
  found: readonly Fault[] = [],
): Promise<CurrentProgram | Refusal> =>
  changeConfiguration(database, author, put(document, precondition, found), found);

/**
 * Makes the configuration what it was in a revision, as a new one; checked like any other change. Refusals: those of
 * `putDocument`, and `not_found`.
 */
export const revertConfiguration = async (
  database: Database,
  author: Author,
  revision: number,
  precondition: Precondition,
): Promise<CurrentProgram | Refusal> => {
  // A revision never changes: it need not be read where the program is locked.
  const then = await database.read(author.program, (db) => findConfiguration(db, author.program, revision));
  if (then === null) return refuse('not_found', `the program has no revision ${revision}`);
  return putDocument(database, author, documentOf(then), precondition);
};

/**
 * What a document would change, why it would be refused (`found` are faults known already), and how many members would change segment or tier by it;
 * changes nothing.
 */
export const planDocument = async (
  database: Database,
  program: ProgramId,
  document: ConfigurationDocument,
  now: Instant,
  found: readonly Fault[] = [],
): Promise<ConfigurationPlan> => {
  const current = await database.read(program, (db) => loadCurrent(db, program));
  const { row, configuration } = current;
  const draft = draftConfiguration(configuration, document, row.revision + 1);
  const changes = configurationChanges(configuration, draft.configuration);
  const faults = [...draft.faults, ...found];
  const plan = { revision: row.revision, changes, faults };
  if (faults.length > 0) return { ...plan, consequences: null, consequences_missing: 'faults' };
  const consequences = await consequencesOf(database, current, draft.configuration, current.row.clock ?? now);
  return { ...plan, consequences, consequences_missing: consequences === null ? 'too_long' : null };
};
