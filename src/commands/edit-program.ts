import { isDeepStrictEqual } from 'node:util';
import type { Refusal } from '../model/decision.ts';
import type { PatchProgram } from '../model/program.ts';
import type { Database } from '../store/database.ts';
import type { CurrentProgram } from '../store/programs.ts';
import { type Author, changeConfiguration, type Edit, edited } from './configure.ts';
import { type Precondition, unmet } from './precondition.ts';

const patch =
  (changes: PatchProgram, precondition: Precondition): Edit =>
  ({ row, configuration }) => {
    const refusal = precondition.revisions === null ? null : unmet(precondition, row.revision);
    if (refusal !== null) return refusal;
    const patched = { ...row, name: changes.name ?? row.name, locale: changes.locale ?? row.locale };
    const policies = { ...configuration.policies, ...changes.policies };
    return edited(
      isDeepStrictEqual(policies, configuration.policies) ? configuration : { ...configuration, policies },
      isDeepStrictEqual(patched, row) ? row : patched,
    );
  };

/** Changes a program's name, locale and policies: what is absent stays. `precondition_failed` when it was changed since. */
export const patchProgram = (
  database: Database,
  author: Author,
  changes: PatchProgram,
  precondition: Precondition,
): Promise<CurrentProgram | Refusal> => changeConfiguration(database, author, patch(changes, precondition));
