import { existsSync, readFileSync } from 'node:fs';
import { test } from 'tap';
import { blocksIn, ownLinksIn, sectionOf } from './helpers/markdown.ts';
import { emptyDatabase } from './helpers/postgres.ts';
import { startProcess, startService } from './helpers/service-process.ts';

/*
 * The README's tour, walked through on a new service as a newcomer would paste it. The shell is played by this file, so
 * that it needs no curl: it knows the one function that the tour defines, the one variable that it sets, and nothing
 * else that a shell can do.
 */

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

const preamble = `export TESSERA_URL=http://127.0.0.1:3000
export TESSERA_KEY=tsr_…
tessera() { curl -sS -X "$1" "$TESSERA_URL$2" -H "Authorization: Bearer $TESSERA_KEY" -H 'Content-Type: application/json' "\${@:3}"; echo; }
`;

/** How the tour keeps the id of a quote. Both `tee` and the page show the answer. */
const keepsQuote = /^QUOTE=\$\((tessera .*) \| tee -a \/dev\/stderr \| grep -o 'quo_\[a-z0-9_\]\*'\)$/gm;

/** Commands of a script as words. Throws at whatever a shell would understand and this does not. */
function commandsIn(script: string): string[][] {
  const token = /'(?<quoted>[^']*)'|(?<plain>[\w./:=?&-]+)|(?<blank> +)|(?<end>\n)/y;
  const commands: string[][] = [[]];
  let word: string | undefined;
  const endWord = () => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  while (token.lastIndex < script.length) {
    const rest = script.slice(token.lastIndex, token.lastIndex + 40);
    const found = token.exec(script)?.groups;
    if (found === undefined) throw new Error(`not understood: ${rest}`);
    const part = found['quoted'] ?? found['plain'];
    if (part !== undefined) word = `${word ?? ''}${part}`;
    else endWord();
    if (found['end'] !== undefined) commands.push([]);
  }
  endWord();
  return commands.filter((words) => words.length > 0);
}

/** What curl would send for `tessera METHOD PATH [-H HEADER]… [-d BODY]`. */
function requestOf([name, method = '', path = '', ...options]: readonly string[], key: string) {
  if (name !== 'tessera') throw new Error(`the tour calls ${name}`);
  const headers = new Headers({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });
  let body: string | null = null;
  for (let index = 0; index < options.length; index += 2) {
    const [option, value = ''] = options.slice(index, index + 2);
    if (option === '-d') body = value;
    else if (option === '-H')
      headers.set(value.slice(0, value.indexOf(':')), value.slice(value.indexOf(':') + 1).trim());
    else throw new Error(`curl is given ${option}`);
  }
  return { path, init: { method, headers, body } };
}

/** What came, with "…" wherever the page says so. What the page leaves out stays. */
function asShown(came: unknown, shown: unknown): unknown {
  if (shown === '…') return came === null ? null : '…';
  if (Array.isArray(came) && Array.isArray(shown)) return came.map((item, index) => asShown(item, shown[index]));
  if (came === null || shown === null || typeof came !== 'object' || typeof shown !== 'object') return came;
  return Object.fromEntries(
    Object.entries(came).map(([name, value]) => [name, asShown(value, (shown as Record<string, unknown>)[name])]),
  );
}

test('the tour gives what it shows', async (t) => {
  const { url: database } = await emptyDatabase(t);
  const service = await startService(t, { environment: { DATABASE_URL: database } });
  const run = async (command: readonly string[]) => {
    const { path, init } = requestOf(command, service.sandboxKey ?? '');
    const answer = await fetch(`${service.url}${path}`, init);
    return { command: command.slice(0, 3).join(' '), answer, text: await answer.text() };
  };

  const [, printed] = blocksIn(sectionOf(readme, 'Run it'));
  t.equal(
    service.output(),
    printed?.text
      .replaceAll(':3000', `:${service.port}`)
      .replace('tsr_…', service.key ?? '')
      .replace('tsr_…', service.sandboxKey ?? ''),
  );

  const [first, ...blocks] = blocksIn(sectionOf(readme, 'A tour'));
  t.equal(first?.text, preamble, 'the shell function is the one that is played here');
  t.ok(blocks.some(({ language }) => language === 'json'));
  let quote = '';
  for (const [index, { language, text }] of blocks.entries()) {
    if (language === 'json') continue;
    const next = blocks[index + 1];
    const shown = next?.language === 'json' ? JSON.parse(next.text) : undefined;
    const commands = commandsIn(text.replace(keepsQuote, '$1').replaceAll("'$QUOTE'", quote));
    t.ok(language === 'sh' && commands.length > 0);
    for (const words of commands) {
      const { command, answer, text: came } = await run(words);
      quote = /quo_[a-z0-9_]*/.exec(came)?.[0] ?? quote;
      if (shown !== undefined && words === commands.at(-1)) {
        const body = JSON.parse(came);
        t.strictSame(asShown(body, shown), shown, command);
        t.equal(answer.status, shown.status ?? answer.status);
        t.equal(answer.ok, shown.status === undefined, 'only what is refused says its status');
      } else t.ok(answer.ok, `${command}: ${answer.status} ${came}`);
    }
  }

  const [purchase] = commandsIn(blocks.find(({ text }) => text.startsWith('tessera POST /v1/purchases '))?.text ?? '');
  const [once, again] = [await run(purchase!), await run(purchase!)];
  t.equal(again.text, once.text, 'sent again: the same bytes');
  t.equal(again.answer.headers.get('idempotent-replayed'), 'true');
});

test('moving house is as the page shows it', async (t) => {
  const { url: database } = await emptyDatabase(t);
  const service = await startService(t, { environment: { DATABASE_URL: database } });
  const key = service.sandboxKey ?? '';
  const [imports, file, compare, printed] = blocksIn(sectionOf(readme, 'Moving house'));
  for (const words of commandsIn(imports?.text ?? '')) {
    const { path, init } = requestOf(words, key);
    const answer = await fetch(`${service.url}${path}`, init);
    t.ok(answer.ok, `${words.slice(0, 3).join(' ')}: ${answer.status} ${await answer.text()}`);
  }
  const [, args = ''] = /^npm run --silent compare -- (.*)\n$/.exec(compare?.text ?? '') ?? [];
  const cwd = t.testdir({ 'balances.csv': file?.text ?? '' });
  const environment = { TESSERA_URL: service.url, TESSERA_KEY: key };
  const running = startProcess(t, 'tools/compare.ts', args.split(' '), { environment, cwd });
  t.equal((await running.ended).code, 1);
  const timeless = (text: string) => text.replace(/in .*\)\.\n/, '');
  t.equal(timeless(running.output()), timeless(printed?.text ?? ''));
});

test('every link within the project leads somewhere', async (t) => {
  const lost = ownLinksIn(readme).filter((target) => !existsSync(new URL(`../${target}`, import.meta.url)));
  t.strictSame(lost, []);
});
