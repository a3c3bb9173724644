/// <reference path="../../.sst/platform/config.d.ts" />
/** What goes along with `migrate`: the statements. The snapshots beside them are for drizzle-kit alone, and one more with each migration. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Made anew by every deployment. */
const FOLDER = '.sst/statements';

/** Puts them into one folder; returns how it is to be copied. (Files copied one by one SST packs twice.) */
export const statements = (): { from: string; to: string }[] => {
  const { root } = $cli.paths;
  rmSync(join(root, FOLDER), { recursive: true, force: true });
  cpSync(join(root, 'migrations'), join(root, FOLDER), { recursive: true, filter: (path) => !/\bmeta$/.test(path) });
  return [{ from: FOLDER, to: 'migrations' }];
};
