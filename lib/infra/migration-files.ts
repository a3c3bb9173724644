/// <reference path="../../.sst/platform/config.d.ts" />
/** What goes along with `migrate`: the statements. The snapshots beside them are for drizzle-kit alone, and one more with each migration. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ownPath } from './package.ts';

/** Made anew by every deployment. */
const FOLDER = '.sst/statements';
const COPIED = ['migrations', 'schema'];
const isStatement = (path: string): boolean => !/\bmeta$|\btables$|\.ts$/.test(path);

/** Puts them into one folder; returns how it is to be copied. (Files copied one by one SST packs twice.) */
export function statements(): { from: string; to: string }[] {
  const { root } = $cli.paths;
  rmSync(join(root, FOLDER), { recursive: true, force: true });
  for (const name of COPIED) cpSync(ownPath(name), join(root, FOLDER, name), { recursive: true, filter: isStatement });
  return COPIED.map((name) => ({ from: `${FOLDER}/${name}`, to: name }));
}
