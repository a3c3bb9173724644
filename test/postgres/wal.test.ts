/** Bytes written per iteration do not grow with the length of the conversation: WAL of equal turns, early and late. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { requests, save, settlement } from './steps.ts';

const text = 'x'.repeat(1_400);
const settled = settlement({
  turns: [{ role: 'assistant', content: [{ type: 'text', text }] }],
  calls: [{ id: 'call', name: 'bash', input: { command: 'ls' } }],
  journal: [{ type: 'agent.text', data: { text: 'Done.' } }],
});
const observed = save({ turn: [{ type: 'tool_result', tool_use_id: 'call', content: text }] });

describe.skipIf(!hasPostgres)('bytes written', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase('real');
  });
  afterAll(() => db?.close());

  /** The WAL of one function call, by its own backend: others on the same server do not count. */
  async function wal(name: string, ...args: (string | number)[]): Promise<number> {
    const places = args.map((_, i) => `$${i + 1}`).join(', ');
    const [row] = await db.rows(`explain (analyze, wal, format json) select ${name}(${places})`, ...args);
    const [{ Plan }] = JSON.parse(row!['QUERY PLAN']!);
    return Plan['WAL Bytes'] ?? 0;
  }

  /** One iteration of a session that has saved `fence` - 1 times: claim, reserve, settle, save. */
  async function iterate(id: string, fence: number): Promise<number> {
    const journal = JSON.stringify([{ type: 'agent.thinking', data: {} }]);
    return (
      (await wal('claim', id, randomUUID(), 0)) +
      (await wal('reserve', id, fence, 1, 1, 1, 'claude-haiku-5-5', 'false', journal)) +
      (await wal('settle', id, fence, JSON.stringify({ ...settled, cost: '1' }))) +
      (await wal('save', id, fence, JSON.stringify(observed), '[]'))
    );
  }

  /** The same without measuring, in the server, each iteration a transaction. */
  const skip = (id: string, from: number, to: number) =>
    db.rows(`do $do$ begin for fence in ${from}..${to} loop
      perform claim('${id}', gen_random_uuid(), 1000000);
      perform reserve('${id}', fence, 1, 1, 1, 'claude-haiku-5-5', false, '[{"type":"agent.thinking","data":{}}]');
      perform settle('${id}', fence, $json$${JSON.stringify({ ...settled, cost: '1' })}$json$);
      perform save('${id}', fence, $json$${JSON.stringify(observed)}$json$, '[]');
      commit;
    end loop; end $do$`);

  /** Page splits and full page images come at random, so the middle of eleven is compared. */
  async function around(id: string, iteration: number): Promise<number> {
    const measured: number[] = [];
    for (let fence = iteration - 5; fence <= iteration + 5; fence++) measured.push(await iterate(id, fence));
    return measured.sort((a, b) => a - b)[5]!;
  }

  it('is the same for iteration 1,000 as for iteration 10', async () => {
    const t = requests(db);
    const id = await t.session(await t.user(), { goal: 'y'.repeat(20_000) });
    await skip(id, 1, 4);
    const early = await around(id, 10);
    await skip(id, 16, 994);
    const late = await around(id, 1_000);
    const [row] = await db.rows('select iteration, msg_n from agent_sessions where id = $1', id);
    expect(row).toEqual({ iteration: '1005', msg_n: '2011' });
    expect(early).toBeGreaterThan(2 * text.length);
    expect(late).toBeLessThanOrEqual(early * 1.1);
  });
});
