import fc from 'fast-check';
import { test } from 'tap';
import { type Instant, instantText, parseDay } from '../../src/model/instant.ts';
import { addDuration, calendarOf, isTimeZone, lastDayOf } from '../../src/rules/calendar.ts';
import { matchLines } from '../../src/rules/line-filter.ts';

/** The local date as another implementation tells it. */
const dateText = (zone: string, instant: Instant): string => {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const { year, month, day } = Object.fromEntries(parts.formatToParts(instant).map(({ type, value }) => [type, value]));
  return `${year}-${month}-${day}`;
};

test('a local day begins where its clock says so: in summer, in winter, and when midnight is skipped', async (t) => {
  for (const [zone, day, start] of [
    ['UTC', '2026-03-10', '2026-03-10T00:00:00.000Z'],
    ['Europe/Paris', '2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['Europe/Paris', '2026-03-30', '2026-03-29T22:00:00.000Z'],
    ['Europe/Paris', '2026-10-25', '2026-10-24T22:00:00.000Z'],
    ['Europe/Paris', '2026-10-26', '2026-10-25T23:00:00.000Z'],
    ['Asia/Kolkata', '2026-03-10', '2026-03-09T18:30:00.000Z'],
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    // Midnight does not exist here: the day begins at one.
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z'],
  ] as const) {
    const calendar = calendarOf(zone);
    t.equal(instantText(calendar.startOf(parseDay(day))), start, `${day} in ${zone}`);
    t.equal(calendar.dayOf(Date.parse(start)), parseDay(day));
    t.equal(calendar.dayOf(Date.parse(start) - 1), parseDay(day) - 1, 'and the day before ends there');
  }
});

test('every instant falls on the local date that the platform gives it', async (t) => {
  const zones = ['UTC', 'Europe/Paris', 'America/St_Johns', 'Pacific/Auckland', 'Pacific/Kiritimati', 'Asia/Kathmandu'];
  const instants = fc.integer({ min: Date.parse('1996-01-01'), max: Date.parse('2040-01-01') });
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
      const calendar = calendarOf(zone);
      const day = calendar.dayOf(instant);
      t.equal(instantText(day * 86_400_000).slice(0, 10), dateText(zone, instant));
      t.ok(calendar.startOf(day) <= instant && instant < calendar.startOf(day + 1));
    }),
    { seed: 1, numRuns: 150 },
  );
});

test('a zone is one by its name', async (t) => {
  for (const zone of ['Europe/Paris', 'UTC', 'Etc/GMT+5']) t.ok(isTimeZone(zone), zone);
  for (const zone of ['', 'Paris', '+01:00', 'Europe/Paris\0', 'Mars/Olympus'])
    t.notOk(isTimeZone(zone), JSON.stringify(zone));
  t.throws(() => calendarOf('Mars/Olympus'), RangeError);
});

test('so long after a day, months kept within their ends', async (t) => {
  for (const [from, duration, to] of [
    ['2026-01-31', 'P1M', '2026-02-28'],
    ['2028-01-31', 'P1M', '2028-02-29'],
    ['2026-08-31', 'P6M', '2027-02-28'],
    ['2028-02-29', 'P1Y', '2029-02-28'],
    ['2026-12-31', 'P1D', '2027-01-01'],
    ['2026-03-28', 'P2W', '2026-04-11'],
    ['2026-03-28', 'P12M', '2027-03-28'],
  ] as const) {
    t.equal(addDuration(parseDay(from), duration), parseDay(to), `${from} + ${duration}`);
  }
});

test('the last day of a month, quarter or year', async (t) => {
  for (const [day, month, quarter, year] of [
    ['2026-01-01', '2026-01-31', '2026-03-31', '2026-12-31'],
    ['2026-02-28', '2026-02-28', '2026-03-31', '2026-12-31'],
    ['2028-02-01', '2028-02-29', '2028-03-31', '2028-12-31'],
    ['2026-04-30', '2026-04-30', '2026-06-30', '2026-12-31'],
    ['2026-05-31', '2026-05-31', '2026-06-30', '2026-12-31'],
    ['2026-09-30', '2026-09-30', '2026-09-30', '2026-12-31'],
    ['2026-12-31', '2026-12-31', '2026-12-31', '2026-12-31'],
  ] as const) {
    const units = (['month', 'quarter', 'year'] as const).map((unit) => lastDayOf(unit, parseDay(day)));
    t.strictSame(units, [month, quarter, year].map(parseDay), day);
  }
});

test('a line passes a filter when everything in it holds', async (t) => {
  const shoe = { sku: 'shoe', categories: ['shoes', 'new'] };
  const card = { sku: 'card', categories: [] };
  const passes = (filter: Parameters<typeof matchLines>[0]) => [shoe, card].map(matchLines(filter));
  t.strictSame(passes({}), [true, true]);
  t.strictSame(passes({ sku_in: ['shoe'] }), [true, false]);
  t.strictSame(passes({ sku_not_in: ['shoe'] }), [false, true]);
  t.strictSame(passes({ category_in: ['new', 'old'] }), [true, false]);
  t.strictSame(passes({ category_not_in: ['new'] }), [false, true]);
  t.strictSame(passes({ sku_in: ['shoe', 'card'], category_not_in: ['old'] }), [true, true]);
  t.strictSame(passes({ sku_in: ['shoe'], category_in: ['old'] }), [false, false]);
});
