import { describe, expect, it } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { startLocal } from '../../lib/local/system.ts';
import { hasPostgres, hasRedis, realPostgres, realRedis } from '../kit/servers.ts';

describe.skipIf(!hasPostgres || !hasRedis)('a local system on a real PostgreSQL and a real Redis', () => {
  it('works, sleeps, and goes on in another system on the same database', async () => {
    const servers = { databaseUrl: (await realPostgres()) ?? '', redisUrl: (await realRedis()) ?? '' };
    const stopped = async <T>(work: (system: Awaited<ReturnType<typeof startLocal>>) => Promise<T>): Promise<T> => {
      const system = await startLocal(servers);
      try {
        return await work(system);
      } finally {
        await system.close();
      }
    };
    const state = async ({ database }: Awaited<ReturnType<typeof startLocal>>, id: string) =>
      (await database.query('select state from agent_sessions where id = $1', [id])).rows[0]?.state;
    /** Polls, since nothing of this process hears of what the functions do. */
    const until = async (system: Awaited<ReturnType<typeof startLocal>>, id: string, wanted: string) => {
      while ((await state(system, id)) !== wanted) await new Promise((resolve) => setTimeout(resolve, 50));
    };

    const { id, apiKey } = await stopped(async (system) => {
      system.model?.answerNext(reply('Enough.', call('sleep', { note: 'Later.', until: '2099-01-01T00:00:00Z' })));
      const response = await fetch(`${system.url}/v1/sessions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${system.apiKey}` },
        body: JSON.stringify({ goal: 'Sleep' }),
      });
      const session = (await response.json()) as { id: string };
      await until(system, session.id, 'sleeping');
      return { id: session.id, apiKey: system.apiKey };
    });

    await stopped(async (system) => {
      const headers = { authorization: `Bearer ${apiKey}` };
      const { wake_at } = (await (await fetch(`${system.url}/v1/sessions/${id}`, { headers })).json()) as {
        wake_at: string;
      };
      system.model?.answerNext(reply(call('finish', { result: 'Awake.' })));
      await system.moveClock(Date.parse(wake_at));
      await until(system, id, 'ended');
      const done = (await (await fetch(`${system.url}/v1/sessions/${id}`, { headers })).json()) as object;
      expect(done).toMatchObject({ status: 'completed', result: 'Awake.' });
    });
  });
});
