import fc, { type Arbitrary } from 'fast-check';
import type { Contract, Operation } from '../helpers/contract.ts';

/*
 * Requests out of the OpenAPI document: valid ones, and valid ones with something put in that does not belong. Ids come
 * from what was met before, so that requests are about the same few things.
 */

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema, walked by keyword
type Schema = any;

export interface FuzzRequest {
  operationId: string;
  /** Whether it takes the operator's key. */
  operator: boolean;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
  /** How much later it is sent than the one before. */
  laterMs: number;
}

/** Ids met so far, by what they name. A number picks one, so that a run can be repeated. */
export type Pools = Record<string, string[]>;

/** Nothing out of a pool that is still empty. */
const pick = (pool: readonly string[], at: number): string | undefined => pool[at % pool.length];

const present = (values: Readonly<Record<string, string | undefined>>): [name: string, value: string][] =>
  Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);

const junk: Arbitrary<unknown> = fc.constantFrom<unknown>(
  ...[null, '12', 1.5, '@raw:1e400@', '@raw:-1e400@', -1, 0, 2 ** 53, -(2 ** 53), true, [], {}, [null], { a: 1 }],
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', '\udc00x', 'x'.repeat(300), 'x'.repeat(20_000), "' or 1=1 --", '%00'],
  ...['constructor', '__proto__', 'toString', '0', '-0', 'NaN', '9'.repeat(30), '2026-02-30T00:00:00Z', '0000-01-01'],
  ...['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59-23:59', '1900-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z'],
);

const near = Date.parse('2026-03-01T00:00:00Z');
const instant = fc.oneof(
  fc.integer({ min: near - 40 * 86_400_000, max: near + 4 * 86_400_000 }).map((at) => new Date(at).toISOString()),
  fc.constantFrom('2026-03-01T12:00:00+14:00', '1990-06-01T00:00:00Z', '2100-01-01T00:00:00Z', '9999-12-31T00:00:00Z'),
);

const integer = ({ minimum = -1_000_000, maximum = 1_000_000 }: Schema): Arbitrary<number> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.nat(20).map((more) => Math.min(maximum, Math.max(minimum, -10) + more)) },
    { weight: 4, arbitrary: fc.integer({ min: Math.max(minimum, -5_000), max: Math.min(maximum, 5_000) }) },
    { weight: 1, arbitrary: fc.constantFrom(minimum, maximum, Math.max(minimum, maximum - 1)) },
  );

const text = ({ pattern, format, minLength = 0, maxLength = 300 }: Schema): Arbitrary<string> => {
  if (format === 'date-time') return instant;
  if (format === 'date') return fc.constantFrom('1988-05-17', '2024-02-29', '2026-12-31');
  if (format === 'time-zone') return fc.constantFrom('Europe/Paris', 'UTC', 'Asia/Kathmandu', 'America/St_Johns');
  if (pattern !== undefined)
    return fc.stringMatching(new RegExp(pattern), { size: 'small' }).filter((one) => one.length <= maxLength);
  return fc.oneof(
    fc.string({ minLength: Math.max(1, minLength), maxLength: Math.min(20, maxLength) }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }).filter((one) => !one.includes('\0')),
    fc.constantFrom('a', 'shoes', 'SHOE-42', 'lyon'),
  );
};

