import type { ProgramId } from '../../model/ids.ts';
import { closed } from '../../model/schema.ts';
import type { Stream } from '../../model/stream.ts';
import { code } from '../../model/text.ts';
import { findResource } from '../../rules/resources.ts';
import type { Db } from '../../store/connection.ts';
import { loadCurrent } from '../../store/programs.ts';
import { ProblemError } from '../problem-error.ts';

export const streamParams = closed({ code: code('Code of the stream.', 'status-to-crm') });

/** The stream of this code as it is configured. Throws `not_found`, also for one that is archived. */
export const streamOf = async (db: Db, program: ProgramId, name: string): Promise<Stream> => {
  const { configuration } = await loadCurrent(db, program);
  const found = findResource(configuration, 'streams', name);
  if (found === undefined || found.archived) throw new ProblemError('not_found', `there is no stream ${name}`);
  return found.body;
};
