/**
 * Throw-away PostgreSQL and Redis servers of this machine, one each per test run. Each runs under a small shell that ends it and deletes
 * its folder when its standard input closes: at the end of the run, and also when the run is interrupted or killed. It falls silent first,
 * since after a kill nobody reads its output and a write would end it before it has cleaned up.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** `pid`: of the shell above the server. */
export type Daemon = { url: string; pid: number; stop(): Promise<void> };

const POSTGRES = `
trap 'rm -rf "$DIR"' EXIT
"$BIN/initdb" -D "$DIR/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$DIR/initdb.log" 2>&1 || { cat "$DIR/initdb.log" >&2; exit 1; }
"$BIN/postgres" -D "$DIR/data" -p "$PORT" -k "$DIR" -h 127.0.0.1 -c fsync="$FSYNC" -c max_connections=300 &
server=$!
read -r _
exec >/dev/null 2>&1
kill -INT $server
wait $server`;

const REDIS = `
trap 'rm -rf "$DIR"' EXIT
redis-server --port "$PORT" --bind 127.0.0.1 --dir "$DIR" --save '' --appendonly no --databases 1000 &
server=$!
read -r _
exec >/dev/null 2>&1
kill -TERM $server
wait $server`;

/** The folder of initdb and postgres: on the PATH, or the newest under Debian's /usr/lib/postgresql. Null: not installed. */
export function postgresFolder(): string | null {
  const root = '/usr/lib/postgresql';
  const versions = list(root).sort((a, b) => Number(b) - Number(a));
  const folders = [...path(), ...versions.map((version) => join(root, version, 'bin'))];
  return folders.find((folder) => runnable(join(folder, 'initdb')) && runnable(join(folder, 'postgres'))) ?? null;
}

export const hasRedisServer = (): boolean => path().some((folder) => runnable(join(folder, 'redis-server')));

/** `durable`: as slow as a server whose commits survive a power failure. `hear`: every line of the server's log. */
export const startPostgres = async (bin: string, durable = false, hear = (_line: string) => {}): Promise<Daemon> => {
  const variables = { BIN: bin, FSYNC: durable ? 'on' : 'off' };
  const { port, ...daemon } = await start(POSTGRES, 'ready to accept connections', variables, unprivileged(), hear);
  return { url: `postgresql://postgres@127.0.0.1:${port}/postgres`, ...daemon };
};

export const startRedis = async (): Promise<Daemon> => {
  const { port, ...daemon } = await start(REDIS, 'eady to accept connections', {}, null);
  return { url: `redis://127.0.0.1:${port}`, ...daemon };
};

type Account = { uid: number; gid: number };

async function start(
  script: string,
  readyLine: string,
  variables: Record<string, string>,
  account: Account | null,
  hear = (_line: string) => {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-test-'));
  if (account) chownSync(folder, account.uid, account.gid);
  const port = await freePort();
  const shell = spawn('sh', ['-c', script], {
    ...account,
    cwd: folder,
    env: { PATH: process.env.PATH, DIR: folder, PORT: String(port), LC_ALL: 'C', ...variables },
    // A group of its own, so that Ctrl-C reaches the test run alone and the shell can still clean up.
    detached: true,
  });
  const gone = once(shell, 'exit');
  createInterface({ input: shell.stderr }).on('line', hear);
  await ready(shell, readyLine);
  return {
    port,
    pid: shell.pid!,
    async stop() {
      shell.stdin.end();
      await gone;
    },
  };
}

/** Resolves when the server has printed `line`, rejects with its whole output when it ends before. */
async function ready(shell: ChildProcess, line: string): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output = (output + chunk).slice(-10_000);
      if (output.includes(line)) resolve();
    };
    shell.stdout?.on('data', read);
    shell.stderr?.on('data', read);
    shell.once('error', reject);
    shell.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready:\n${output}`)));
  });
}

/** PostgreSQL refuses to run as root, so root lends it another account. */
function unprivileged(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const name = ['postgres', 'nobody'].find((account) => idOf('-u', account) !== null);
  if (!name)
    throw new Error('PostgreSQL does not run as root, and there is neither an account "postgres" nor "nobody".');
  return { uid: idOf('-u', name)!, gid: idOf('-g', name)! };
}

function idOf(flag: '-u' | '-g', account: string): number | null {
  try {
    return Number(execFileSync('id', [flag, account], { stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return null;
  }
}

/** A port that was free just now. Another process may take it first: then the start fails, and says so. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

const path = (): string[] => (process.env.PATH ?? '').split(delimiter).filter(Boolean);

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function runnable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