/** Values of a schema; with a pool for the names of properties that are known to be ids. */
const valuesOf = (contract: Contract, schema: Schema, pools: Pools, name = ''): Arbitrary<unknown> => {
  const known = contract.resolve(schema);
  const again = (inner: Schema, as = ''): Arbitrary<unknown> => valuesOf(contract, inner, pools, as);
  const isId =
    known.type === 'string' && known.enum === undefined && !(name.startsWith('header.') && known.pattern !== undefined);
  const pool = isId ? pools[name] : undefined;
  const own = ((): Arbitrary<unknown> => {
    // What the schema only describes is fuzzed where it is checked.
    if (known['x-checked-elsewhere'])
      return fc.constantFrom(...known.examples, { text: 'spend > 100 && !has(birth_date)' }, { text: 'spend >' });
    if (known.enum) return fc.constantFrom(...known.enum);
    const choice = known.anyOf ?? known.oneOf;
    if (choice) return fc.oneof(...choice.map((one: Schema) => again(one, name)));
    switch ([known.type].flat()[0]) {
      case 'integer':
        return integer(known).filter((value) => known.not?.const !== value);
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'string':
        return text(known);
      case 'array': {
        const range = { minLength: known.minItems ?? 0, maxLength: Math.min(known.maxItems ?? 4, 4) };
        return known.uniqueItems
          ? fc.uniqueArray(again(known.items, name), range)
          : fc.array(again(known.items), range);
      }
      default: {
        const [pattern, values] = Object.entries<Schema>(known.patternProperties ?? {})[0] ?? [];
        if (pattern !== undefined)
          return fc.dictionary(fc.constantFrom('points', 'shoe', 'colour', 'device', 'constructor'), again(values), {
            maxKeys: 2,
          });
        const properties = Object.entries<Schema>(known.properties ?? {});
        const values2 = Object.fromEntries(properties.map(([key, inner]) => [key, again(inner, key)]));
        return fc.record(values2, { requiredKeys: known.required ?? [] });
      }
    }
  })();
  if (pool === undefined) return own;
  return fc.oneof({ weight: 6, arbitrary: fc.nat(1_000).map((at) => pick(pool, at)) }, { weight: 1, arbitrary: own });
};

/** Puts something in at a random place: another value, a property too many, or nothing where there was something. */
const spoil = (body: unknown, at: number, how: number, what: unknown): unknown => {
  const places: [owner: Record<string, unknown>, key: string][] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  const root = { body: structuredClone(body) };
  visit(root);
  const [owner, key] = places[at % places.length]!;
  if (how === 0) delete owner[key];
  else if (how === 1 && typeof owner[key] === 'object') Object.assign(owner[key] ?? {}, { surplus: what });
  else owner[key] = what;
  return root.body;
};

interface Line {
  quantity: number;
  unit_price: number;
  discount?: number;
  total: number;
}

/** Makes the sums of a cart hold. */
const withSums = (body: Schema): Schema => {
  const lines = (body.lines as Line[]).map((line): Line => {
    const [quantity, unit_price] = [line.quantity % 50 || 1, line.unit_price % 1_000_000];
    const discount = Math.min(line.discount ?? 0, quantity * unit_price);
    return { ...line, quantity, unit_price, discount, total: quantity * unit_price - discount };
  });
  const sum = lines.reduce((total, line) => total + line.total, 0);
  const discount = Math.min(body.discount ?? 0, sum);
  const shipping = (body.shipping ?? 0) % 10_000;
  const tax = body.tax === undefined ? {} : { tax: { ...body.tax, amount: Math.min(body.tax.amount, sum - discount) } };
  const added = body.tax?.included === false ? (tax.tax?.amount ?? 0) : 0;
  return { ...body, lines, discount, shipping, ...tax, total: sum - discount + shipping + added, currency: 'EUR' };
};

/** Few of these: what they need is seldom there. */
const seldom = (body: Schema, names: readonly string[], choice: number): Schema =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name) || names[choice % 10] === name));

const pointsOf = ({ points, ...redeemed }: Schema, choice: number): Schema => ({
  ...redeemed,
  points: (points ?? choice) % 10 || 1,
});

/** A purchase whose parts fit: a member's or a guest's. */
const fittedPurchase = (body: Schema, choice: number): Schema => {
  const { guest, paid_with_points: paid, ...rest } = withSums(body);
  const who = rest.member === undefined ? { guest } : {};
  const points = paid === undefined || choice % 2 === 0 ? {} : { paid_with_points: Math.min(paid, rest.total) };
  const redeem =
    rest.redeem === undefined ? {} : { redeem: rest.redeem.slice(0, 1).map((one: Schema) => pointsOf(one, choice)) };
  const captured = { capture_redemptions: rest.capture_redemptions?.slice(0, 1) };
  const parts = ['redeem', 'capture_redemptions', 'replaces', 'quote'];
  return { ...seldom({ ...rest, ...redeem, ...captured }, parts, choice), ...who, ...points };
};

/** A cart, mostly without points to be spent on it. */
const fittedCart = (body: Schema, choice: number): Schema => {
  const { redeem = [], expires_at: until, ...cart } = withSums(body);
  if (choice < 7) return cart;
  return { ...cart, redeem: redeem.slice(0, 1).map((one: Schema) => pointsOf(one, choice)), expires_at: until };
};

