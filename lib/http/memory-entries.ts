/** Shared memories as the contract has them. */
import { z } from '@hono/zod-openapi';
import { MEMORY_LIMITS, MEMORY_NAME, UNTRUSTED } from '../core/shared-memory.ts';
import type { EntryRefusal, MemoryEntry, MemoryView } from '../ports/index.ts';
import { Problem } from '../problem.ts';
import { conflict } from './idempotency.ts';
import { iso } from './iso.ts';
import { notFound } from './problems.ts';

/** Also the `memory` of a session. */
export const MemoryName = z
  .string()
  .regex(
    MEMORY_NAME,
    'Must be 1 to 64 lower-case letters, digits, hyphens and underscores, and begin with a letter or a digit',
  );

export const MemoryJson = z
  .object({
    name: z.string(),
    entries: z.int().openapi({ description: 'How many it has.' }),
    bytes: z.int().openapi({ description: `Of all entries together; at most ${MEMORY_LIMITS.bytes}.` }),
    updated_at: z.iso.datetime().openapi({ description: 'When one of them was written or removed last.' }),
  })
  .openapi('Memory');

export const EntryJson = z
  .object({
    path: z.string().openapi({ description: 'In the memory; agents have it below memory/.', example: 'rules.md' }),
    bytes: z.int(),
    source: z.enum(['person', 'agent', 'untrusted']).openapi({
      description: `Who wrote it: a person; an agent; or an agent whose session had read text from outside, such as a page of the web. The last ones, and no others, lie below \`${UNTRUSTED}/\`.`,
    }),
    session_id: z
      .string()
      .nullable()
      .openapi({ description: 'The session that wrote it, which may be gone; null: a person did.' }),
    updated_at: z.iso.datetime(),
  })
  .openapi('MemoryEntry');

export const memoryJson = ({ name, entries, bytes, updatedAt }: MemoryView) => ({
  ...{ name, entries, bytes },
  updated_at: iso(updatedAt),
});

export const entryJson = ({ path, bytes, source, sessionId, updatedAt }: MemoryEntry) => ({
  ...{ path, bytes, source },
  session_id: sessionId,
  updated_at: iso(updatedAt),
});

/** The body of this request is an entry of a memory, and no JSON. `path`: as it was sent. */
export const isOfEntry = (path: string): boolean => /^\/v1\/memories\/[^/]+\/entries\/./.test(path);

/** The problem of a write that was not taken. `path`: of the entry that was to be written. */
export function refusalOf(refusal: EntryRefusal, path: string): Problem {
  const { bytes, entries: most, memories: many } = MEMORY_LIMITS;
  switch (refusal.refused) {
    case 'changed':
      return new Problem(
        'precondition_failed',
        `The entry ${path} is not as the request's condition wants it: it was changed, made or removed meanwhile. Nothing was written and nothing was spent; read it again and send its present ETag.`,
      );
    case 'clash':
      return new Problem(
        'file_clash',
        `${refusal.by} is in the way of ${refusal.path}: a name is an entry or a folder, not both. Nothing was written and nothing was spent; remove the one, or choose another path for the other.`,
      );
    case 'full':
      return new Problem(
        'memory_full',
        `With this the memory would hold ${refusal.entries} entries and ${refusal.bytes} bytes, and ${most} entries and ${bytes} bytes are allowed. Nothing was written and nothing was spent; remove what is not needed any more.`,
      );
    case 'many':
      return new Problem(
        'memory_full',
        `You have ${many} memories or more, and this one would be new. Nothing was written and nothing was spent; remove one that is not needed any more.`,
      );
    case 'conflict':
      return conflict();
    default:
      return notFound('entry');
  }
}
