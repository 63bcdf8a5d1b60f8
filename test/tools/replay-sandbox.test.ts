import { join } from 'node:path';
import { test } from 'tap';
import { testDatabase } from '../helpers/postgres.ts';
import { asOwner } from '../helpers/programs.ts';
import { cdnowLog } from '../helpers/purchase-log.ts';
import { startProcess, startService } from '../helpers/service-process.ts';

const OPERATOR_KEY = 'the-operator-of-this-test';

/** A year and a half: what was spent in the first months falls out of the year, and who comes back is won back. */
const twoYears = (): string => {
  const [first, second] = [cdnowLog(21), cdnowLog(22)];
  const later = second.text
    .split('\r\n')
    .filter((line) => / 19970[1-6]/.test(line))
    .map((line) => line.replace(' 1997', ' 1998'));
  return [first.text.trimEnd(), ...later, ''].join('\r\n');
};

const counted = (output: string, name: string): string => new RegExp(`^${name} +(.*)$`, 'm').exec(output)?.[1] ?? '';

test('a log replayed day by day in a sandbox comes to what SQL says of it, and what does not is noticed', async (t) => {
  const { url } = await testDatabase(t);
  const service = await startService(t, { environment: { DATABASE_URL: url, OPERATOR_KEY } });
  const file = join(t.testdir({ 'log.txt': twoYears() }), 'log.txt');
  const replay = async (environment: Record<string, string>) => {
    const args = ['--cdnow', file, '--clients', '8', '--url', service.url, '--sandbox', '--prove', '60'];
    const running = startProcess(t, 'tools/replay.ts', args, { environment: { DATABASE_URL: url, ...environment } });
    const { code } = await running.ended;
    return { code, output: running.output() };
  };
  const first = await replay({ TESSERA_OPERATOR_KEY: OPERATOR_KEY });
  t.equal(first.code, 0, first.output);
  t.match(counted(first.output, 'compared'), '60 days, 2,400 members and days');
  t.match(counted(first.output, 'differing'), '0 tiers or segments');
  t.match(counted(first.output, 'ledger'), '; 0 members differ');
  for (const held of ['bronze', 'silver', 'gold', 'win-back'])
    t.match(counted(first.output, 'at the end'), new RegExp(`\\b${held} [1-9]`));
  const left = await asOwner(url, (client) =>
    client.query(`select from tier_transition where to_tier is null union all
      select from segment_membership where left_at is not null`),
  );
  t.ok((left.rowCount ?? 0) > 10, 'tiers and segments were left, too');

  const key = /TESSERA_KEY=(\S+)/.exec(first.output)?.[1] ?? '';
  await asOwner(url, (client) =>
    client.query(`update segment_membership set entered_at = entered_at + interval '60 days' where left_at is null;
      update tier_transition set at = at - interval '60 days' where to_tier = 'gold'`),
  );
  const second = await replay({ TESSERA_KEY: key });
  t.equal(second.code, 1);
  t.match(second.output, 'The clock was moved 0 times.');
  t.notMatch(counted(second.output, 'differing'), /^0 /);
  t.match(
    second.output,
    /^199\d-\d\d-\d\d cdnow-\d+: gold, not to be won back; the log says \w+, not to be won back$/m,
  );
});
