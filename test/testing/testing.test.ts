/** `circadian/testing` as users have it: what it runs, what time and money do in it, and what it says of mistakes. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import { defineConfig, defineTool, ToolFailure } from '../../lib/index.ts';
import {
  call,
  overloaded,
  type Player,
  reply,
  type TestHttp,
  type TestingOptions,
  testing,
  unreachable,
} from '../../lib/testing/index.ts';

const weather = defineTool({
  name: 'weather',
  description: 'The temperature at a place, in degrees Celsius.',
  input: z.object({ place: z.string() }),
  effect: 'pure',
  price: 2_000,
  secrets: ['WEATHER_KEY'],
  async run({ place }, context) {
    const answer = await context.http(`https://weather.example/${place}?key=${context.secret('WEATHER_KEY')}`);
    if (answer.status !== 200) throw new ToolFailure('There is no such place.');
    return { content: answer.text(), cost: 1_500 };
  },
});
const config = defineConfig({
  tools: [weather],
  agents: [
    {
      ...{ name: 'clerk', description: 'Looks things up.', system: 'Be brief.', tools: ['weather', 'write_file'] },
      approvals: { write_file: 'ask' },
    },
  ],
});
const given = (more: TestingOptions = {}) => testing({ config, budget: '$30', http: () => 'mild', ...more });

/** Asks for another place each time, as an agent does that has no end. */
function traveller(): Player {
  let places = 0;
  return () => {
    places += 1;
    return reply(call('weather', { place: `place-${places}` }));
  };
}

it('runs an agent with its tools on the real loop, API and prices', async () => {
  const asked: string[] = [];
  await using t = await given({
    secrets: { WEATHER_KEY: 'hidden-for-ever' },
    http(url) {
      asked.push(url);
      return url.includes('oslo') ? '-3' : { status: 404, body: '' };
    },
  });
  t.model.script(
    reply('I look.', call('weather', { place: 'oslo' }), call('weather', { place: 'nowhere' })),
    (request) =>
      reply(`It said ${JSON.stringify(request.messages.at(-1)).includes('-3') ? 'minus three' : 'nothing'}.`),
  );
  const session = await t.start({ goal: 'How cold is Oslo?', agent: 'clerk' });
  expect(session.status).toBe('working');
  await t.run();
  expect(session).toMatchObject({ status: 'completed', result: 'It said minus three.' });
  expect(asked).toEqual([
    ...['https://weather.example/oslo?key=hidden-for-ever', 'https://weather.example/nowhere?key=hidden-for-ever'],
  ]);
  expect(session.cost).toBe(t.model.bill + 1_500 + 2_000);
  const events = await session.events();
  expect(events.filter(({ type }) => type === 'agent.tool.result')).toMatchObject([
    { is_error: false, content: '-3' },
    { is_error: true },
  ]);
  expect(JSON.stringify(events)).not.toContain('hidden-for-ever');
});

it('waits for a person, and runs what was approved', async () => {
  await using t = await given();
  t.model.script(reply(call('write_file', { path: '/a.txt', content: 'hello' })), 'Written.');
  const session = await t.start({ goal: 'Write it.', agent: 'clerk' });
  await t.run();
  expect(session.status).toBe('waiting_for_input');
  await session.decide('approve');
  await t.run();
  expect(session.status).toBe('completed');
  expect(await session.file('a.txt')).toBe('hello');
});

it('sleeps when the day is used up, and goes on in the next', async () => {
  await using t = await given({ budget: '$9' });
  t.model.play(traveller());
  const session = await t.start({ goal: 'Look often.', agent: 'clerk', max_iterations: 1_000 });
  await t.run();
  expect(session).toMatchObject({ status: 'sleeping', view: { sleep_reason: 'allowance' } });
  const [first] = await t.days();
  expect(first!.spent_microdollars).toBeGreaterThan(0.5 * first!.daily_budget_microdollars);
  expect(first!.spent_microdollars).toBeLessThanOrEqual(first!.hard_ceiling_microdollars);
  await t.clock.advance('1 day');
  expect((await session.events()).some(({ type }) => type === 'agent.waking')).toBe(true);
  expect(await t.days()).toHaveLength(2);
});

