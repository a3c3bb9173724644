/** A settlement that Postgres does not take: nothing of it is written, and the caller learns that a repeat would change nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import type { Usage } from '../../lib/budget/pricing.ts';
import { keptUsage } from '../../lib/budget/usage.ts';
import type { Settlement } from '../../lib/core/effect.ts';
import { Unstorable, type WorkerSessions } from '../../lib/ports/index.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { requests, settlement } from './steps.ts';

const ODD = [
  { input_tokens: 1e300, output_tokens: 5 },
  { input_tokens: -7, output_tokens: 2.5, cache_creation: { ephemeral_1h_input_tokens: 1e30 } },
  { input_tokens: Number.MAX_SAFE_INTEGER, output_tokens: '7', server_tool_use: { web_search_requests: -1e40 } },
] as unknown as Usage[];

describe.each(hasPostgres ? (['embedded', 'real'] as const) : (['embedded'] as const))('%s Postgres', (kind) => {
  let db: TestDatabase;
  let step: ReturnType<typeof requests>;
  let sessions: WorkerSessions;
  beforeAll(async () => {
    db = await testDatabase(kind);
    step = requests(db);
    sessions = postgresSessions(db.database);
  });
  afterAll(() => db?.close());

  const held = async () => {
    const { id, fence } = await step.owned(await step.user());
    await step.reserve(id, fence, 5_000);
    return { id, fence };
  };
  const settled = (id: string, fence: number, over: object) =>
    sessions.settle(id, fence, { ...settlement(over), cost: 1_000n } as Settlement);
  const ledger = (id: string) =>
    db.rows('select cost, input_tokens, output_tokens from usage_ledger where session_id = $1', id);

  it('a number beyond its own is Unstorable, and the call can still be settled', async () => {
    const { id, fence } = await held();
    const beyond = { ...settlement(), cost: 10n ** 30n } as Settlement;
    await expect(sessions.settle(id, fence, beyond)).rejects.toThrow(Unstorable);
    expect(await ledger(id)).toEqual([]);
    expect((await settled(id, fence, { usage: keptUsage(ODD[0]!) })).cost).toBe(1_000n);
  });

  it.each(ODD)('usage as it is kept is always taken, and what is no count counts as none: %j', async (usage) => {
    const { id, fence } = await held();
    await settled(id, fence, { usage: keptUsage(usage) });
    const [row] = await ledger(id);
    expect(row).toMatchObject({ cost: '1000', input_tokens: '0' });
  });

  it('a count beyond its own is kept as the most that can be shown, or as none', async () => {
    const { id, fence } = await held();
    await settled(id, fence, { usage: ODD[0] });
    expect(await ledger(id)).toMatchObject([{ input_tokens: String(Number.MAX_SAFE_INTEGER), output_tokens: '5' }]);
  });

  it('what is wrong with a settlement as such is not', async () => {
    const { id, fence } = await held();
    await expect(settled(id, fence, { class: 'guessed' })).rejects.not.toThrow(Unstorable);
  });
});
