/** What the Heads port and `past` promise: what an agent was told stays to be found, over a deployment and over a summary. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { AgentSpec } from '../../lib/core/session.ts';
import { aSettlement, contract, type Factory } from './harness.ts';

const head = (id: string, system: string): AgentSpec => ({
  id,
  name: 'assistant',
  system,
  tools: [{ name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: {} }, effect: 'pure' }],
});

export const headsContract = (name: string, factory: Factory) =>
  contract(`${name}: heads and what was before a summary`, factory, (t) => {
    it('finds a head as it was kept first, whoever keeps it again', async () => {
      const id = randomUUID();
      expect(await t().heads.load(id)).toBeNull();
      await t().heads.keep(id, head(id, 'First.'));
      await t().heads.keep(id, head(id, 'Second.'));
      expect(JSON.stringify(await t().heads.load(id))).toBe(JSON.stringify(head(id, 'First.')));
    });

    it('reads back the rows before a row, oldest first, and no others', async () => {
      const id = await t().session({ goal: 'Look back.' });
      const said = (text: string) => ({ role: 'assistant' as const, content: [{ type: 'text', text }] });
      for (const text of ['one', 'two', 'three']) {
        const { fence } = await t().claim(id);
        await t().hold(id, fence, 1n);
        await t().sessions.settle(id, fence, aSettlement({ cost: 1n, turns: [said(text)] }));
        await t().expireLease(id);
      }
      const past = await t().sessions.past(id, 4);
      expect(past.map(({ n, role, content }) => [n, role, (content[0] as { text: string }).text])).toEqual([
        [1, 'user', 'Look back.'],
        [2, 'assistant', 'one'],
        [3, 'assistant', 'two'],
      ]);
      expect(await t().sessions.past(id, 1)).toEqual([]);
      expect(await t().sessions.past('ses_never', 9)).toEqual([]);
    });

    it('gives the bytes of an image to the prompt alone, and nobody else those megabytes', async () => {
      const userId = await t().user();
      const id = await t().session({}, userId);
      const data = 'A'.repeat(5_000_000);
      const image = (bytes: string) => ({
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: bytes },
        file: { path: 'a.png', bytes: 3_750_000, width: 3, height: 5 },
      });
      const words = { type: 'text', text: 'said "type":"image", "type": "document"' };
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 1n);
      const turns = [
        { role: 'assistant' as const, content: [words] },
        { role: 'user' as const, content: [words, image(data)] },
      ];
      await t().sessions.settle(id, fence, aSettlement({ cost: 1n, turns }));
      await t().expireLease(id);
      expect((await t().claim(id)).history.at(-1)!.content).toEqual([words, image(data)]);
      const rest = [[words], [words, image('')]];
      const contents = (rows: { content: unknown }[]) => rows.slice(-2).map(({ content }) => content);
      expect(contents(await t().sessions.past(id, 9))).toEqual(rest);
      // A page ends where more than 4 MB would follow.
      expect(contents((await t().userSessions.messages(userId, id))!.data)).toEqual(rest);
      expect(await t().transfer.read(userId, id, 100_000)).toMatchObject({
        rows: [{}, { content: rest[0] }, { content: rest[1] }],
      });
    });
  });
