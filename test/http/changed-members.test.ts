import { test } from 'tap';
import type { MemberId, ProgramId } from '../../src/model/ids.ts';
import { Lane } from '../../src/store/lane.ts';
import { saveProfiles } from '../../src/store/profiles.ts';
import { query } from '../commands/instance.ts';
import { purchaseOf, type TestApp, testApp, withPoints } from '../helpers/app.ts';

/* What changed since: no change is missed, however many write. */

interface Change {
  id: string;
  updated_at: string;
  member: { attributes: { version?: number } };
}

/** Reads on from a cursor until nothing more is there by now. */
const follow = async ({ request }: TestApp, cursor: string | null, seen: (change: Change) => void): Promise<string> => {
  for (let next = cursor; ; ) {
    const { body } = await request('GET', `/v1/members?limit=100${next === null ? '' : `&cursor=${next}`}`);
    for (const change of body.data as Change[]) seen(change);
    next = body.next_cursor as string;
    if (!body.has_more) return next;
  }
};

test('members are listed by when they last changed, points and tiers aside', async (t) => {
  const app = await testApp(t);
  for (const member of ['ada', 'bob', 'eve']) await withPoints(app, member, 1);
  const { body } = await app.request('GET', '/v1/members?limit=2');
  t.strictSame(
    body.data.map(({ id }: Change) => id),
    ['ada', 'bob'],
  );
  t.match(body, { has_more: true, data: [{ member: { id: 'ada', accounts: [{ available: 1 }] } }] });
  const rest = await app.request('GET', `/v1/members?cursor=${body.next_cursor}`);
  t.strictSame(
    rest.body.data.map(({ id }: Change) => id),
    ['eve'],
  );
  await app.request('PATCH', '/v1/members/ada', { profile: { language: 'fr' } });
  await app.request('PATCH', '/v1/members/bob', {});
  await app.request('POST', '/v1/purchases', purchaseOf('o-1', 'eve', 500));
  const changed: string[] = [];
  await follow(app, rest.body.next_cursor, ({ id }) => changed.push(id));
  t.strictSame(changed, ['ada'], 'what changes nothing, and points, are no change');
  const [ada] = await query<{ at: Date }>(app.databaseUrl, 'select max(updated_at) as at from member_profile');
  const since = await app.request('GET', `/v1/members?updated_after=${ada!.at.toISOString()}`);
  t.strictSame(
    since.body.data.map(({ id }: Change) => id),
    ['ada'],
  );
  t.match(await app.request('GET', '/v1/members?cursor=x'), { status: 400, body: { code: 'invalid_cursor' } });
});

test('a change whose commit comes late is told after it, not passed over', async (t) => {
  const app = await testApp(t);
  for (const member of ['ada', 'bob']) await app.request('PUT', `/v1/members/${member}`, {});
  const [ada] = await query<{ program_id: ProgramId; member_id: MemberId }>(
    app.databaseUrl,
    `select program_id::integer, member_id::integer from member_state where external_id = 'ada'`,
  );
  const told: string[] = [];
  const seen = ({ id }: Change) => void told.push(id);
  let cursor = await follow(app, null, seen);
  told.length = 0;
  const lane = new Lane(app.databaseUrl);
  t.teardown(() => lane.close());
  const empty = { profile: {}, identities: [], consents: {}, acquisition: null, tags: [], source_updated_at: null };
  await lane.transaction(ada!.program_id, async (tx, commit) => {
    await saveProfiles(tx, ada!.program_id, [[ada!.member_id, { ...empty, attributes: { version: 1 } }]]);
    await app.request('PATCH', '/v1/members/bob', { profile: { language: 'fr' } });
    cursor = await follow(app, cursor, seen);
    t.strictSame(told, [], 'bob was written after ada began, and waits for her');
    await commit();
  });
  await follow(app, cursor, seen);
  t.strictSame(told, ['ada', 'bob']);
});

test('one who reads on while many write sees the last of each in the end', async (t) => {
  const app = await testApp(t);
  const other = await app.instance();
  await app.request('PUT', '/v1/attributes/version', { name: 'Version', type: 'integer' });
  const members = Array.from({ length: 40 }, (_, index) => `m-${index}`);
  const last = new Map<string, number>();
  let cursor: string | null = null;
  let writing = true;
  const seen = ({ id, member }: Change) => void last.set(id, member.attributes.version ?? 0);
  const reading = (async () => {
    while (writing) cursor = await follow(app, cursor, seen);
  })();
  await Promise.all(
    members.map(async (id, index) => {
      for (let version = 1; version <= 12; version++)
        await (index % 2 === 0 ? app : other).request('PUT', `/v1/members/${id}`, { attributes: { version } });
    }),
  );
  writing = false;
  await reading;
  // Nobody writes any more: what is left is there at the next look that is a millisecond later.
  for (let look = 0; look < 100 && [...last.values()].filter((version) => version === 12).length < 40; look++)
    cursor = await follow(app, cursor, seen);
  t.strictSame(last, new Map(members.map((id) => [id, 12])));
});
