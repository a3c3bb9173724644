import { describe, expect, it } from 'vitest';
import { csv } from '../../lib/http/csv.ts';
import { api } from './kit.ts';

/** Two sessions of a user with a few calls each; Haiku's first was made for iteration 1 and so on. */
async function spending() {
  const { call, user, start, world } = api();
  const key = await user('ada');
  const ids = [await start(key), await start(key)];
  const usage = { input_tokens: 100, output_tokens: 20 };
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

  it('is CSV for who accepts that', async () => {
    const { get } = await spending();
    const answer = await get('group_by=model', { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('vary')).toMatch(/accept/i);
    expect(answer.text).toBe(
      'key,calls,cost_microdollars,unknown_microdollars,input_tokens,output_tokens\r\n' +
        'claude-haiku-5-5,6,42,0,600,120\r\n',
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
