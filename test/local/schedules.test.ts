/** Schedules in the whole local system: the real wake function reads them, and starts their sessions from this deployment's agents. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type LocalSystem, startLocal } from '../../lib/local/system.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Json = any;
let system: LocalSystem;
beforeAll(async () => {
  system = await startLocal({ startAt: Date.parse('2027-10-30T12:00:00Z') });
}, 120_000);
afterAll(() => system?.close());

it('run once by the local clock of three zones while one is put back, and end', async () => {
  const ask = async (method: string, path: string, body?: object): Promise<Json> => {
    const headers = { authorization: `Bearer ${system.apiKey}` };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return (await fetch(system.url + path, init)).json();
  };
  const ids: string[] = [];
  for (const time_zone of ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo']) {
    const template = { goal: 'Say hello.', max_iterations: 1 };
    const terms = { name: time_zone, cron: '30 2 * * *', max_cost_microdollars: 1_000_000, template };
    ids.push((await ask('POST', '/v1/schedules', { ...terms, time_zone })).id);
  }
  await system.moveClock(Date.parse('2027-10-31T06:31:00Z'));
  await vi.waitFor(
    async () => {
      const runs = await Promise.all(ids.map((id) => ask('GET', `/v1/schedules/${id}/runs`)));
      expect(
        runs.map(({ data }) => data.map((run: { due_at: string; status: string }) => [run.due_at, run.status])),
      ).toEqual([
        [['2027-10-31T00:30:00.000Z', 'started']],
        [['2027-10-31T06:30:00.000Z', 'started']],
        [['2027-10-30T17:30:00.000Z', 'started']],
      ]);
      for (const { data } of runs) expect(['completed', 'failed']).toContain(data[0].session_status);
    },
    { timeout: 150_000, interval: 200 },
  );
}, 180_000);
