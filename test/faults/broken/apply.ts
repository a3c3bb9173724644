/** Switches a broken variant on: its SQL in a migrated database, its sources by a hook of the worker processes. */
import { fileURLToPath } from 'node:url';
import type { SourcePatch, SqlPatch, Variant } from '../evidence.ts';

type Query = (text: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;

/** Throws if a text to be replaced is not there exactly once: then the variant is out of date and would prove nothing. */
export async function applySql(query: Query, patches: SqlPatch[]): Promise<void> {
  for (const patch of patches) {
    if ('run' in patch) {
      await query(patch.run);
      continue;
    }
    const { rows } = await query(
      `select pg_get_functiondef(oid) as text from pg_proc where proname = $1 and pronamespace = 'public'::regnamespace`,
      [patch.function],
    );
    const hits = rows.map(({ text }) => String(text)).filter((text) => text.includes(patch.from));
    if (hits.length !== 1) throw new Error(`${patch.function} has ${hits.length} places with: ${patch.from}`);
    await query(patched(hits[0]!, patch, patch.function));
  }
}

/** The text with the patch in it. Throws if `from` is not there exactly once. */
export function patched(text: string, { from, to }: { from: string; to: string }, where: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${where} has ${parts.length - 1} places with: ${from}`);
  return parts.join(to);
}

const HOOK = fileURLToPath(new URL('./hook.ts', import.meta.url));

/** What a worker process is started with for a variant: node's arguments and environment variables. Nothing for the healthy product. */
export function sourcesOf(variant: Pick<Variant, 'source'> | null): { args: string[]; env: Record<string, string> } {
  const patches: SourcePatch[] = variant?.source ?? [];
  if (patches.length === 0) return { args: [], env: {} };
  return { args: ['--import', HOOK], env: { BROKEN_SOURCES: JSON.stringify(patches) } };
}