/** Some lines or an amount, and mostly one unit of the first line. */
const fittedReturn = (body: Schema, choice: number): Schema => {
  const { lines, amount, member, ...rest } = body;
  if (choice > 7) return { ...rest, member, amount };
  return choice > 4 ? { ...rest, amount } : { ...rest, lines: [{ line: 0, quantity: 1 }] };
};

/** Points or a reward, where chance puts both or neither; mostly redeemed at once. */
const ofOneKind = (body: Schema, choice: number): Schema => {
  const { reward = 'coffee', entitlement, points = choice, wallet, hold, ...more } = body;
  const rest = seldom(more, ['quote'], choice);
  const kind = choice % 2 === 0 ? { reward, ...(choice === 2 ? { entitlement } : {}) } : { points: points % 50 || 1 };
  return { ...rest, ...kind, ...(rest.capture === false && choice < 3 ? { hold } : {}) };
};

/** What the parts of a body need to fit each other. */
const fitted = (operationId: string, body: Schema, choice: number): Schema => {
  if (operationId === 'recordPurchase') return fittedPurchase(body, choice);
  if (operationId === 'quoteCart') return fittedCart(body, choice);
  if (operationId === 'returnPurchase') return fittedReturn(body, choice);
  return operationId === 'redeemPoints' ? ofOneKind(body, choice) : body;
};

const written = (body: unknown): string | null => JSON.stringify(body)?.replace(/"@raw:([^@]+)@"/g, '$1') ?? null;

/** Requests for one operation. `pools` may grow between runs; what is drawn is only a number. */
export const requestsFor = (contract: Contract, operation: Operation, pools: Pools): Arbitrary<FuzzRequest> => {
  const { definition, method, path } = operation;
  const noun =
    path
      .replace(/\/\{.*/, '')
      .split('/')
      .at(-1) ?? '';
  const parameters: Schema[] = definition.parameters ?? [];
  /** Parameters as text. Those that are not required are left out more often than not. */
  const named = (where: string): Arbitrary<Record<string, string | undefined>> =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((parameter) => parameter.in === where)
          .map(({ name, schema, required }) => {
            const pool = where === 'path' ? `${noun}.${name}` : `${where}.${name}`;
            const valid = valuesOf(contract, schema, pools, pool).map((value) => value?.toString());
            const arbitrary = fc.oneof(
              { weight: required ? 0 : 40, arbitrary: fc.constant(undefined) },
              { weight: 20, arbitrary: valid },
              { weight: 1, arbitrary: junk.map(String) },
            );
            return [name, arbitrary];
          }),
      ),
    );
  // A file is fuzzed where it is read.
  const content = definition.requestBody?.content['application/json']?.schema;
  const body: Arbitrary<unknown> = content === undefined ? fc.constant(null) : valuesOf(contract, content, pools);
  return fc
    .record({
      path: named('path'),
      query: named('query'),
      header: named('header'),
      body,
      spoilt: fc.oneof(
        { weight: 3, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.tuple(fc.nat(1_000), fc.nat(3), junk) },
      ),
      laterMs: fc.oneof(
        { weight: 40, arbitrary: fc.nat(5_000) },
        { weight: 1, arbitrary: fc.constantFrom(3_600_000, 86_400_000, 30 * 86_400_000) },
      ),
      sums: fc.integer({ min: 0, max: 9 }),
    })
    .map(({ path: inPath, query, header, body: valid, spoilt, laterMs, sums }) => {
      const fits = sums > 0 ? fitted(definition.operationId, valid as Schema, sums) : valid;
      const sent = spoilt === null || content === undefined ? fits : spoil(fits, ...spoilt);
      const search = present(query).map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`);
      const place = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent((inPath[name] ?? '').toWellFormed()));
      return {
        operationId: definition.operationId,
        operator: definition.security.some((one: object) => 'operatorKey' in one),
        method: method.toUpperCase(),
        path: search.length === 0 ? place : `${place}?${search.join('&')}`,
        headers: Object.fromEntries(
          present(header).map(([name, value]) => [name, value.replace(/[^\x20-\x7e]/g, '?').slice(0, 2_000)]),
        ),
        body: content === undefined ? null : written(sent),
        laterMs,
      };
    });
};
