/** The Heads port: one small table, two statements. */
import { eq, sql } from 'drizzle-orm';
import { agentHeads } from '../../../schema/index.ts';
import type { Heads } from '../../ports/index.ts';
import type { Database } from './connect.ts';

export const postgresHeads = ({ db, repeat }: Database): Heads => ({
  async keep(id, head) {
    await repeat(() => db.insert(agentHeads).values({ id, head, createdAt: sql`app_now()` }).onConflictDoNothing());
  },
  async load(id) {
    const [row] = await repeat(() =>
      db.select({ head: agentHeads.head }).from(agentHeads).where(eq(agentHeads.id, id)),
    );
    return row?.head ?? null;
  },
});