it('plays a month of a schedule and a worker, and tells what each day cost', async () => {
  await using t = await given();
  const travels = traveller();
  t.model.play((request, index) => {
    if (JSON.stringify(request.messages[0]).includes('Report.')) return reply('All is well.');
    return index % 4 === 3 ? reply(call('sleep', { note: 'More tomorrow.' })) : travels(request, index);
  });
  await t.client.schedules.create({
    ...{ name: 'report', cron: '0 9 * * *', time_zone: 'UTC', max_cost_microdollars: 100_000 },
    template: { goal: 'Report.', agent: 'clerk' },
  });
  await t.start({ goal: 'Look every day.', agent: 'clerk' });
  await t.clock.to('2026-12-30T23:00:00Z');
  const days = await t.days();
  expect(days.map(({ date }) => date.slice(-2))).toEqual(
    Array.from({ length: 30 }, (_, i) => `${i + 1}`.padStart(2, '0')),
  );
  for (const { spent_microdollars: spent, hard_ceiling_microdollars: ceiling } of days) {
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(ceiling);
  }
  // The tool is paid, too, and three looks a day cost what it says.
  const looks = 30 * 3 * 1_500;
  expect(days.reduce((sum, day) => sum + day.spent_microdollars, 0)).toBe(t.model.bill + looks);
  const reports = [];
  for await (const session of t.client.sessions.list()) if (session.goal === 'Report.') reports.push(session.status);
  expect(reports).toEqual(Array(30).fill('completed'));
});

it('waits out a provider that is overloaded', async () => {
  await using t = await given();
  t.model.script(overloaded(), 'Done.');
  const session = await t.start('Do it.');
  await t.run();
  expect(session).toMatchObject({ status: 'sleeping', view: { sleep_reason: 'overloaded' } });
  await t.clock.advance('1 hour');
  expect(session.status).toBe('completed');
});

it('says which request the script does not have, and which steps nobody asked for', async () => {
  const t = await given();
  t.model.script(reply(call('weather', { place: 'oslo' })));
  await t.start({ goal: 'Look.', agent: 'clerk' });
  await expect(t.run()).rejects.toThrow(
    'The model was asked for a reply that the script does not have: it has 1 step, and this was request 2',
  );
  t.model.script('one', 'two');
  expect(() => t.done()).toThrow(`The model was not asked for 2 steps of the script's 3.`);
  await t[Symbol.asyncDispose]();
  const other = await given();
  other.model.script('one');
  await expect(other[Symbol.asyncDispose]()).rejects.toThrow('The next would have been [{"type":"text","text":"one"}]');
});

it('fails by what a step checks', async () => {
  await using t = await given();
  t.model.script((request) => {
    expect(request.tools?.map(({ name }) => name)).toContain('no_such_tool');
    return reply('Never.');
  });
  await t.start({ goal: 'Look.', agent: 'clerk' });
  await expect(t.run()).rejects.toThrow('no_such_tool');
});

/** What the tool had of an answer. */
async function toldBy(http: TestHttp): Promise<string> {
  const peek = defineTool({
    name: 'peek',
    description: 'Looks at an address.',
    input: z.object({}),
    effect: 'pure',
    async run(_, context) {
      const { status, headers, text } = await context.http('https://peek.example/a');
      return JSON.stringify([status, headers, text()]);
    },
  });
  const agents = [{ name: 'clerk', description: 'Looks.', system: 'Be brief.', tools: ['peek'] }];
  await using t = await testing({ config: defineConfig({ tools: [peek], agents }), http });
  t.model.script(reply(call('peek')), 'Done.');
  const session = await t.start({ goal: 'Look.', agent: 'clerk' });
  await t.run();
  const result = (await session.events()).find((event) => event.type === 'agent.tool.result');
  return String(result?.content);
}

