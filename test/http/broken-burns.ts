import type { Broken } from './broken.ts';

/* Burn rules, rewards and limits on burning that do not hold together, and what is said of each. */

type Json = Record<string, unknown>;
type Faults = Broken[3];

const burnRule = (what: string, more: Json, ...faults: Faults): Broken => [
  `a burn rule: ${what}`,
  'PUT /v1/burn-rules/cash',
  { name: 'Cash', value: { points: 1, amount: 1 }, ...more },
  faults,
];

const reward = (what: string, more: Json, ...faults: Faults): Broken => [
  `a reward: ${what}`,
  'PUT /v1/rewards/bag',
  { name: 'Bag', benefit: { type: 'custom' }, price: 10, ...more },
  faults,
];

const policies = (what: string, more: Json, ...faults: Faults): Broken => [
  `policies: ${what}`,
  'PATCH /v1/program',
  { policies: more },
  faults,
];

const twice = [
  { period: 'day', times: 1 },
  { period: 'day', times: 2 },
];
const less = [
  { period: 'month', times: 2 },
  { period: 'day', times: 3 },
];
const sameInstant = { from: '2026-04-01T00:00:00Z', until: '2026-04-01T00:00:00Z' };

export const brokenBurns: Broken[] = [
  burnRule('a word mistyped', { maximum_percents: 50 }, [
    '/maximum_percents additionalProperties',
    /did you mean maximum_percent\?/,
  ]),
  burnRule('nothing to pay', { value: { points: 1, amount: 0 } }, ['/value/amount worthless', /some number of points/]),
  burnRule('worth nothing at most', { value: { points: 100, amount: 1 }, maximum_points: 99 }, [
    '/value/amount worthless',
    /some number of points/,
  ]),
  burnRule('more than everything', { maximum_percent: 101 }, ['/maximum_percent maximum', /<= 100/]),
  burnRule('no step', { step_points: 0 }, ['/step_points minimum', />= 1/]),
  burnRule('a least above the most', { minimum_points: 500, maximum_points: 400 }, [
    '/maximum_points contradiction',
    /at least 500/,
  ]),
  burnRule('no step between least and most', { minimum_points: 450, maximum_points: 499, step_points: 100 }, [
    '/maximum_points contradiction',
    /at least 500/,
  ]),
  burnRule('an unknown wallet', { wallet: 'point' }, ['/wallet unknown_wallet', /did you mean points\?/]),
  burnRule('an archived wallet', { wallet: 'lost' }, ['/wallet archived_wallet', /one of gifts, points/]),
  burnRule('an end before its beginning', sameInstant, ['/until not_after', /later than 2026-04-01/]),
  burnRule('a filter that leaves no line', { lines: { category_in: ['a'], category_not_in: ['a'] } }, [
    '/lines/category_in contradiction',
    /category_not_in does not keep out/,
  ]),
  burnRule('a condition on the purchase', { condition: { text: 'purchase.channel == "web"' } }, [
    '/condition/field not_readable_here',
    /./,
  ]),
  burnRule('a limit of nothing', { limits: [{ period: 'day' }] }, ['/limits/0 required', /times, points or both/]),
  burnRule('two limits of a period', { limits: twice }, ['/limits/1/period not_unique', /another period/]),
  burnRule('a longer period that allows less', { limits: less }, ['/limits/0/times contradiction', /at least 3/]),
  reward('a word mistyped', { stok: 3 }, ['/stok additionalProperties', /did you mean stock\?/]),
  reward('a benefit mistyped', { benefit: { type: 'free_produkt' } }, [
    '/benefit/type discriminator',
    /did you mean free_product\?/,
  ]),
  reward('an unknown wallet', { wallet: 'gift' }, ['/wallet unknown_wallet', /did you mean gifts\?/]),
  reward('an unknown tier', { tier_prices: { slver: 5 } }, [
    '/tier_prices/slver unknown_tier',
    /did you mean silver\?/,
  ]),
  reward('an archived tier', { tier_prices: { bronze: 5 } }, [
    '/tier_prices/bronze archived_tier',
    /one of gold, silver/,
  ]),
  reward('a price of tiers alone', { price: null, tier_prices: { silver: 5 } }, [
    '/tier_prices not_applicable',
    /a price/,
  ]),
  reward('an end before its beginning', sameInstant, ['/until not_after', /later than 2026-04-01/]),
  reward('two limits of a period', { limits: twice }, ['/limits/1/period not_unique', /another period/]),
  reward('a longer period that allows less', { limits: less }, ['/limits/0/times contradiction', /at least 3/]),
  reward('codes from nowhere', { voucher: { codes: 'pol' } }, ['/voucher/codes enum', /did you mean pool\?/]),
  policies('a limit of nothing', { burn_limits: [{ within: 'PT1H' }] }, [
    '/policies/burn_limits/0 required',
    /times, points or both/,
  ]),
  policies('a window of minutes', { burn_limits: [{ within: 'PT5M', times: 1 }] }, [
    '/policies/burn_limits/0/within pattern',
    /./,
  ]),
  policies('a policy mistyped', { guest_claim_day: 3 }, [
    '/policies/guest_claim_day additionalProperties',
    /did you mean guest_claim_days\?/,
  ]),
];
