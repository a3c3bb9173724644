/** Heads of prompts, in a map. */
import type { AgentSpec } from '../../core/session.ts';
import type { Heads } from '../../ports/index.ts';

export const memoryHeads = (kept = new Map<string, AgentSpec>()): Heads => ({
  async keep(id, head) {
    if (!kept.has(id)) kept.set(id, structuredClone(head));
  },
  load: async (id) => structuredClone(kept.get(id) ?? null),
});
