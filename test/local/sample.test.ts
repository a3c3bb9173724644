/** The sample of `npm start`, with the stand-in: it reads a page of this machine, runs Python on it, and sleeps in between. */
import { expect, it, vi } from 'vitest';
import { DIARY, DIARY_PATH } from '../../lib/local/diary.ts';
import { withDiary } from '../../lib/local/model/player/guide/plan.ts';
import { STAND_IN_DEFAULTS } from '../../lib/local/options.ts';
import { startLocal } from '../../lib/local/system.ts';
import { journalOf } from './acceptance/journal.ts';

const minutes = (clock: string): number => {
  const [hours = 0, rest = 0] = clock.split(':').map(Number);
  return hours * 60 + rest - (hours >= 12 ? 1_440 : 0);
};
const middleOf = (kind: string): number => {
  const middles = DIARY.filter(([, morning]) => morning === kind).map(
    ([, , asleep, awake]) => (minutes(asleep) + minutes(awake)) / 2,
  );
  return Math.round(middles.reduce((sum, one) => sum + one, 0) / middles.length);
};

it('fetches a local page, computes with Python what it asks for, and sleeps until the next allowance', {
  timeout: 180_000,
}, async () => {
  await using stack = new AsyncDisposableStack();
  const system = await startLocal({ env: STAND_IN_DEFAULTS, startAt: Date.parse('2026-12-01T08:00:00Z') });
  stack.defer(() => system.close());
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  const ask = async (method: string, path: string, body?: object, key = system.apiKey): Promise<any> => {
    const asked = { method, headers: { authorization: `Bearer ${key}` }, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(system.url + path, asked);
    return /json/.test(response.headers.get('content-type') ?? '') ? response.json() : response.text();
  };
  // A day of six steps.
  const renewal = { subscription_budget_microdollars: 2_100_000, subscription_renewal_date: '2026-12-31' };
  await ask('PUT', `/v1/admin/users/${system.userId}`, { tier: 'standard', ...renewal }, system.adminKey);
  const { id } = await ask('POST', '/v1/sessions', { goal: withDiary(system.url + DIARY_PATH) });

  let nights = 0;
  const computed = async (): Promise<string> => {
    const file = await ask('GET', `/v1/sessions/${id}/files/data/mid-sleep.txt`);
    if (typeof file === 'string') return file;
    const session = await ask('GET', `/v1/sessions/${id}`);
    if (session.status === 'sleeping') {
      nights += 1;
      await system.moveClock(Date.parse(session.wake_at));
    }
    throw new Error(`not yet: ${JSON.stringify(session)}`);
  };
  const text = await vi.waitFor(computed, { timeout: 100_000, interval: 100 });
  expect(text).toBe(
    `Middle of sleep: work days 02:57, free days ${middleOf('free') - middleOf('work')} minutes later.\n`,
  );
  expect(nights).toBeGreaterThan(0);
  const call = async (method: string, path: string) => ({ status: 200, json: await ask(method, `/v1${path}`) });
  const results = (await journalOf(call, id)).filter(({ type }) => type === 'agent.tool.result');
  const told = results.map(({ content }) => String(content)).join('\n');
  expect(told).toMatch(/Content of "http:\/\/127\.0\.0\.1:\d+\/local\/diary" \(text\/html\)/);
  expect(told).toContain('| Friday | free | 00:50 | 08:40 |');
});
