import { test } from 'tap';
import { lowerCondition, lowerConditions } from '../../../src/rules/conditions/lower-text.ts';

const gold = { field: 'tier', op: 'eq', value: 'gold' };
const text = { text: 'tier == "gold"' };

test('given texts where conditions stand, each becomes its tree', async (t) => {
  t.strictSame(lowerCondition(text, ''), { value: gold, faults: [] });
  const nested = { all: [text, { any: [{ not: text }, gold] }, { lines: 'some', where: text }] };
  const trees = { all: [gold, { any: [{ not: gold }, gold] }, { lines: 'some', where: gold }] };
  t.strictSame(lowerCondition(nested, ''), { value: trees, faults: [] });
});

test('given no text, it is the same object', async (t) => {
  for (const condition of [gold, { all: [gold, { not: gold }] }, null, 5, 'text', ['text'], { all: 'text' }, {}])
    t.equal(lowerCondition(condition, '').value, condition);
  const body = { name: 'Gold', condition: gold };
  t.equal(lowerConditions(body, ['condition']).value, body);
});

test('only where a condition may stand', async (t) => {
  const body = { name: text, condition: text, exit: null };
  t.strictSame(lowerConditions(body, ['condition', 'exit']), {
    value: { name: text, condition: gold, exit: null },
    faults: [],
  });
  const value = { field: 'tier', op: 'eq', value: text };
  t.equal(lowerCondition(value, '').value, value);
});

test('given texts at fault, every one is pointed at', async (t) => {
  const { faults, value } = lowerConditions(
    {
      condition: { all: [{ text: 'spend >' }, text, { not: { text: 5 } }] },
      exit: { text: 'spend > 5', op: 'eq' },
    },
    ['condition', 'exit'],
    '/segments/vip',
  );
  t.match(faults, [
    { pointer: '/segments/vip/condition/all/0/text', code: 'syntax', detail: 'at 7-7: the end' },
    { pointer: '/segments/vip/condition/all/2/not/text', code: 'type' },
    { pointer: '/segments/vip/exit/text', code: 'not_alone', detail: 'text with op' },
  ]);
  t.equal(faults.length, 3);
  t.match(value, { condition: { all: [{ text: 'spend >' }, gold, {}] } });
});

test('given a condition of a hundred thousand levels, it is left to the check', async (t) => {
  let deep: object = text;
  for (let level = 0; level < 100_000; level++) deep = { not: deep };
  t.equal(lowerCondition(deep, '').value, deep);
});
