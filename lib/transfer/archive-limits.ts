/** What an archive of a user may be, and what is said of one that is not. */
import { Problem } from '../problem.ts';

/** `name`: as the archive has it, a path without a check. `mode`: its permissions; null: the archive has none. */
export type ArchivedFile = { name: string; content: Uint8Array; mode: number | null };

/** Bytes that an archive may unpack to, and entries, folders included. All of it is one request to Postgres, in base64. */
export const ARCHIVE_LIMITS = { bytes: 12_000_000, entries: 10_000 };

const NOTHING = 'Nothing was written and nothing was spent';

export const tooMuch = (what: string): Problem =>
  new Problem('payload_too_large', `The archive unpacks to ${what}. ${NOTHING}; send it in parts.`);

/** Of a whole archive; `name`: of the entry that is at fault. */
export function refused(why: string, name?: string): Problem {
  const what = name === undefined ? '' : `, ${quoted(name)},`;
  const how = name === undefined ? 'pack it anew' : 'leave it out or pack it otherwise';
  return new Problem(
    'invalid_archive',
    `The archive ${why}${what} and was not taken. ${NOTHING}; ${how}, and send it again.`,
  );
}

/** Cut off, because a name may be as long as the archive. */
export const quoted = (name: string): string => JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
