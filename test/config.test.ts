import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { ConfigError, configVariables, readConfig } from '../src/config.ts';

const faultsOf = (environment: Record<string, string>): readonly string[] => {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
};

test('an empty environment gives the documented defaults, frozen', async (t) => {
  const config = readConfig({});
  t.match(config, { host: '127.0.0.1', port: 3000, dataDir: '.data', logLevel: 'info', lanes: 2, jobs: true });
  t.equal(config.databaseUrl, undefined);
  t.equal(config.operatorKey, undefined);
  t.ok(Object.isFrozen(config));
});

test('an empty variable is an unset one', async (t) => {
  const config = readConfig({ PORT: '', DATABASE_URL: '', JOBS: '' });
  t.match(config, { port: 3000, jobs: true });
  t.equal(config.databaseUrl, undefined);
});

test('given values are converted', async (t) => {
  const config = readConfig({ PORT: '0', JOBS: 'off', DATABASE_URL: 'postgresql://u@h/d', RATE_LIMIT_PER_SECOND: '0' });
  t.match(config, { port: 0, jobs: false, databaseUrl: 'postgresql://u@h/d', rateLimitPerSecond: 0 });
});

test('every fault is listed at once, and no secret is repeated', async (t) => {
  const faults = faultsOf({
    PORT: '65536',
    LANES: '0x2',
    BATCH_MAX: '1e3',
    JOBS: 'yes',
    LOG_LEVEL: 'loud',
    DATABASE_URL: 'mysql://hush',
    OPERATOR_KEY: 'hush',
    SMTP_URL: 'http://hush',
    STREAM_ALLOW: 'hooks.internal, 10.0.0.0/99',
  });
  t.strictSame(faults, [
    'PORT must be a whole number from 0 to 65535, not "65536"',
    'DATABASE_URL must be a URL that begins with postgres://',
    'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud"',
    'LANES must be a whole number from 1 to 8, not "0x2"',
    'BATCH_MAX must be a whole number from 1 to 4096, not "1e3"',
    'JOBS must be `on` or `off`, not "yes"',
    'SMTP_URL must be a URL that begins with smtp:// or smtps://',
    'OPERATOR_KEY must be 20 to 256 visible characters, no space',
    'STREAM_ALLOW must be a list of hosts, addresses and networks: "10.0.0.0/99" is none of them',
  ]);
});

test('a secret may stand in a file', async (t) => {
  const file = join(t.testdir(), 'operator-key');
  writeFileSync(file, 'a-secret-of-the-operator\n');
  t.equal(readConfig({ OPERATOR_KEY_FILE: file }).operatorKey, 'a-secret-of-the-operator');
  t.strictSame(faultsOf({ OPERATOR_KEY_FILE: file, OPERATOR_KEY: 'another-secret-of-the-operator' }), [
    'OPERATOR_KEY and OPERATOR_KEY_FILE are both set: keep one',
  ]);
  t.match(faultsOf({ DATABASE_URL_FILE: join(t.testdirName, 'missing') }), [
    /^DATABASE_URL_FILE cannot be read: ENOENT/,
  ]);
});

test('every variable is described, and every default is accepted when written out', async (t) => {
  const written: Record<string, string> = {};
  for (const { name, default: initial, what } of configVariables) {
    t.match(name, /^[A-Z_]+$/);
    t.ok(what.length > 10, name);
    if (initial !== undefined) written[name] = initial;
  }
  t.strictSame(readConfig(written), readConfig({}));
});

test('the README has a row for every variable', async (t) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const { name, default: initial, what } of configVariables) {
    const row = `| \`${name}\` | ${initial === undefined ? '' : `\`${initial}\``} | ${what} |`;
    t.ok(readme.includes(row), `README.md lacks this row: ${row}`);
  }
});
