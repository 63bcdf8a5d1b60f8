import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import ts from 'typescript';

/*
 * The rules of ARCHITECTURE.md that a compiler does not know, held over the source itself: who may import whom, no
 * cycles, a pure middle, files one can hold in mind. A fault names the file and the line.
 */

const project = fileURLToPath(new URL('..', import.meta.url));

interface Source {
  /** From the project's root, with slashes. */
  path: string;
  text: string;
  imports: readonly string[];
  tree: ts.SourceFile;
}

function sourcesIn(folder: string): Source[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = `${folder}/${name.replaceAll('\\', '/')}`;
      const text = readFileSync(join(project, path), 'utf8');
      const imports = ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
      return { path, text, imports, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
    });
}

const src = sourcesIn('src');
const tools = sourcesIn('tools');

const own = (name: string): boolean => name.startsWith('.');
const target = (source: Source, name: string): string =>
  relative(project, resolve(project, dirname(source.path), name)).replaceAll('\\', '/');
const packageOf = (name: string): string =>
  name.startsWith('node:')
    ? 'node:'
    : name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
const folderOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

/** The table of ARCHITECTURE.md. `@fastify/*` stands for the packages of that scope. */
const mayImport: Record<string, readonly string[]> = {
  model: ['typebox'],
  rules: ['model', 'temporal-polyfill', 'liquidjs'],
  engine: ['model', 'rules', 'temporal-polyfill'],
  store: ['model', 'rules', 'kysely', 'pg', 'node:'],
  commands: ['engine', 'rules', 'store', 'model', 'node:'],
  jobs: ['commands', 'store', 'model', 'node:'],
  streams: ['commands', 'store', 'rules', 'model', 'undici', 'nodemailer', 'node:'],
  http: [
    'commands',
    'streams',
    'store',
    'model',
    'rules',
    'fastify',
    '@fastify/*',
    'typebox',
    'ajv',
    'prom-client',
    'csv-parse',
    'node:',
  ],
};

/** The half of the rule language that writes SQL, and the only place of `rules` that knows of a database. */
const isSqlOfRules = (path: string): boolean => /^src\/rules\/(.*\/)?([a-z-]+-)?sql\.ts$/.test(path);

function allowed(source: Source, name: string): boolean {
  const folder = folderOf(source.path);
  if (folder === undefined) return true;
  const wanted = own(name) ? folderOf(target(source, name)) : packageOf(name);
  if (wanted === folder) return true;
  if (wanted === 'kysely' && isSqlOfRules(source.path)) return true;
  const scope = wanted?.replace(/\/.*/, '/*');
  return mayImport[folder]?.some((permitted) => permitted === wanted || permitted === scope) ?? false;
}

test('every folder is in the table, and imports only what the table allows it', async (t) => {
  const faults = src.flatMap((source) =>
    source.imports.filter((name) => !allowed(source, name)).map((name) => `${source.path} imports ${name}`),
  );
  t.strictSame(faults, []);
});

test('what is imported is there, and ends in .ts', async (t) => {
  const known = new Set(src.map((source) => source.path));
  const faults = src.flatMap((source) =>
    source.imports
      .filter((name) => own(name) && name.endsWith('.ts') !== known.has(target(source, name)))
      .map((name) => `${source.path} imports ${name}`),
  );
  t.strictSame(faults, []);
});

test('no imports in circles, those of types included', async (t) => {
  const edges = new Map(
    src.map((source) => [source.path, source.imports.filter(own).map((name) => target(source, name))]),
  );
  const finished = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (finished.has(path) || trail.includes(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    finished.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  t.strictSame(circles, []);
});

/** Every node of the file for which `fault` gives a text, with its line. */
function faultsIn(source: Source, fault: (node: ts.Node) => string | undefined): string[] {
  const faults: string[] = [];
  const visit = (node: ts.Node): void => {
    const text = fault(node);
    const { line } = source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree));
    if (text !== undefined) faults.push(`${source.path}:${line + 1} ${text}`);
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return faults;
}

const impureNames = new Set(['performance', 'crypto', 'process', 'fetch', 'setTimeout', 'setInterval', 'Promise']);
const impureMembers = new Set(['Date.now', 'Math.random', 'Temporal.Now']);

function impurity(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) return 'is async';
  if (ts.isPropertyAccessExpression(node) && impureMembers.has(node.getText())) return `reads ${node.getText()}`;
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'reads the clock';
  if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'reads the clock';
  // Only where the name stands for itself, not as a member (`rule.process`) or a key (`{ process: … }`).
  if (!ts.isIdentifier(node) || !impureNames.has(node.text)) return undefined;
  const { parent } = node;
  const named = 'name' in parent && parent.name === node;
  return named && !ts.isVariableDeclaration(parent) ? undefined : `uses ${node.text}`;
}

test('model, rules and engine are pure: no clock, no randomness, no waiting', async (t) => {
  const pure = src.filter((source) => /^src\/(model|rules|engine)\//.test(source.path));
  t.strictSame(
    pure.flatMap((source) => faultsIn(source, impurity)),
    [],
  );
});

test('only config.ts reads the environment', async (t) => {
  const environment = (node: ts.Node) =>
    ts.isPropertyAccessExpression(node) && node.getText() === 'process.env' ? 'reads process.env' : undefined;
  const others = src.filter((source) => source.path !== 'src/config.ts');
  t.strictSame(
    others.flatMap((source) => faultsIn(source, environment)),
    [],
  );
});

test('nothing is kept from the type checker', async (t) => {
  const any = (node: ts.Node) => (node.kind === ts.SyntaxKind.AnyKeyword ? 'says any' : undefined);
  const silenced = [...src, ...tools].filter(({ text }) => /@ts-(ignore|nocheck|expect-error)/.test(text));
  t.strictSame(
    [...src, ...tools].flatMap((source) => faultsIn(source, any)),
    [],
  );
  t.strictSame(
    silenced.map(({ path }) => path),
    [],
  );
});

test('no file is longer than 300 lines, unless a tool wrote it', async (t) => {
  const long = [...src, ...tools]
    .filter(({ text }) => !/^\W*.*generated by/i.test(text))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > 300);
  t.strictSame(long, []);
});

test('no drawers and no barrels', async (t) => {
  const drawer = /\/(utils?|types?|common|lib|helpers?|shared|misc|index)(\/|\.ts$)/;
  t.strictSame(
    src.filter(({ path }) => drawer.test(path)).map(({ path }) => path),
    [],
  );
});

test('migrations are numbered without a gap', async (t) => {
  const names = readdirSync(join(project, 'migrations')).sort();
  t.ok(names.length > 0);
  for (const [index, name] of names.entries()) {
    t.match(name, new RegExp(`^${String(index + 1).padStart(4, '0')}_[a-z0-9_]+\\.sql$`));
  }
});

test('dependencies have exact versions, and the lockfile names no registry', async (t) => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(project, 'package.json'), 'utf8'),
  );
  const versions: [string, string][] = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  t.strictSame(
    versions.filter(([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    [],
  );
  t.notMatch(readFileSync(join(project, 'package-lock.json'), 'utf8'), '"resolved"');
});
