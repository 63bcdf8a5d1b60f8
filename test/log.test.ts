import { test } from 'tap';
import { createLog } from '../src/log.ts';

const lines: string[] = [];
const log = createLog({ logLevel: 'info' }, { write: (line: string) => lines.push(line) });
const logged = (write: () => void): Record<string, unknown> => {
  lines.length = 0;
  write();
  return JSON.parse(lines.join(''));
};

test('secrets and personal fields are blacked out wherever they stand', async (t) => {
  const line = logged(() =>
    log.info({
      headers: { authorization: 'Bearer hush', 'idempotency-key': 'hush' },
      request: { headers: { authorization: 'Bearer hush' } },
      body: { profile: { given_name: 'hush' }, identities: [{ value: 'hush' }] },
      email: 'hush',
      member: 'm-1',
    }),
  );
  t.notMatch(JSON.stringify(line), 'hush');
  t.equal(line['member'], 'm-1');
});

test('a request is logged by its route, because its URL may name a person', async (t) => {
  const request = {
    id: 'r1',
    method: 'GET',
    url: '/v1/members/email:hush',
    routeOptions: { url: '/v1/members/:member' },
  };
  t.strictSame(logged(() => log.info({ req: request }))['req'], {
    id: 'r1',
    method: 'GET',
    route: '/v1/members/:member',
  });
});

test('an error of the database is logged without the row it quotes', async (t) => {
  const error = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(hush) exists' });
  const line = logged(() => log.error({ err: error }, 'failed'));
  t.match(line, { level: 'error', msg: 'failed', err: { code: '23505', message: 'duplicate key' } });
  t.notMatch(JSON.stringify(line), 'hush');
});
