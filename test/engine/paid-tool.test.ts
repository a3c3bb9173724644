/** Tools that cost money: their most is held before they run, and what they did cost is charged with their results. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Block } from '../../lib/core/session.ts';
import { defineTool, ToolFailure } from '../../lib/tools/index.ts';
import { newSession, settleDown, testWorld, withUser } from '../kit/world.ts';

const use = (id: string, name: string, input: object = { key: id }): Block => ({ type: 'tool_use', id, name, input });
const PRICE = 8_000n;

/** One session whose agent calls `shop` as often as told, and then is done. `does`: what a call makes of its key. */
async function shopping(keys: string[], does: (key: string) => bigint | 'price', price = PRICE) {
  const ran: string[] = [];
  const shop = defineTool({
    ...{
      name: 'shop',
      description: 'Costs money.',
      effect: 'pure',
      input: z.object({ key: z.string() }),
      price,
    },
    run({ key }) {
      ran.push(key);
      const cost = does(key);
      return { content: `bought ${key}`, isError: false, ...(cost !== 'price' && { cost }) };
    },
  });
  const t = testWorld(
    (_turns, i) => (i === 0 ? keys.map((key) => use(key, 'shop')) : [{ type: 'text', text: 'Done.' }]),
    {
      tools: [shop],
    },
  );
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  const lines: Parameters<typeof t.world.log>[0][] = [];
  await settleDown(t, { ...t.world, log: (line) => void lines.push(line) });
  const rows = await t.accounts.usage('u1', { from: '2026-01-01', to: '2027-01-01' }, 'model');
  const shopped = rows.find(({ key }) => key === 'shop');
  const journal = (await t.userSessions.events('u1', 'ses_1', { after: 0, limit: 1_000 }))!;
  const results = journal.filter(({ type }) => type === 'agent.tool.result').map(({ data }) => data);
  const logged = lines.filter(({ level }) => level === 'error');
  return { t, ran, logged, results, charged: { cost: shopped?.cost ?? 0n, unknown: shopped?.unknown ?? 0n } };
}

it('charges what the tool says, else its price, and tells the journal', async () => {
  const { t, results, charged } = await shopping(['a', 'b', 'c'], (key) =>
    key === 'a' ? 3_000n : key === 'b' ? 0n : 'price',
  );
  expect(charged).toEqual({ cost: 11_000n, unknown: 0n });
  expect(results.map(({ cost_microdollars }: Record<string, unknown>) => cost_microdollars)).toEqual([3_000, 0, 8_000]);
  const { cost } = (await t.userSessions.get('u1', 'ses_1'))!;
  expect(cost).toBe(11_000n + t.bill.reduce((a, b) => a + b, 0n));
});

it('charges all that was held for a call that failed, unless its failure says what it did cost', async () => {
  const { results, charged } = await shopping(['lost', 'refused'], (key) => {
    if (key === 'lost') throw new Error('the answer was lost');
    throw new ToolFailure('The shop is closed.', { cost: 0n });
  });
  expect(charged).toEqual({ cost: PRICE, unknown: PRICE });
  expect(results).toMatchObject([{ cost_microdollars: null, is_error: true }, { cost_microdollars: 0 }]);
});

it('charges a cost above the price all the same, and logs it as an error', async () => {
  const { charged, logged } = await shopping(['a'], () => 9_000n);
  expect(charged).toEqual({ cost: 9_000n, unknown: 0n });
  expect(logged).toMatchObject([
    { message: 'a tool cost more than its price', tool: 'shop', cost: 9_000n, price: PRICE },
  ]);
});

it('charges nothing for arguments that do not fit', async () => {
  const t = testWorld((_turns, i) => (i === 0 ? [use('a', 'shop', { kee: 1 })] : [{ type: 'text', text: 'Done.' }]), {
    tools: [
      defineTool({
        ...{ name: 'shop', description: '', effect: 'pure', input: z.object({ key: z.string() }), price: PRICE },
        run: () => 'bought',
      }),
    ],
  });
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  await settleDown(t);
  expect((await t.accounts.budget('u1')).day).toMatchObject({ spent: t.bill.reduce((a, b) => a + b, 0n), held: 0n });
});

it('does not run a call that its money does not cover, says so with amounts, and goes on', async () => {
  const { t, ran, results, charged } = await shopping(['a'], () => 'price', 60_000_000n);
  expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({ status: 'completed' });
  expect([ran, charged]).toEqual([[], { cost: 0n, unknown: 0n }]);
  expect(results).toMatchObject([
    {
      is_error: true,
      content: expect.stringMatching(
        /^Not run, and nothing was spent: the call can cost \$60\.00, and \$54\.9\d+ of today's money is free/,
      ),
    },
  ]);
});

it('has no price of nothing', () => {
  const shop = () =>
    defineTool({ name: 'shop', description: '', effect: 'pure', input: z.object({}), price: 0n, run: () => '' });
  expect(shop).toThrow('tool shop has a price of 0 microdollars: leave it out');
});
