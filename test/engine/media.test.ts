/** What the agent sees of its files, through all of an iteration: the hold covers it, its bytes are sent as they are, and people read what it was. */
import { expect, it } from 'vitest';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import type { Block, ModelRequest } from '../../lib/core/session.ts';
import * as render from '../../lib/http/render.ts';
import { mediaOf } from '../../lib/local/messages-api/media.ts';
import { parseMessages } from '../../lib/local/messages-api/shape.ts';
import { segmentsOf } from '../../lib/local/model/prompt.ts';
import type { World } from '../../lib/ports/index.ts';
import { readFile } from '../../lib/tools/read-file.ts';
import { jpeg, png } from '../kit/images.ts';
import { pdfOf } from '../kit/pdf.ts';
import { newSession, type Script, settleDown, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const use = (id: string, path: string, more = {}): Block => ({
  type: 'tool_use',
  id,
  name: 'read_file',
  input: { path, ...more },
});

const FILES = {
  '/photo.png': png(3_000, 2_000, { pixels: true }),
  '/scan.jpg': jpeg(1_000, 1_400),
  '/a.pdf': pdfOf(['Page one\nof it', 'Page two']),
  '/broken.png': png(30, 20),
};

async function playing(script: Script, around: (t: TestWorld) => World) {
  const t = testWorld(script, { tools: [readFile] });
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  for (const [path, content] of Object.entries(FILES)) {
    await t.userSessions.writeFile('u1', 'ses_1', { path, content }, path);
  }
  await settleDown(t, around(t));
  const { data } = (await t.userSessions.messages('u1', 'ses_1'))!;
  return { t, view: (await t.userSessions.get('u1', 'ses_1'))!, rows: data };
}

it('is held for before it is sent, by whatever the provider then counts', async () => {
  const calls: { held: bigint; request: ModelRequest }[] = [];
  const script: Script = (_, i) =>
    i === 0
      ? [use('t0', 'photo.png'), use('t1', 'scan.jpg'), use('t2', 'a.pdf', { look: true })]
      : [{ type: 'text', text: 'Seen.' }];
  const { view, rows, t } = await playing(script, ({ world }) => {
    let held = 0n;
    return {
      ...world,
      sessions: {
        ...world.sessions,
        async reserve(id, fence, asking) {
          const answer = await world.sessions.reserve(id, fence, asking);
          if ('granted' in answer) held = answer.granted;
          return answer;
        },
      },
      model: {
        ...world.model,
        think(request, options) {
          calls.push({ held, request });
          return world.model.think(request, options);
        },
      },
    };
  });
  expect([view.status, t.refused]).toEqual(['completed', []]);
  for (const { held, request } of calls) {
    const tokens = segmentsOf(parseMessages(request)).at(-1)!.tokens;
    const usage = { input_tokens: 0, cache_creation_input_tokens: tokens, output_tokens: request.max_tokens };
    expect(costMicrodollars({ model: request.model, usage })).toBeLessThanOrEqual(held);
  }
  const shown = calls.at(-1)!.request.messages.flatMap(({ content }) => content);
  const media = shown.flatMap((block) => mediaOf(block as never) ?? []);
  expect(media.map(({ tokens }) => tokens)).toEqual([4_784, 36 * 50, 4_800]);
  expect(shown).toContainEqual({
    ...{
      type: 'image',
      source: { type: 'base64', media_type: 'image/jpeg', data: Buffer.from(FILES['/scan.jpg']).toString('base64') },
    },
  });
  // What people read of it has no bytes, and neither has the journal.
  const told = JSON.stringify(render.messages(rows));
  expect(told).toContain('(\\"photo.png\\", image/png, 3,000 × 2,000 px, ');
  expect(told).toContain('(\\"a.pdf\\", application/pdf, 2 pages, ');
  expect(told).not.toMatch(/iVBORw|JVBERi/);
});

it('that the provider cannot process is left out, and the session ends its work at the cost of what was served', async () => {
  const refusals: string[] = [];
  const script: Script = (messages, i) => {
    if (i === 0) return [use('t0', 'broken.png')];
    expect(JSON.stringify(messages)).toContain('does not take at least one of the images');
    return [{ type: 'text', text: 'Gone on without.' }];
  };
  const { t, view } = await playing(script, ({ world, refused }) => ({
    ...world,
    model: {
      ...world.model,
      async think(request, options) {
        const thought = await world.model.think(request, options);
        // It is no mistake of the runtime's: only the provider unpacks pixels.
        if (thought.type === 'failed') refusals.push(...refused.splice(0));
        return thought;
      },
    },
  }));
  expect([view.status, refusals]).toEqual(['completed', ['Could not process image']]);
  expect(view.cost).toBe(t.bill.reduce((sum, cost) => sum + cost, 0n));
});
