/**
 * Keeps the runtime's own secrets out of what it writes down: its log, and the events, messages, files and checkpoints of sessions. A secret
 * is found by its value, wherever an error, a provider or a tool repeats it. It is also found in base64, in hexadecimal, percent-encoded or as
 * JSON writes it, in one line or wrapped. What users say of themselves stays as it is, unless it is one of these values.
 */
import type { Live, Log, WorkerSessions } from '../ports/index.ts';
import { MOST_LEVELS } from '../text.ts';
import { anyOf, literalsOf, patternsOf, suspecting } from './redact-forms.ts';

export type Redact = (text: string) => string;

const GONE = '[redacted]';
/** A shorter value could be a word, and the log would be full of holes; what is meant to be secret is longer. */
const LEAST_CHARACTERS = 12;

/** Values that are left out or too short are none. */
export function redactor(secrets: readonly (string | undefined)[]): Redact {
  const given = secrets.flatMap((secret) => [secret ?? '', ...passwordsOf(secret)]);
  // The longest first: a URL goes as a whole, and not only its password.
  const values = [...new Set(given)].filter((value) => value.length >= LEAST_CHARACTERS);
  const longestFirst = values.sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return (text) => text;
  const plain = anyOf(longestFirst.flatMap(literalsOf));
  const suspects = suspecting(longestFirst);
  return (text) => {
    const clean = text.replace(plain, GONE);
    const found = suspects(clean);
    return found.length === 0 ? clean : clean.replace(new RegExp(found.flatMap(patternsOf).join('|'), 'g'), GONE);
  };
}

/** The password within a URL, as it is and as it is written there. */
function passwordsOf(secret: string | undefined): string[] {
  const password = secret && URL.canParse(secret) ? new URL(secret).password : '';
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

/** What is written down is at most this deep; what is deeper all the same is left out, since an unread part could hold a secret. */
const DEEPEST = 3 * MOST_LEVELS;

/** The same value with every text in it redacted, names of fields and bytes included. An error becomes its name and message. */
export function redactAll<T>(value: T, redact: Redact): T {
  const within = (part: unknown, depth = 0): unknown => {
    if (typeof part === 'string') return redact(part);
    if (depth > DEEPEST && typeof part === 'object' && part !== null) return GONE;
    if (Array.isArray(part)) return part.map((item) => within(item, depth + 1));
    if (part instanceof Uint8Array) return redactBytes(part, redact);
    if (part instanceof Error) return { name: part.name, message: redact(part.message) };
    if (!isPlain(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([name, field]) => [redact(name), within(field, depth + 1)]));
  };
  return within(value) as T;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

function redactBytes(bytes: Uint8Array, redact: Redact): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const clean = redact(text);
  return clean === text ? bytes : new Uint8Array(Buffer.from(clean, 'latin1'));
}

/** What a log never needs, of any owner: keys and tokens by their form, and passwords in the addresses of servers. */
const BY_FORM: readonly [RegExp, string][] = [
  [/\bck_([0-9a-z]{26})_[0-9a-z]{28,}/g, `ck_$1_${GONE}`],
  [/\bsk-ant-[\w-]{8,}/g, GONE],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, GONE],
  [/(\w:\/\/[^\s:/@]*:)[^\s/@]+@/g, `$1${GONE}@`],
];

export function discreetLog(log: Log, redact: Redact): Log {
  const strict: Redact = (text) => BY_FORM.reduce((left, [form, instead]) => left.replace(form, instead), redact(text));
  return (line) => log(redactAll(line, strict));
}

/** All that a worker writes down about a session. */
export const discreetSessions = (sessions: WorkerSessions, redact: Redact): WorkerSessions => ({
  ...sessions,
  reserve: (id, fence, ask) => sessions.reserve(id, fence, redactAll(ask, redact)),
  settle: (id, fence, settlement) => sessions.settle(id, fence, redactAll(settlement, redact)),
  save: (id, fence, save, files, memory) =>
    sessions.save(id, fence, redactAll(save, redact), redactAll(files, redact), redactAll(memory, redact)),
});

/** The reply that is being written, for its viewers. */
export const discreetLive = (live: Live, redact: Redact): Live => ({
  ...live,
  draft: (sessionId, draft) => live.draft(sessionId, redactAll(draft, redact)),
});