it.each<[what: string, http: TestHttp, told: unknown]>([
  ['a promise', async () => 'mild', [200, {}, 'mild']],
  ['a status alone', () => ({ status: 404 }), [404, {}, '']],
  [
    'a whole answer',
    () => ({ status: 201, headers: { 'X-A': '1' }, body: { id: 1 } }),
    [201, { 'x-a': '1' }, '{"id":1}'],
  ],
  ['JSON with a field body', () => ({ id: 1, body: 'words' }), [200, {}, '{"id":1,"body":"words"}']],
  ['JSON with a field status', () => ({ status: 'open' }), [200, {}, '{"status":"open"}']],
  ['an object without a field', () => ({}), [200, {}, '{}']],
])('takes %s for what it is', async (_, http, told) => {
  expect(JSON.parse(await toldBy(http))).toEqual(told);
});

it('fails by what the web of the test checks, and tells the tool only of a fault that is meant', async () => {
  const checking = () => {
    expect('https://peek.example/a').toBe('https://peek.example/b');
    return '';
  };
  await expect(toldBy(checking)).rejects.toThrow('peek.example/b');
  expect(await toldBy(() => unreachable())).toContain('The connection to https://peek.example failed: ECONNREFUSED.');
});

it('counts replies through a summary, which is among the requests', async () => {
  await using t = await given({ settings: { COMPACT_AT_TOKENS: '20000' } });
  const indexes: number[] = [];
  t.model.play((_, index) => {
    indexes.push(index);
    if (index === 8) return reply('Done.');
    return reply('so long a story '.repeat(1_000), call('weather', { place: `place-${index}` }));
  });
  const session = await t.start({ goal: 'Look.', agent: 'clerk' });
  await t.run();
  expect(session.status).toBe('completed');
  expect((await session.events()).some(({ type }) => type === 'agent.compacted')).toBe(true);
  expect(indexes).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(t.model.requests.length).toBeGreaterThan(indexes.length);
});

it('asks nobody outside, and says so to the agent', async () => {
  await using t = await testing({ config });
  t.model.script(reply(call('weather', { place: 'oslo' })), 'Gone.');
  const session = await t.start({ goal: 'Look.', agent: 'clerk' });
  await t.run();
  const [result] = (await session.events()).filter(({ type }) => type === 'agent.tool.result');
  expect(result).toMatchObject({ is_error: true, content: expect.stringContaining('A test asks nobody on the web') });
});

it.each([
  [{ budget: 'much' }, 'much is no amount of money.'],
  [{ now: 'today' }, 'today is no date'],
  [{ renews: 'soon' }, 'soon is no date on which a budget can begin anew. Write it as 2026-12-31'],
  [{ renews: '2026-02-30' }, '2026-02-30 is no date on which a budget can begin anew.'],
  [{ renews: '2026-12-31T23:30:00' }, '2026-12-31T23:30:00 is no date on which a budget can begin anew.'],
  [{ now: '2026-12-01T09:00:00' }, 'no instant with its zone'],
  [{ settings: { MAX_OUTPUT_TOKEN: '4000' } }, 'MAX_OUTPUT_TOKEN is no setting'],
  [{ settings: { SEARCH_SERVICE: 'brave' } }, 'SEARCH_SERVICE leads out of the test.'],
  [{ config: { agents: [{ ...config.agents![0]!, tools: ['no_such'] }] } }, 'no_such'],
])('refuses %j with a sentence', async (wrong, sentence) => {
  await expect(given(wrong)).rejects.toThrow(sentence);
});

it('moves the clock on alone', async () => {
  await using t = await given();
  await t.clock.to('2026-12-05T12:00:00Z');
  expect(t.clock.now()).toBe(Date.parse('2026-12-05T12:00:00Z'));
  await expect(t.clock.to('2026-12-01')).rejects.toThrow('The clock cannot go back: it is 2026-12-05T12:00:00.000Z');
  await expect(t.clock.advance('2 moons' as never)).rejects.toThrow('2 moons is no span of time.');
});

it.each([
  ['2026-12-31', '2026-12-31'],
  ['2026-12-31T23:30:00-02:00', '2027-01-01'],
  [undefined, '2026-12-31'],
])('the budget begins anew on %s, as the API takes it', async (renews, date) => {
  await using t = await given({ ...(renews !== undefined && { renews }) });
  expect((await t.client.budget.get()).subscription.renewal_date).toBe(date);
});
