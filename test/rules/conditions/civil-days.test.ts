import { test } from 'tap';
import { dayText, parseDay } from '../../../src/model/instant.ts';
import { anniversariesBetween, nextAnniversary } from '../../../src/rules/conditions/civil-days.ts';
import { randomOf } from './generate.ts';

test('the anniversaries the database looks for are those that memory counts days to', async (t) => {
  const random = randomOf(5);
  const todays = ['2027-02-27', '2027-02-28', '2027-03-01', '2028-02-28', '2028-02-29', '2028-03-01', '2027-12-31'];
  const births = ['1988-02-29', '1988-02-28', '1988-03-01', '1990-12-31', '1991-01-01', '2099-02-29'];
  for (const [today, birth] of todays.flatMap((day) =>
    births.map((other) => [parseDay(day), parseDay(other)] as const),
  ))
    for (const days of [0, 1, 2, 30, 363, 364, 365, random.below(366)]) {
      const written = Number(dayText(birth).slice(5).replace('-', ''));
      const found = anniversariesBetween(today, today + days).includes(written);
      t.equal(
        found,
        nextAnniversary(birth, today) - today <= days,
        `${dayText(birth)} ${days} days from ${dayText(today)}`,
      );
    }
});
