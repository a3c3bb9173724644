/**
 * Checkpoints as a release left them: one JSON line per session, after a first line with the JSON schema of its memory. Written by
 * `node test/upgrade/write-checkpoints.ts [RELEASE]`, read for ever after: whoever changes the shape of Memory gives what is new a default
 * and writes the next file; nobody changes a released one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { Memory } from '../../lib/core/memory.ts';
import type { SessionRow } from '../../lib/testing/memory/store.ts';
import type { TestWorld } from '../kit/world.ts';
import { ID } from './scenarios.ts';

export const FOLDER = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** What the rows of a session hold, as far as the next owner reads them. `due` null: a user moves it. Files in base64. */
export type Checkpoint = Pick<
  SessionRow,
  'state' | 'desired' | 'iteration' | 'rows' | 'calls' | 'inbox' | 'inboxTaken' | 'journal'
> & {
  name: string;
  memory: Record<string, unknown>;
  cost: string;
  due: number | null;
  facts: Record<string, unknown>;
  files: { path: string; mode: number; content: string }[];
};
export type Release = { name: string; schema: unknown; checkpoints: Checkpoint[] };

/** What a memory of this version may be, as JSON. */
export const schemaNow = (): unknown => z.toJSONSchema(Memory, { io: 'output' });

export function checkpointOf(name: string, t: TestWorld): Checkpoint {
  const row = t.store.sessions.get(ID)!;
  const { state, desired, iteration, rows, calls, inbox, inboxTaken, journal, cost, due, memory } = row;
  const { goal, agent, model, tier, system, onEndTurn, maxIterations, maxCost, metadata } = row;
  return {
    ...{ name, state, desired, iteration, rows, calls, inbox, inboxTaken, journal },
    memory: memory as Record<string, unknown>,
    cost: String(cost),
    due: Number.isFinite(due) ? due : null,
    facts: {
      goal,
      agent,
      model,
      tier,
      system,
      onEndTurn,
      maxIterations,
      maxCost: maxCost && String(maxCost),
      metadata,
    },
    files: [...row.files.values()].flatMap(({ path, mode, content }) =>
      content ? [{ path, mode, content: Buffer.from(content).toString('base64') }] : [],
    ),
  };
}

/** Oldest first, as the names sort: `checkpoint-v1-0.1.0.jsonl` … `checkpoint-v1-next.jsonl`. */
export function releases(): Release[] {
  const names = readdirSync(FOLDER).filter((name) => /^checkpoint-v\d+-.+\.jsonl$/.test(name));
  return names.sort(byNumber).map((name) => {
    const [schema, ...checkpoints] = readFileSync(FOLDER + name, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    return { name, schema, checkpoints };
  });
}

const byNumber = new Intl.Collator('en', { numeric: true }).compare;
