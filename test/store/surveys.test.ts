import { sql } from 'kysely';
import { test } from 'tap';
import type { ProgramId } from '../../src/model/ids.ts';
import { Database, SurveyTooLong } from '../../src/store/database.ts';
import { testDatabase } from '../helpers/postgres.ts';

const program = 1 as ProgramId;

test('a survey that takes too long is given up, and the connection goes on', async (t) => {
  const { url } = await testDatabase(t);
  const database = new Database({ url, lanes: 1, readConnections: 1, surveyMs: 50 });
  t.teardown(() => database.close());
  for (let time = 0; time < 3; time++)
    await database
      .survey(program, (db) => db.run(sql`select pg_sleep(5)`))
      .then(
        () => t.fail('it slept'),
        (error: unknown) => t.ok(error instanceof SurveyTooLong),
      );
  t.strictSame(await database.survey(program, (db) => db.run(sql`select 1 as one`)), [{ one: 1 }]);
  await t.rejects(
    database.survey(program, (db) => db.run(sql`delete from member_state`)),
    /read-only/,
    'it only reads',
  );
});
