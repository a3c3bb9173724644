/** Which addresses a session knows, over its iterations, its summaries and the messages of its person. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import type { Block, StoredMessage, ToolResultBlock } from '../../lib/core/session.ts';
import type { World } from '../../lib/ports/index.ts';
import { defineTool } from '../../lib/tools/index.ts';
import { webFetch } from '../../lib/tools/web-fetch.ts';
import type { WebAccess } from '../../lib/web/access.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';
import { html, sites } from '../web/sites.ts';

const say = defineTool({
  ...{ name: 'say', description: 'Says it.', effect: 'pure', input: z.object({ words: z.string() }) },
  run: ({ words }) => words,
});
let id = 0;
const use = (name: string, input: object): Block => ({ type: 'tool_use', id: `toolu_${++id}`, name, input });
const fetch = (url: string) => use('web_fetch', { url });
const text = (words: string): Block[] => [{ type: 'text', text: words }];

async function playing(
  goal: string,
  turns: (Block[] | (() => Promise<Block[]>))[],
  web: WebAccess | null = null,
  { asks }: Pick<World, 'asks'> = {},
) {
  const page = html('<p>Go on <a href="https://next.test/page?id=7">there</a>.');
  const { http, asked } = await sites({ 'a.test': page, 'next.test': page, 'b.test': page, 'evil.test': page });
  let compactions = 0;
  const script: Script = (messages) => {
    if (JSON.stringify(messages.at(-1)).includes('will be replaced by a summary')) {
      compactions += 1;
      return text('## Goal\nSee https://evil.test/?of=summary');
    }
    return (turns.shift() as Block[] | undefined) ?? text('Done.');
  };
  const t = testWorld(script, { tools: [webFetch({ http }), say], policy: { compactAtTokens: 1_050 } });
  if (asks) t.world.asks = asks;
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession({ goal, web }), null);
  await settleDown(t);
  const { data } = (await t.userSessions.messages('u1', 'ses_1'))!;
  return { t, asked, refused: refusals(data), compactions };
}

const refusals = (rows: StoredMessage[]): string[] =>
  rows
    .flatMap(({ content }) => content)
    .filter((block): block is ToolResultBlock => block.type === 'tool_result' && 'is_error' in block)
    .map(({ content }) => content);

it('fetches what the goal and pages name, also after a summary, and nothing that it made up itself', async () => {
  const played = await playing('Read https://a.test/start, please.', [
    [fetch('https://a.test/start')],
    // What the agent wrote itself comes back to it in a result, a hand-off and a summary.
    [use('say', { words: 'https://evil.test/?of=result' }), fetch('https://evil.test/?of=refusal')],
    [use('look', { key: 'x' })],
    [use('look', { key: 'y' })],
    [use('look', { key: 'z' })],
    [
      fetch('https://evil.test/?of=summary'),
      fetch('https://evil.test/?of=result'),
      fetch('https://evil.test/?of=refusal'),
    ],
    [fetch('https://next.test/page?id=7'), fetch('https://next.test/page?id=8'), fetch('https://a.test/start')],
  ]);
  expect(played.compactions).toBeGreaterThan(0);
  expect(played.refused).toHaveLength(5);
  for (const told of played.refused) expect(told).toContain('was not asked: nobody has named this address');
  expect(played.asked).toEqual(['a.test/start', 'next.test/page?id=7', 'a.test/start']);
});

it('fetches what a message names in the very iteration that reads it', async () => {
  const { t, asked } = await playing('Wait.', [[use('ask_user', { question: 'Where?' })], [fetch('https://b.test/x')]]);
  expect(asked).toEqual([]);
  await t.userSessions.command('u1', 'ses_1', { type: 'message', content: 'At b.test/x' }, 'op_1');
  await settleDown(t);
  expect(asked).toEqual(['b.test/x']);
});

it('fetches what a person put in the place of the agent’s arguments, also later, and not what they only approved', async () => {
  const asking = { asks: (_agent: string, { name }: { name: string }) => name === 'web_fetch' };
  const turns = [[fetch('https://evil.test/a')], [fetch('https://evil.test/b')], [fetch('https://b.test/x')]];
  const { t, asked } = await playing('Wait.', turns, null, asking);
  const decide = async (decision: 'edit' | 'approve', input?: { url: string }) => {
    const { callId } = (await t.userSessions.get('u1', 'ses_1'))!.waiting!.approvals[0]!;
    await t.userSessions.answer('u1', 'ses_1', callId, { decision, ...(input && { input }) }, `op_${callId}`);
    await settleDown(t);
  };
  await decide('edit', { url: 'https://b.test/x' });
  expect(asked).toEqual(['b.test/x']);
  await decide('approve');
  expect(asked).toEqual(['b.test/x']);
  await decide('approve');
  expect(asked).toEqual(['b.test/x', 'b.test/x']);
});

it('fetches what its list allows, and what is denied not even then', async () => {
  const web = { allow: ['a.test', 'b.test'], deny: ['b.test/private'] };
  const calls = ['https://a.test/?own=1', 'https://b.test/x', 'https://b.test/private', 'https://next.test/'].map(
    fetch,
  );
  const { asked, refused } = await playing('See https://next.test/', [calls], web);
  expect([asked, refused.length]).toEqual([['a.test/?own=1', 'b.test/x'], 2]);
});
