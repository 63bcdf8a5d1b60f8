import { test } from 'tap';
import type { Condition } from '../../../src/model/condition.ts';
import { type Explanation, explainCondition } from '../../../src/rules/conditions/explain.ts';
import { sentence } from '../../../src/rules/conditions/sentence.ts';
import type { Subject } from '../../../src/rules/conditions/subject.ts';
import { subject, tierHeld, window, within } from './world.ts';

const explain = (condition: Condition, of: Subject): Explanation => explainCondition(condition, of, within());

const spend: Condition = { field: 'spend', window: '365d', op: 'gte', value: 50_000 };
const gold: Condition = { field: 'tier', op: 'eq', value: 'gold' };
const country: Condition = { field: 'country', op: 'in', value: ['FR', 'BE'] };

const of = subject({ ...window('365d', { spend: 41_200, purchases: 3 }), tiers: { status: tierHeld('gold') } });

test('an explanation says clause by clause what was read and what decided', async (t) => {
  const condition: Condition = { all: [gold, { any: [spend, { field: 'purchases', op: 'gt', value: 2 }] }, country] };
  const { result, children } = explain(condition, of);
  t.equal(result, false);
  const [first, second, third] = children as [Explanation, Explanation, Explanation];
  t.match(first, { result: true, decisive: false, values: { tier: 'gold' }, missing: [] });
  t.match(second, { result: false, decisive: true });
  t.match(second.children[0], {
    result: false,
    decisive: true,
    values: { 'spend 365d': 41_200 },
    shortfall: { current: 41_200, needed: 50_000, missing: 8_800 },
  });
  t.match(second.children[1], { shortfall: { current: 0, needed: 3, missing: 3 } });
  t.match(third, { result: 'unknown', decisive: false, values: { country: null }, missing: ['country'] });

  const reached = explain(
    { field: 'spend', window: '365d', op: 'gt', value: { field: 'purchases', window: '365d' } },
    of,
  );
  t.match(reached, { result: true, decisive: true, shortfall: { current: 41_200, needed: 4, missing: 0 } });
  t.strictSame(reached.values, { 'spend 365d': 41_200, 'purchases 365d': 3 });
  const calculated = explain({ calc: '+', of: [{ field: 'nps' }, 1], op: 'gte', value: 3 }, of);
  t.match(calculated, { result: 'unknown', missing: ['nps'], shortfall: null });
});

test('an explanation in words', async (t) => {
  for (const [condition, en, fr] of [
    [
      spend,
      'spend over 365 days is 41200, 50000 needed: 8800 missing',
      'montant dépensé sur 365 jours : 41200, 50000 requis : il manque 8800',
    ],
    [{ all: [gold, country] }, 'country is absent, FR, BE needed', 'pays : non renseigné, FR, BE requis'],
    [{ not: gold }, 'tier is gold, other than gold needed', 'palier : gold, autre que gold requis'],
    [
      { any: [spend, { field: 'earned_points', wallet: 'miles', op: 'gte', value: 5 }] },
      'spend over 365 days is 41200, 50000 needed: 8800 missing; points earned (miles) is 0, 5 needed: 5 missing',
      'montant dépensé sur 365 jours : 41200, 50000 requis : il manque 8800 ; points gagnés (miles) : 0, 5 requis : il manque 5',
    ],
    [
      { field: 'enrolled_at', op: 'within_last', value: '90d' },
      'enrolment is 2027-01-15T12:00:00.000Z, within the last 90d needed',
      'inscription : 2027-01-15T12:00:00.000Z, dans les 90d derniers requis',
    ],
    [
      { not: { field: 'spend', window: '365d', op: 'between', value: [1, 50_000] } },
      'spend over 365 days is 41200, the opposite of “between 1 and 50000 needed” needed',
      'montant dépensé sur 365 jours : 41200, le contraire de « entre 1 et 50000 requis » requis',
    ],
    [{ field: 'segments', op: 'has', value: 'vip' }, 'segments is none, vip needed', 'segments : aucun, vip requis'],
  ] as const) {
    const explanation = explain(condition as Condition, of);
    t.equal(sentence(explanation, 'en'), en);
    t.equal(sentence(explanation, 'fr'), fr);
  }
});
