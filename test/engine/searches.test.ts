/** How often a session searches: counted in its row, over summaries, crashes and days, and what its agent sees of it. */
import { describe, expect, it } from 'vitest';
import type { Block, ToolResultBlock } from '../../lib/core/session.ts';
import type { Search, World } from '../../lib/ports/index.ts';
import { webSearch } from '../../lib/tools/web-search.ts';
import { crashesAt, dying, type Mode, NEVER } from '../kit/dying.ts';
import { faultsOf } from '../kit/history.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const PRICE = 5_000n;
const HOUR = 3_600_000;
let id = 0;
const use = (name: string, input: object): Block => ({ type: 'tool_use', id: `toolu_${++id}`, name, input });
const search = (query: string) => use('web_search', { query });
const sleep = (minutes: number) => use('sleep', { minutes });
const text = (words: string): Block[] => [{ type: 'text', text: words }];

/** A session that may search `most` times a day, and what was asked at the service, was offered to its model, and was refused. */
async function searching(
  turns: Block[][] | Script,
  most: number | null,
  { price = PRICE as bigint | null, more = {} } = {},
) {
  const asked: string[] = [];
  const service: Search = async ({ query }) => {
    asked.push(query);
    return { results: [{ title: query, url: 'https://a.test/', text: '', date: null }] };
  };
  let compactions = 0;
  const script: Script = (messages, i) => {
    if (JSON.stringify(messages.at(-1)).includes('will be replaced by a summary')) {
      compactions += 1;
      return text('## Goal\nOn.');
    }
    return typeof turns === 'function' ? turns(messages, i) : (turns.shift() ?? text('Done.'));
  };
  const t = testWorld(script, { tools: [webSearch({ search: service, price })], ...more });
  await withUser(t, 50_000_000n);
  const web = { allow: null, deny: [], searchesPerDay: most };
  await t.userSessions.create('u1', newSession({ web }), null);
  const offered: boolean[] = [];
  const model: World['model'] = {
    ...t.world.model,
    think: (request, options) => {
      offered.push(request.tools.some(({ name }) => name === 'web_search'));
      return t.world.model.think(request, options);
    },
  };
  const world = { ...t.world, model };
  const results = async () =>
    (await t.userSessions.messages('u1', 'ses_1'))!.data
      .flatMap(({ content }) => content)
      .filter((block): block is ToolResultBlock => block.type === 'tool_result');
  const refused = async () => (await results()).flatMap((one) => (one.is_error ? [one.content] : []));
  const searches = async () => (await t.userSessions.get('u1', 'ses_1'))!.searches;
  return { t, world, asked, offered, refused, searches, compactions: () => compactions };
}

const SAID =
  'this session may search the web 2 times a day, and has done so. It can search again from 2026-11-23 00:00 UTC';

it('searches as often as it may, is told when it may again, and is offered the tool anew on the next day', async () => {
  const turns = [[search('a'), search('b'), search('c')], [sleep(60)], [search('d')], [sleep(24 * 60)], [search('e')]];
  const { t, world, asked, offered, refused, searches } = await searching(turns, 2);
  await settleDown(t, world);
  // The head stays as it was until the session rests: a change would cost its cached prompt.
  expect([asked, offered, await searches()]).toEqual([['a', 'b'], [true, true], 2]);
  expect(await refused()).toEqual([expect.stringContaining(SAID)]);
  t.setNow(t.now() + HOUR);
  await settleDown(t, world);
  expect([asked, offered]).toEqual([
    ['a', 'b'],
    [true, true, false, false],
  ]);
  expect(await refused()).toEqual([expect.stringContaining(SAID), expect.stringContaining(SAID)]);
  t.setNow(t.now() + 24 * HOUR);
  await settleDown(t, world);
  expect([asked, offered.slice(4), await searches()]).toEqual([['a', 'b', 'e'], [true, true], 1]);
  const { day } = await t.accounts.budget('u1');
  expect([await t.userSessions.get('u1', 'ses_1'), day.held]).toMatchObject([{ status: 'completed' }, 0n]);
  const usage = await t.accounts.usage('u1', { from: '2026-11-01', to: '2026-12-31' }, 'model');
  expect(usage.find(({ key }) => key === 'web_search')?.cost).toBe(3n * PRICE);
});

it('is not reset by a summary, which takes the searches out of its prompt', async () => {
  const look = (key: string) => use('look', { key });
  const turns = [[search('a')], [look('x')], [look('y')], [look('z')], [search('b')], [search('c')]];
  const { t, world, asked, refused, searches, compactions } = await searching(turns, 1, {
    more: { policy: { compactAtTokens: 1_050 } },
  });
  await settleDown(t, world);
  expect(compactions()).toBeGreaterThan(0);
  expect([asked, await searches()]).toEqual([['a'], 1]);
  for (const said of await refused()) expect(said).toContain('once a day');
});

it('is counted also where a search costs nothing', async () => {
  const { t, world, asked, searches } = await searching([[search('a'), search('b')]], 1, { price: null });
  await settleDown(t, world);
  expect([asked, await searches()]).toEqual([['a'], 1]);
});

it('is never offered where the limit is 0, and has no end where there is none', async () => {
  const none = await searching([[search('a')]], 0);
  await settleDown(none.t, none.world);
  expect([none.asked, none.offered]).toEqual([[], [false, false]]);
  expect(await none.refused()).toEqual(['Not run: this session may not search the web. Go on without.']);
  const free = await searching([[search('a'), search('b'), search('c')]], null);
  await settleDown(free.t, free.world);
  expect([free.asked.length, await free.searches()]).toEqual([3, 3]);
});

describe('a crash at every port call', async () => {
  const run = async (at: number, mode: Mode) => {
    // By its place: a reply that was lost is made once more.
    const turns = [[search('a'), search('b')], [search('c')]];
    const played = await searching((_, i) => turns[i] ?? text('Done.'), 1);
    const { world, names } = dying(played.world, at, mode);
    await settleDown(played.t, world);
    return { ...played, names };
  };
  const { names } = await run(NEVER, 'before');

  it('covers the count and the search', () => {
    for (const name of ['sessions.startSearch', 'tools.run', 'sessions.save']) expect(names).toContain(name);
  });

  it.each(crashesAt(names))('call %d, %s, %s it took effect', async (at, _name, mode) => {
    const { t, asked, refused, searches } = await run(at, mode);
    expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({ status: 'completed' });
    expect(faultsOf((await t.userSessions.messages('u1', 'ses_1'))!.data)).toEqual([]);
    // The one call that may search has its result, whoever died; a call that was made again may have been asked twice.
    expect([[...new Set(asked)], await searches(), (await refused()).length]).toEqual([['a'], 1, 2]);
    const { day } = await t.accounts.budget('u1');
    const billed = t.bill.reduce((a, b) => a + b, 0n) + BigInt(asked.length) * PRICE;
    expect(day.held).toBe(0n);
    expect(day.spent).toBeGreaterThanOrEqual(billed);
  });
});
