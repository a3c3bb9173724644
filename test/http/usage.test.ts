import { describe, expect, it } from 'vitest';
import { csv } from '../../lib/http/csv.ts';
import { api } from './kit.ts';

/** Two sessions of a user with a few calls each; Haiku's first was made for iteration 1 and so on. */
async function spending() {
  const { call, user, start, world } = api();
  const key = await user('ada');
  const ids = [await start(key), await start(key)];
  const usage = {
    ...{ input_tokens: 100, output_tokens: 20, cache_read_input_tokens: 30, cache_creation_input_tokens: 6 },
    cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 2 },
  };
  const model = 'claude-haiku-5-5';
  for (const sessionId of ids)
    for (const iteration of [1, 2, 10])
      await world.purse.record({ userId: 'ada', sessionId, iteration, model, usage, cost: 7n, at: world.now() });
  const get = (query: string, headers = {}) => call('GET', `/v1/usage?${query}`, { key, headers });
  return { ids: ids.sort(), get };
}

describe('GET /v1/usage', () => {
  it('groups by iteration, in the order of their numbers', async () => {
    const { ids, get } = await spending();
    const { json } = await get('group_by=iteration');
    expect(json.data.map(({ key }: { key: string }) => key)).toEqual(
      ids.flatMap((id) => [1, 2, 10].map((iteration) => `${id}:${iteration}`)),
    );
    expect(json.data[0]).toMatchObject({ calls: 1, cost_microdollars: 7 });
  });

  it('tells of one session when asked', async () => {
    const { ids, get } = await spending();
    expect((await get(`session_id=${ids[0]}`)).json.data).toMatchObject([{ calls: 3, cost_microdollars: 21 }]);
    expect((await get('session_id=ses_other')).json.data).toEqual([]);
    expect((await get('session_id=%20')).json.code).toBe('invalid_request');
  });

  it('sums hours of at most 31 days, in pages', async () => {
    const { call, user, world } = api();
    const key = await user('ada');
    const model = 'claude-haiku-5-5';
    for (const [iteration, hour] of [0, 1, 25].entries()) {
      world.setNow(Date.parse('2026-11-10T08:00:00Z') + hour * 3_600_000);
      const spent = { userId: 'ada', sessionId: 'ses_1', model, usage: {} as never, at: 0 };
      await world.purse.record({ ...spent, iteration, cost: BigInt(iteration + 1) });
    }
    const get = async (query: string) => (await call('GET', `/v1/usage?group_by=hour${query}`, { key })).json;
    const first = await get('&from=2026-11-01&to=2026-12-01&limit=2');
    const second = await get(`&from=2026-11-01&to=2026-12-01&cursor=${first.next_cursor}`);
    const rows = [...first.data, ...second.data].map(({ key, cost_microdollars: cost }) => [key, cost]);
    expect(rows).toEqual([
      ['2026-11-10T08:00:00.000Z', 1],
      ['2026-11-10T09:00:00.000Z', 2],
      ['2026-11-11T09:00:00.000Z', 3],
    ]);
    for (const query of ['', '&from=2026-11-01', '&from=2026-11-01&to=2026-12-02', '&to=1970-02-01'])
      expect(await get(query), query).toMatchObject({
        ...{ code: 'invalid_request', detail: expect.stringContaining('at most 31 days') },
        errors: [{ path: 'from' }],
      });
    for (const forged of ['2026-11-10', '2026-11-10T25:00:00.000Z', 'x']) {
      const cursor = Buffer.from(forged).toString('base64url');
      expect((await get(`&from=2026-11-10&to=2026-11-10&cursor=${cursor}`)).code, forged).toBe('invalid_request');
    }
  });

  it('tells the five classes of tokens apart, as they are priced', async () => {
    const { get } = await spending();
    expect((await get('group_by=day')).json.data).toEqual([
      {
        ...{ key: '2026-11-10', calls: 6, cost_microdollars: 42, unknown_microdollars: 0, input_tokens: 600 },
        ...{ cache_write_5m_tokens: 24, cache_write_1h_tokens: 12, cache_read_tokens: 180, output_tokens: 120 },
      },
    ]);
  });

  it('is CSV for who accepts that', async () => {
    const { get } = await spending();
    const answer = await get('group_by=model', { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('vary')).toMatch(/accept/i);
    expect(answer.text).toBe(
      'key,calls,cost_microdollars,unknown_microdollars,input_tokens,cache_write_5m_tokens,cache_write_1h_tokens,' +
        'cache_read_tokens,output_tokens\r\nclaude-haiku-5-5,6,42,0,600,24,12,180,120\r\n',
    );
  });

  it.each(['*/*', 'application/json', 'text/html', 'text/csv;q=0.5, application/json'])(
    'is JSON for who accepts %s',
    async (accept) => {
      const { get } = await spending();
      expect((await get('', { accept })).headers.get('content-type')).toMatch(/^application\/json/);
    },
  );

  it('answers with a problem whatever is accepted', async () => {
    const { get } = await spending();
    const answer = await get('group_by=mood', { accept: 'text/csv' });
    expect([answer.status, answer.json.code]).toEqual([422, 'invalid_request']);
  });
});

describe('three hundred thousand iterations', () => {
  const COUNT = 300_000;
  /** One who has them, in a ledger that says what of it was asked for. */
  async function busy(broken = Number.POSITIVE_INFINITY) {
    const limits: number[] = [];
    const keys = Array.from({ length: COUNT }, (_, i) => `ses_1:${i}`);
    const { hono, call, user } = api(({ accounts }) => ({
      accounts: {
        ...accounts,
        usage: async (_user, _range, _group, page) => {
          limits.push(page?.limit ?? COUNT);
          if (limits.length > broken) throw new Error('gone');
          const from = page?.after ? keys.indexOf(page.after) + 1 : 0;
          const cached = { cacheWrite5mTokens: 2, cacheWrite1hTokens: 3, cacheReadTokens: 4 };
          const row = { calls: 1, cost: 7n, unknown: 0n, inputTokens: 1, ...cached, outputTokens: 5 };
          return keys.slice(from, from + (page?.limit ?? COUNT)).map((key) => ({ key, ...row }));
        },
      },
    }));
    const key = await user('ada');
    const get = (query = '') => call('GET', `/v1/usage?group_by=iteration${query}`, { key });
    const headers = { authorization: `Bearer ${key}`, accept: 'text/csv' };
    return { limits, get, csv: () => hono.request('/v1/usage?group_by=iteration', { headers }) };
  }

  it('are answered in pages, also to who asks for more', async () => {
    const { limits, get } = await busy();
    const first = await get();
    expect(first.json.data).toHaveLength(1_000);
    const second = await get(`&limit=10000&cursor=${first.json.next_cursor}`);
    expect(second.json.data[0].key).toBe('ses_1:1000');
    expect(second.json.data).toHaveLength(10_000);
    expect(Math.max(...limits)).toBeLessThanOrEqual(10_001);
    expect((await get('&limit=10001')).json.code).toBe('invalid_request');
    for (const forged of ['ses_1', 'ses_1:', ':1', 'x:1e9', '2026-11-10']) {
      const cursor = Buffer.from(forged).toString('base64url');
      expect((await get(`&cursor=${cursor}`)).json.code, forged).toBe('invalid_request');
    }
  });

  it('are a whole table to a spreadsheet, read in pages and only as they are taken', async () => {
    const { limits, csv } = await busy();
    const answer = await csv();
    expect(limits.length).toBeLessThan(4);
    const lines = (await answer.text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(COUNT + 1);
    expect([lines[1], lines.at(-1)]).toEqual(['ses_1:0,1,7,0,1,2,3,4,5', `ses_1:${COUNT - 1},1,7,0,1,2,3,4,5`]);
    expect(lines.filter((line) => line.startsWith('key'))).toHaveLength(1);
    expect(Math.max(...limits)).toBeLessThanOrEqual(5_001);
  });

  it('of which a part could not be read are no table: the answer breaks off', async () => {
    const { csv } = await busy(3);
    await expect((await csv()).text()).rejects.toThrow();
    expect((await (await busy(0)).csv()).status).toBe(500);
  });
});

describe('csv', () => {
  it('quotes what would break the table, and lets no name be a formula', () => {
    const rows = ['a,b', 'say "hi"', 'two\nlines', '=1+1', '@x', '-3', 'plain'].map((key) => ({ key, n: -1 }));
    expect(csv(['key', 'n'], rows).split('\r\n')).toEqual([
      'key,n',
      '"a,b",-1',
      '"say ""hi""",-1',
      '"two\nlines",-1',
      "'=1+1,-1",
      "'@x,-1",
      "'-3,-1",
      'plain,-1',
      '',
    ]);
  });
});
