import { test } from 'tap';
import type { Claimable, GuestClaim } from '../../src/engine/claim-purchase.ts';
import { recordGuestPurchase } from '../../src/engine/record-purchase.ts';
import type { RecordPurchase } from '../../src/model/purchase.ts';
import type { Rules } from '../../src/rules/rules.ts';
import { ada, claim, close, given, line, nobody, put, report, suspend } from '../helpers/given.ts';
import { fixed, perAmount, program, tier } from '../helpers/programs.ts';

/* Which purchases a member is to claim who is given an identity, and what claiming one comes to. */

const rules = program({ rules: { euro: perAmount(1, 100) } });
const bought = '2026-03-01T11:00:00Z';
const noon = '2026-03-10T11:00:00Z';
const card = { kind: 'card' as const, value: '2099' };

const guest = (reported: RecordPurchase, under: Rules = rules): GuestClaim => {
  const recorded = recordGuestPurchase(reported, under, Date.parse(bought));
  if (recorded.outcome === 'refused') throw new Error(recorded.detail);
  return { row: recorded.purchase, returns: [] };
};

const at = (purchase_id: string, text: string): Claimable => ({ purchase_id, occurred_at: Date.parse(text) });

test('with an identity come purchases of the program’s days, the oldest first, each once, a hundred at most', (t) => {
  const claims = (claimable: readonly Claimable[], under = program({ policies: { guest_claim_days: 9 } })) => {
    const enrolled = nobody(t, under).and(noon, put({ identities: [card] }, { member_id: null }), { claimable });
    return enrolled.history.at(-1)!.followUps.map(({ id, member_id }) => `${member_id} ${id}`);
  };
  t.strictSame(
    claims([
      at('late', '2026-03-09T00:00:00Z'),
      at('b', '2026-03-02T00:00:00Z'),
      at('a', '2026-03-02T00:00:00Z'),
      at('first', '2026-03-01T11:00:00Z'),
      at('before', '2026-03-01T10:59:59.999Z'),
      at('late', '2026-03-09T00:00:00Z'),
    ]),
    ['1 claim:first', '1 claim:a', '1 claim:b', '1 claim:late'],
  );
  t.strictSame(claims([at('a', noon)], program({ policies: { guest_claim_days: null } })), []);
  const many = Array.from({ length: 101 }, (_, index) => at(`p-${100 + index}`, noon));
  t.strictSame([claims(many).length, claims(many).at(-1)], [100, '1 claim:p-199']);
  t.end();
});

test('a claim gives by the rules of today, on what the guest’s purchase counted', (t) => {
  const reported = report([line(1_000)], { tax: { amount: 200, included: false } });
  const recorded = guest(reported, program({ policies: { count_tax: false } }));
  const today = program({ policies: { count_tax: true }, rules: { euro: perAmount(2, 100) }, revision: 2 });
  const claimed = given(t, today).and(noon, ...claim(recorded));
  t.equal(claimed.history.at(-1)!.followedUp, 'claim:p-1');
  given(t, today)
    .when(noon, claim(recorded)[0], [], claim(recorded)[1])
    .then({
      spend: 1_000,
      facts: ['euro 20 on 1000'],
      entries: ['earn 20 points issued→available 1:20'],
      times: ['2026-03-01T11:00Z'],
      causes: ['purchase p-1'],
      events: ['purchase.claimed', 'points.earned'],
    });
  t.end();
});

test('points are as old as the purchase: they may be pending still, or expired by now', (t) => {
  const living = (life: object) => program({ wallets: { points: life }, rules: { euro: perAmount(1, 100) } });
  const [command, more] = claim(guest(report(1_000)));
  given(t, living({ pending: 'P14D' }))
    .when(noon, command, [], more)
    .then({ balances: { points: '10 pending' } });
  given(t, living({ expiry: { after: 'P7D', round_up_to: null } }))
    .when(noon, command, [], more)
    .then({
      entries: ['earn 10 points issued→available 1:10', 'expire 10 points available→expired 1:10'],
      balances: { points: '' },
    });
  t.end();
});

test('a claim sets off what a purchase sets off', (t) => {
  const looking = program({
    rules: { euro: perAmount(1, 100), welcome: fixed(7, { trigger: 'tier.entered' }) },
    tiers: { silver: tier(1, 'spend', 900) },
  });
  const [command, more] = claim(guest(report(1_000)));
  given(t, looking)
    .when(noon, command, [], more)
    .then({
      balances: { points: '17 available' },
      causes: ['purchase p-1', 'tier.entered silver'],
      tiers: { status: 'silver since 2026-03-10T11:00Z' },
    });
  t.end();
});

test('a claim that has nothing to claim is over, and changes nothing', (t) => {
  const [command, more] = claim(guest(report(1_000)));
  const nothing = { refused: null, entries: [], events: [], spend: undefined };
  const over = (what: string, outcome: ReturnType<typeof given>): void => {
    const changes = outcome.history.at(-1)!;
    t.match(changes, { followedUp: 'claim:p-1', purchase: null, claimed: null }, what);
  };
  given(t, rules)
    .when(noon, command, [], { ...more, isOpen: false })
    .then(nothing);
  given(t, rules).when(noon, command, [], { isOpen: true, claim: null }).then(nothing);
  given(t, rules).and(noon, close).when(noon, command, [], more).then(nothing);
  over('somebody else’s by now', given(t, rules).and(noon, command, { isOpen: true, claim: null }));
  over('a closed membership', given(t, rules).and(noon, close).and(noon, command, more));
  const lavish = program({ rules: { euro: perAmount(1_000_000_001, 1) } });
  over('more points than there are', given(t, lavish).and(noon, command, more));
  const suspended = given(t, rules).and(noon, suspend).and(noon, command, more);
  t.equal(suspended.member!.state.accounts['points']?.available, 10, 'a suspended member earns');
  t.equal(suspended.member!.state.member_id, ada);
  t.end();
});
