import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { outsideOperations } from '../src/http/responses.ts';
import { problems } from '../src/model/problem-codes.ts';
import { errorsDocument } from '../tools/generate/errors.ts';
import { eventsDocument } from '../tools/generate/events.ts';
import { openApiDocument } from '../tools/generate/openapi.ts';
import { tableTypes } from '../tools/generate/tables.ts';
import { testDatabase } from './helpers/postgres.ts';

const committed = (path: string): string => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');

/** As Biome leaves it: kysely-codegen has a style of its own. */
const formatted = (path: string, text: string): string =>
  execFileSync(
    fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url)),
    ['format', `--stdin-file-path=${path}`],
    {
      input: text,
      encoding: 'utf8',
    },
  );

/** The first line that differs says more than two whole files. */
const firstDifference = (found: string, expected: string): string | null => {
  const [lines, others] = [found.split('\n'), expected.split('\n')];
  const index = lines.findIndex((line, at) => line !== others[at]);
  if (index === -1) return lines.length === others.length ? null : 'lines are missing at the end';
  return `line ${index + 1} is ${lines[index]}, and would be ${others[index]}`;
};

test('generated files are what `npm run generate` writes', async (t) => {
  const { url } = await testDatabase(t);
  const tables = 'src/store/tables.ts';
  const files: [path: string, expected: string][] = [
    ['openapi/openapi.json', await openApiDocument()],
    ['docs/errors.md', errorsDocument()],
    ['docs/events.md', eventsDocument()],
    [tables, formatted(tables, await tableTypes(url))],
  ];
  for (const [path, expected] of files)
    t.equal(firstDifference(committed(path), expected), null, `${path}: if not, run \`npm run generate\``);
});

test('codes of problems are the same in the code, in docs/errors.md and in the OpenAPI document', async (t) => {
  const codes = Object.keys(problems).sort();
  const explained = [...committed('docs/errors.md').matchAll(/^### `(\w+)`$/gm)].map(([, code]) => code);
  t.strictSame(explained.sort(), codes);

  const { info, paths } = JSON.parse(committed('openapi/openapi.json'));
  const named = new Set<string | undefined>(outsideOperations);
  for (const path of Object.values<Record<string, never>>(paths)) {
    for (const { responses } of Object.values<{ responses: Record<string, { description: string }> }>(path)) {
      for (const [status, { description }] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        for (const [, code = ''] of description.matchAll(/`(\w+)`:/g)) {
          named.add(code);
          t.equal(problems[code as keyof typeof problems]?.status, Number(status), `${code} under ${status}`);
        }
      }
    }
  }
  t.strictSame([...named].sort(), codes, 'each can be the answer to some operation, or comes before there is one');
  for (const code of outsideOperations) t.match(info.description, `\`${code}\``);
});
