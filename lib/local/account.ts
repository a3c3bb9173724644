/** The operator's key, and a user to try things with: both last in the data directory, so that a restart prints the same. */
import { randomBytes } from 'node:crypto';
import { hashOfKey, mintKey } from '../http/auth/api-keys.ts';
import type { Accounts } from '../ports/index.ts';
import type { DataDir } from './data-dir.ts';

export const DEVELOPER = 'developer';
const DAY_MS = 86_400_000;
const ADMIN_KEY = 'admin-key';
const API_KEY = 'api-key';

/** Given: that one, for this run. Else the kept one, else a new one. */
export function adminKeyOf(dataDir: DataDir, given: string | undefined): string {
  const key = given ?? dataDir.read(ADMIN_KEY) ?? `admin_${randomBytes(24).toString('base64url')}`;
  if (!given) dataDir.keep(ADMIN_KEY, key);
  return key;
}

/**
 * The developer's API key. The user gets a budget when it is made and is left as it is afterwards; a kept key that the database does not
 * know (it may be another one) is replaced.
 */
export async function developerKey(
  accounts: Accounts,
  dataDir: DataDir,
  start: { now: number; budget: bigint; days: number },
): Promise<string> {
  if ((await accounts.getUser(DEVELOPER)) === null) {
    const renewalDate = new Date(start.now + start.days * DAY_MS).toISOString().slice(0, 10);
    await accounts.putUser(DEVELOPER, { tier: 'standard', budget: start.budget, renewalDate, wakePolicy: 'auto' });
  }
  const kept = dataDir.read(API_KEY);
  const hash = kept === null ? null : hashOfKey(kept);
  if (kept && hash && (await accounts.whoIs(hash))?.id === DEVELOPER) return kept;
  const { key, ...row } = mintKey();
  await accounts.addKey(DEVELOPER, { ...row, name: 'npm start' });
  dataDir.keep(API_KEY, key);
  return key;
}
