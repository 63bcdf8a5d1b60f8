import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { test } from 'tap';
import ts from 'typescript';
import { testApp } from '../helpers/app.ts';

const data = fileURLToPath(new URL('../../.data/', import.meta.url));

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  noUnusedLocals: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  lib: ['lib.es2024.d.ts', 'lib.dom.d.ts'],
  types: [],
};

/** What the compiler says of a file and all it imports. */
const faultsOf = (file: string): string[] => {
  const program = ts.createProgram([file], options);
  return ts.getPreEmitDiagnostics(program).map(({ file: source, start = 0, messageText }) => {
    const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start).line + 1;
    return `${source?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
};

test('a client generated from the document compiles under --strict and works', async (t) => {
  const app = await testApp(t);
  // Within the project, so that the program finds its packages.
  await mkdir(data, { recursive: true });
  const directory = await mkdtemp(join(data, 'client-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const program = join(directory, 'story.ts');
  // What has a default may be left out of a request; openapi-typescript would have it required.
  const types = await openapiTypescript(JSON.stringify(app.contract.document), { defaultNonNullable: false });
  await writeFile(join(directory, 'tessera.d.ts'), astToString(types));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  await copyFile(fileURLToPath(new URL('story.ts.txt', import.meta.url)), program);
  t.strictSame(faultsOf(program), []);

  const address = await app.service.app.listen({ port: 0, host: '127.0.0.1' });
  const { story } = await import(pathToFileURL(program).href);
  t.strictSame(await story(address, app.key), {
    per: 100,
    enrolled: 201,
    earned: 90,
    replayed: [null, 'true'],
    refused: ['insufficient_points', 90, 910],
    lots: [30],
    adjusted: 5,
    available: [65],
    tier: 'silver',
    movements: ['adjust 5', 'redeem 30', 'earn 90'],
    archived: true,
    mistakes: 4,
  });
});
