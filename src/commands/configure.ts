import type { Configuration } from '../model/configuration.ts';
import { type Refusal, refuse } from '../model/decision.ts';
import type { ProgramId } from '../model/ids.ts';
import type { Instant } from '../model/instant.ts';
import type { Fault } from '../model/problem.ts';
import { checkConfiguration } from '../rules/check-configuration.ts';
import { configurationChanges } from '../rules/configuration-changes.ts';
import { withNoticeRevision } from '../rules/notices.ts';
import { statusRevisionOf } from '../rules/status-rules.ts';
import { insertAudit } from '../store/audit-log.ts';
import type { Database } from '../store/database.ts';
import { insertEvents } from '../store/outbox.ts';
import {
  type CurrentProgram,
  insertRevision,
  loadConfiguration,
  lockProgram,
  type ProgramRow,
  updateProgram,
} from '../store/programs.ts';
import { insertReassessment } from '../store/reassessments.ts';
import { startChangedStreams } from './stream-changes.ts';

/** Changes that an entry of the audit log names; the revisions themselves tell all. */
const CHANGES_TOLD = 100;

/** Who changes a program's configuration, and when. */
export interface Author {
  readonly program: ProgramId;
  /** Id of the key. */
  readonly changedBy: string;
  readonly requestId: string;
  readonly now: Instant;
}

/** What an edit comes to. Equal to what there was, by identity: nothing is written. */
export interface Edited {
  readonly outcome: 'edited';
  readonly configuration: Configuration;
  readonly row: ProgramRow;
}

export const edited = (configuration: Configuration, row: ProgramRow): Edited => ({
  outcome: 'edited',
  configuration,
  row,
});

/** Pure: from the program as it stands to what it shall be. `revision` is the one that the change will make. */
export type Edit = (current: CurrentProgram, revision: number) => Edited | Refusal;

/** What a change touched: `earn_rules/base created`; a change of very much by its first ones. */
const changedNames = (before: Configuration, after: Configuration): string[] =>
  configurationChanges(before, after)
    .slice(0, CHANGES_TOLD)
    .map(({ kind, code, action }) => `${code === null ? kind : `${kind}/${code}`} ${action}`);

/** The refusal of a configuration with these faults. */
export const invalidConfiguration = (errors: readonly Fault[]): Refusal => {
  const faults = errors.length === 1 ? '1 fault' : `${errors.length} faults`;
  return refuse('invalid_configuration', `${faults} in the configuration as it would be`, { errors });
};

/**
 * Changes a program's configuration, one change after another: the edit sees what the one before it left, the whole
 * configuration is checked, and what comes of it is the next revision. `found` is what somebody who could ask around
 * has against it already. A refusal changes nothing; `invalid_configuration` lists every fault.
 */
export const changeConfiguration = (
  database: Database,
  { program, changedBy, requestId, now }: Author,
  edit: Edit,
  found: readonly Fault[] = [],
): Promise<CurrentProgram | Refusal> =>
  database.transaction(program, async (tx) => {
    const row = await lockProgram(tx, program);
    const configuration = await loadConfiguration(tx, program, row.revision);
    const revision = row.revision + 1;
    const result = edit({ row, configuration }, revision);
    if (result.outcome === 'refused') return result;
    if (result.configuration === configuration && result.row === row) return { row, configuration };
    const errors = [...checkConfiguration(result.configuration), ...found];
    if (errors.length > 0) return invalidConfiguration(errors);
    const next = withNoticeRevision(configuration, result.configuration, revision);
    await insertRevision(tx, program, revision, next, changedBy, now);
    await updateProgram(tx, program, { ...result.row, revision });
    const changed = result.configuration === configuration ? 'program.changed' : 'configuration.changed';
    const told = { at: now, author: changedBy, member: null, subject: null, actor: null, request_id: requestId };
    const details = { revision, changed: changedNames(configuration, next) };
    await insertAudit(tx, program, [{ ...told, action: changed, details }]);
    const data = { revision, changed_by: changedBy };
    const event = { type: 'configuration.changed', occurred_at: now, data } as const;
    await insertEvents(tx, program, [{ member: null, events: [event], recorded_at: now }]);
    await startChangedStreams(tx, program, configuration, next, now);
    if (statusRevisionOf(next) === revision) await insertReassessment(tx, program, revision, now);
    return { row: { ...result.row, revision }, configuration: next };
  });
