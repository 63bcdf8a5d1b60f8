import { join } from 'node:path';
import { test } from 'tap';
import { testDatabase } from '../helpers/postgres.ts';
import { asOwner } from '../helpers/programs.ts';
import { startProcess, startService } from '../helpers/service-process.ts';

const OPERATOR_KEY = 'the-operator-of-this-test';

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';

/** Invoice, item, pieces, day and time, price in pounds, customer. Comments say the points of the customer after it. */
const rows = [
  ['1001', '10001', 10, '2010-12-01 08:00', '1.0', '1'], // with the next: 20
  ['1001', '10002', 5, '2010-12-01 08:00', '2.0', '1'],
  ['1002', '10001', 4, '2010-12-02 09:31', '1.0', '1'], // 24; it counts from the earlier of two times
  ['C1003', '10001', -6, '2010-12-02 09:30', '1.0', '1'], // 4 of the second purchase, 2 of the first: 18
  ['1002', '10003', 7, '2010-12-02 09:29', '0.001', '1'], // seven for a penny
  ['C1004', '10003', -3, '2010-12-03 10:00', '0.001', '1'], // the penny lies on the first of them
  ['C1005', '10001', -10, '2010-12-03 10:00', '1.0', '1'], // eight are left: 10
  ['C1006', '10009', -1, '2010-12-03 10:00', '9.0', '1'], // was never bought
  ['C1006', 'POST', -1, '2010-12-03 10:00', '9.0', '1'],
  ['1007', '10004', 30, '2010-12-04 10:00', '1.0', '1'], // 40
  ['1008', '10004', 5, '2010-12-05 10:00', '1.0', '1'], // 45
  ['1009', '10005', 10, '2010-12-06 10:00', '1.0', '1'], // 55, the fifth: 27 of them are redeemed, 28
  ['C1010', '10004', -5, '2010-12-07 10:00', '1.0', '1'], // 23
  ['C1010', '10004', -30, '2010-12-07 10:00', '1.0', '1'], // none, and 7 owed
  ['1011', '10006', 1, '2010-12-08 10:00', '4.0', '1'], // pays 4 of them back
  ['C1012', '10006', -1, '2010-12-09 10:00', '4.0', '1'], // owes them again
  ['2001', '20001', 1, '2010-12-01 10:00', '50.0', '2'], // 50, which expire
  ['2002', '20002', 1, '2011-03-05 10:00', '10.0', '2'], // 10
  ['C2003', '20001', -1, '2011-03-06 10:00', '50.0', '2'], // none, and 40 owed
  ['3001', '30001', 1, '2011-03-01 10:00', '9.99', '3'], // 9
  ['4001', '30001', 2, '2011-03-01 10:00', '9.99', ''],
  ['C4002', '30001', -1, '2011-03-02 10:00', '9.99', ''],
] as const;

const log = [
  header,
  ...rows.map(([invoice, sku, pieces, time, price, customer]) =>
    [invoice, sku, 'A THING', pieces, `${time}:00`, price, customer, 'United Kingdom'].join(','),
  ),
  '',
].join('\r\n');

const told = (output: string, name: string): string[] =>
  [...output.matchAll(new RegExp(`^${name} +(.*)$`, 'gm'))].map(([, value = '']) => value);

test('given a log with cancellations, when it is replayed, then every account is what the file says, and what is not is noticed', async (t) => {
  const { url } = await testDatabase(t);
  const service = await startService(t, { environment: { DATABASE_URL: url, OPERATOR_KEY } });
  const file = join(t.testdir({ 'log.csv': log }), 'log.csv');
  const run = async (program: string, args: string[], environment: Record<string, string>) => {
    const running = startProcess(t, program, args, { environment: { DATABASE_URL: url, ...environment } });
    const { code } = await running.ended;
    return { code, output: running.output() };
  };
  const replay = (environment: Record<string, string>) =>
    run('tools/replay.ts', ['--online-retail', file, '--returns', '--url', service.url], environment);

  const first = await replay({ TESSERA_OPERATOR_KEY: OPERATOR_KEY });
  t.equal(first.code, 0, first.output);
  t.strictSame(told(first.output, 'cancellations'), ['6 lines covered by earlier purchases, 1 in part, 1 not']);
  t.strictSame(told(first.output, 'left out').sort(), [
    '1 lines: cancellations without a customer',
    '1 lines: cancellations without an item',
  ]);
  t.strictSame(told(first.output, 'redeemed'), ['27 points in 1 redemptions']);
  t.strictSame(told(first.output, 'taken back'), ['103 points by 8 returns']);
  t.strictSame(told(first.output, 'differing'), ['0 members']);
  t.strictSame(told(first.output, 'spend'), ['39.99 GBP']);
  t.strictSame(told(first.output, 'points').at(-1), '9 available, 27 redeemed, 50 expired');
  t.strictSame(told(first.output, 'debt'), ['47 points of 2 members']);
  const audit = await run('src/audit.ts', [], {});
  t.equal(audit.code, 0, audit.output);

  const key = /TESSERA_KEY=(\S+)/.exec(first.output)?.[1] ?? '';
  const again = await replay({ TESSERA_KEY: key });
  t.equal(again.code, 0, again.output);
  t.strictSame(told(again.output, 'differing'), ['0 members'], 'a run after a whole one finds everything there');

  await asOwner(url, (client) =>
    client.query(`update member_state set state = jsonb_set(state::jsonb, '{totals,spend}', '998')
      where external_id = 'online-retail-c3'`),
  );
  const wrong = await replay({ TESSERA_KEY: key });
  t.equal(wrong.code, 1);
  t.strictSame(told(wrong.output, 'differing'), ['1 members']);
  t.match(wrong.output, 'online-retail-c3: spend 998, available 9, debt 0');
});
