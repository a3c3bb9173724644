/** `.env.NAME` beside sst.config.ts: what later deployments of the stage need again, and the keys that setup made. SST reads it, git does not. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type Variables = Record<string, string>;

export const readVariables = (path: string): Variables =>
  existsSync(path) ? (parseEnv(readFileSync(path, 'utf8')) as Variables) : {};

/** Adds and replaces variables, and leaves all other lines as they are. Readable by its owner alone. */
export function writeVariables(path: string, variables: Variables): void {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const others = lines.filter((line) => !Object.keys(variables).some((name) => line.startsWith(`${name}=`)));
  const text = [
    ...others.filter((line, i) => line !== '' || i < others.length - 1),
    ...Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}`),
  ];
  writeFileSync(path, `${text.join('\n').replace(/^\n+/, '')}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
}

const quoted = (value: string): string => (/^[\w.:/@+=,-]*$/.test(value) ? value : `'${value}'`);
