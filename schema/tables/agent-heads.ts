import { json, pgTable, text } from 'drizzle-orm/pg-core';
import type { AgentSpec } from '../../lib/core/session.ts';
import { instant } from './columns.ts';

/**
 * Heads of prompts, each by the hash of its contents: an agent's prompt and tools as some release had them. A session keeps its own over a
 * deployment. Rows are added and never changed, one a release and agent. Belongs to no user. `json`, not `jsonb`: the bytes of a prompt stay.
 */
export const agentHeads = pgTable('agent_heads', {
  id: text('id').primaryKey(),
  head: json('head').$type<AgentSpec>().notNull(),
  createdAt: instant('created_at').notNull(),
});
