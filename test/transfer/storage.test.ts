/** Whatever a damaged document still gets past the checks, Postgres takes it or its driver refuses nothing halfway: never an error of ours. */

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresAccounts } from '../../lib/adapters/postgres/accounts.ts';
import { postgresTransfer } from '../../lib/adapters/postgres/transfer.ts';
import { postgresUserSessions } from '../../lib/adapters/postgres/user-sessions.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import { newId } from '../../lib/ids.ts';
import { documentOf } from '../../lib/transfer/export.ts';
import { read, restored } from '../../lib/transfer/import.ts';
import { aSave, aSession, aSettlement } from '../contract/harness.ts';
import { aRestored } from '../contract/transfer.ts';
import { anEntry } from '../kit/events.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';
import { SCENARIOS } from '../upgrade/scenarios.ts';
import { damaged } from './damage.ts';
import { type Doc, exported, faultsOf, timeless } from './kit.ts';

const RUNS = Number(process.env.CIRCADIAN_RUNS ?? 150);

describe.each(['embedded' as const, ...(hasPostgres ? (['real'] as const) : [])])('a %s Postgres', (kind) => {
  let stage: TestDatabase;
  let transfer: ReturnType<typeof postgresTransfer>;
  beforeAll(async () => {
    stage = await testDatabase(kind);
    transfer = postgresTransfer(stage.database);
    await postgresAccounts(stage.database).putUser('u', { tier: 'standard', budget: 1_000_000n });
  }, 120_000);
  afterAll(() => stage?.close());

  const put = async (doc: Doc, id = newId('ses')): Promise<Doc> => {
    const found = await read(doc);
    if ('faults' in found) throw new Error(JSON.stringify(found.faults));
    await transfer.write('u', restored(found.document, { id, tier: 'standard' }), null);
    const snapshot = await transfer.read('u', id, 100_000_000);
    if (!snapshot || !('facts' in snapshot)) throw new Error('it was not read');
    return JSON.parse(JSON.stringify(documentOf(snapshot)));
  };

  it('gives each kind of session back as memory does, instants of what was said included', async () => {
    for (const make of Object.values(SCENARIOS)) {
      const copy = await put(await exported(await make()));
      const again = await put(copy);
      expect(timeless(again)).toEqual(timeless(copy));
      for (const part of ['messages', 'inbox', 'files', 'tool_calls']) expect(again[part]).toEqual(copy[part]);
      expect(again.journal.slice(1)).toEqual(copy.journal.slice(1));
    }
  });

  it('takes whatever the checks let through', async () => {
    const good = await put(await exported(await SCENARIOS['with tool calls under way']!()));
    await fc.assert(
      fc.asyncProperty(damaged(good), async (doc) => {
        if ('faults' in (await read(doc))) return;
        const copy = await put(doc);
        expect(timeless(await put(copy))).toEqual(timeless(copy));
      }),
      { numRuns: RUNS },
    );
  });

  it('puts in all of it or nothing', async () => {
    const session = aRestored();
    const counts = () =>
      stage.rows(`select (select count(*) from agent_sessions) as s, (select count(*) from agent_messages) as m,
        (select count(*) from agent_events) as e, (select count(*) from workspace_files) as f, (select count(*) from idempotency_keys) as k`);
    const before = await counts();
    const twice = { ...session, files: [...session.files, ...session.files] };
    await expect(transfer.write('u', twice, { key: 'k', fingerprint: 'f' })).rejects.toThrow();
    expect(await counts()).toEqual(before);
  });

  it('takes any moment of a working session out whole', async () => {
    const userSessions = postgresUserSessions(stage.database);
    const sessions = postgresSessions(stage.database);
    const { id } = aSession();
    await userSessions.create('u', aSession({ id }), null);
    let working = true;
    const work = async () => {
      for (let i = 0; i < 12; i++) {
        const claim = await sessions.claim(id, randomUUID());
        if ('claimed' in claim) throw new Error('not claimed');
        const { fence } = claim;
        const asking = { n: 1, least: 1n, wanted: 1n, model: 'claude-haiku-5-5', handOff: true, journal: [] };
        await sessions.reserve(id, fence, asking);
        const call = { id: `tu_${i}`, name: 'bash', input: { command: 'ls' } };
        const turns = [{ role: 'assistant' as const, content: [{ type: 'tool_use', ...call }] }];
        await sessions.settle(id, fence, aSettlement({ turns, calls: [call], cost: 1n }));
        const turn = [{ type: 'tool_result', tool_use_id: call.id, content: 'a' }];
        const file = { path: `/${i}`, content: new Uint8Array([i]), mode: 0o644 };
        await sessions.save(id, fence, aSave({ turn, journal: [anEntry('agent.tool.result')] }), [file]);
      }
      working = false;
    };
    const watch = async () => {
      const seen = new Set<string>();
      while (working) {
        const snapshot = await transfer.read('u', id, 1_000_000);
        if (!snapshot || !('facts' in snapshot)) throw new Error('it was not read');
        const doc = JSON.parse(JSON.stringify(documentOf(snapshot)));
        expect(await faultsOf(doc)).toEqual([]);
        seen.add(`${doc.iteration} ${doc.messages.length} ${doc.files.length}`);
      }
      return seen.size;
    };
    const [, ...moments] = await Promise.all([work(), watch(), watch()]);
    expect(Math.max(...moments)).toBeGreaterThan(3);
  });

  it('lets nobody take another’s session, nor name another behind the wall', async () => {
    await postgresAccounts(stage.database).putUser('v', { tier: 'standard', budget: 1_000_000n });
    const session = aRestored();
    await transfer.write('u', session, null);
    await expect(transfer.write('v', session, null)).rejects.toThrow();
    const { sql } = stage.database;
    const asV = sql.transaction([
      sql.query(`select set_config('circadian.user', 'v', true), set_config('role', 'circadian_user', true)`),
      sql.query(`select import_session('u', '{}', null, null)`),
    ]);
    await expect(asV).rejects.toThrow('not the user');
    expect(await transfer.read('v', session.id, 1_000_000)).toBeNull();
  });
});
