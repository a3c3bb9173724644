/** Replies with which our own work throws: each is a counted failure that is paid once, and at last a user is asked. */
import { describe, expect, it } from 'vitest';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import { Unstorable, type World } from '../../lib/ports/index.ts';
import { asked, block, callAt, finish, type Json, played, said, start, stop, textAt, USAGE } from '../kit/raw-model.ts';

const nested = (levels: number, inside = '1') => `${'{"a":'.repeat(levels)}${inside}${'}'.repeat(levels)}`;
const completed = { status: 'completed', outcome: 'completed', result: 'Done.' };
const priced = (output: number) =>
  costMicrodollars({
    model: 'claude-sonnet-5-5',
    usage: { ...USAGE, output_tokens: output },
    at: Date.parse('2026-11-22'),
  });

describe('arguments nested deeply', () => {
  it.each([49, 65, 5_000, 200_000])(
    '%d levels: the call is text, paid once, and the session goes on',
    async (levels) => {
      const t = await played([asked(callAt(0, 'toolu_1', 'put', nested(levels))), finish]);
      expect(await t.view()).toMatchObject(completed);
      expect(JSON.stringify((await t.rows()).find(({ role }) => role === 'assistant')!.content)).toContain(
        'nested more than 48 levels deep',
      );
      expect(t.ledger()).toMatchObject([{ class: 'settled', cost: priced(50) }, { class: 'settled' }]);
    },
  );

  it('48 levels are an ordinary call', async () => {
    const t = await played([asked(callAt(0, 'toolu_1', 'put', nested(48))), finish]);
    expect((await t.rows()).find(({ role }) => role === 'assistant')!.content[0]).toMatchObject({ type: 'tool_use' });
    expect(await t.view()).toMatchObject(completed);
  });

  it('at the start of a block, or in a block of another kind', async () => {
    const deep = JSON.parse(nested(3_000)) as Json;
    const t = await played([
      asked(block(0, { type: 'tool_use', id: 'toolu_1', name: 'put', input: deep })),
      said(block(0, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: deep }), textAt(1, 'So.')),
      finish,
    ]);
    expect((await t.rows()).map(({ role }) => role).filter((role) => role === 'assistant')).toHaveLength(2);
    expect(await t.view()).toMatchObject({ status: 'completed' });
  });
});

describe('a reply that cannot be taken in', () => {
  const broken: Record<string, Json[]> = {
    'a delta without its block': [
      start(),
      { type: 'content_block_delta', index: 3, delta: { type: 'text_delta', text: 'x' } },
    ],
    'a delta that is no object': [
      start(),
      ...block(0, { type: 'text', text: '' }).slice(0, 1),
      { type: 'content_block_delta', index: 0, delta: 7 },
    ],
    'text that is no text': [start(), ...block(0, { type: 'text', text: '' }, { type: 'text_delta', text: { a: 1 } })],
    'an endless text': [
      start(),
      ...Array.from({ length: 18 }, () => textAt(0, 'x'.repeat(1_000_000))).flat(),
      ...stop('end_turn', USAGE),
    ],
    'endless blocks': [
      start(),
      ...Array.from({ length: 17_000 }, (_, i) => ({
        type: 'content_block_start',
        index: i,
        content_block: { type: 'text', text: '' },
      })),
    ],
    'a citation nested deeply': [
      start(),
      ...block(0, { type: 'text', text: 'x' }).slice(0, 1),
      {
        type: 'content_block_delta',
        raw: `{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":${nested(5_000)}}}`,
      },
    ],
    'a start without usage': [start(null)],
  };

  it.each(Object.entries(broken))('%s: charged three times, then paused; a resume tries again', async (_, events) => {
    let good = false;
    const t = await played([() => (good ? finish : events)]);
    expect(await t.view()).toMatchObject({
      status: 'paused',
      error: { code: 'unusable_reply', message: expect.stringContaining('could not be taken in') },
    });
    expect(t.ledger()).toHaveLength(3);
    expect(t.ledger().every((line) => line.class === 'unknown' && line.cost > 0n)).toBe(true);
    good = true;
    await t.userSessions.command('u1', 'ses_1', { type: 'resume' }, 'op_1');
    await t.play();
    expect(await t.view()).toMatchObject(completed);
  });

  it('one among good ones only costs its bound and a pause of seconds', async () => {
    const t = await played([broken['a delta that is no object']!, finish]);
    expect(await t.view()).toMatchObject(completed);
    expect(t.memory()).toMatchObject({ failures: 0, doubts: 0 });
  });

  it('since the store refuses it: the same, and nothing of it is stored', async () => {
    const refusing = (world: World) => ({
      sessions: {
        ...world.sessions,
        settle: (...[id, fence, settlement]: Parameters<World['sessions']['settle']>) =>
          JSON.stringify(settlement.turns).includes('poison')
            ? Promise.reject(new Unstorable('value out of range'))
            : world.sessions.settle(id, fence, settlement),
      },
    });
    const t = await played([said(textAt(0, 'poison'))], { with: refusing });
    expect(await t.view()).toMatchObject({ status: 'paused', error: { code: 'unusable_reply' } });
    expect(t.ledger().map(({ class: sort }) => sort)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(await t.rows()).toHaveLength(1);
  });

  it('since the core itself throws: the same', async () => {
    const poisoned = (world: World) => ({
      model: {
        ...world.model,
        think: async (...args: Parameters<World['model']['think']>) => {
          const thought = await world.model.think(...args);
          return { ...thought, reply: { ...(thought as { reply: object }).reply, content: null } } as never;
        },
      },
    });
    const t = await played([said(textAt(0, 'Hi.'))], { with: poisoned });
    expect(await t.view()).toMatchObject({ status: 'paused', error: { code: 'unusable_reply' } });
    expect(t.ledger()).toHaveLength(3);
  });

  it('showing it may throw: the reply is not lost', async () => {
    const draft = () => {
      throw new Error('no view');
    };
    const t = await played([said(textAt(0, 'Hi.'))], {
      with: (world) => ({ live: { ...world.live, draft, open: async () => ({ watched: true }) } }),
    });
    expect(await t.view()).toMatchObject({ status: 'completed', result: 'Hi.' });
  });
});

describe('a time to wait that nobody means', () => {
  const DAY_MS = 86_400_000;
  it.each([
    ['retry-after', '99999999999'],
    ['retry-after', 'Fri, 31 Dec 9999 23:59:59 GMT'],
    ['retry-after-ms', '99999999999999999999'],
  ])('%s: %s sleeps a day at most, then looks again', async (name, value) => {
    const t = await played([{ status: 429, headers: { [name]: value } }, finish], { naps: 0 });
    const { wakeAt, ...view } = await t.view();
    expect(view).toMatchObject({ status: 'sleeping', sleepReason: 'rate_limit' });
    expect(wakeAt! - t.now()).toBeGreaterThan(DAY_MS - 60_000);
    expect(wakeAt! - t.now()).toBeLessThanOrEqual(DAY_MS);
    t.setNow(wakeAt!);
    await t.play();
    expect(await t.view()).toMatchObject(completed);
  });
});
