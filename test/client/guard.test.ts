/** What the client does not do: tell a key, follow elsewhere, wait for ever. */
import { describe, expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import { all, served } from './kit.ts';

/** A machine that sends everything on to somewhere else. */
const elsewhere = () =>
  ({
    user: async () => 'k',
    hono: { fetch: () => new Response(null, { status: 302, headers: { location: '/x' } }) },
  }) as never;

describe('a key', () => {
  const BROKEN = 'ck_first\nck_second';

  it('that is none is refused at once, and never told', async () => {
    expect(() => createClient({ url: 'http://127.0.0.1:1', key: BROKEN })).toThrow(/^The key is empty, or has/);
    const { url, sent } = await served();
    const failed = await createClient({ url, key: async () => BROKEN })
      .me()
      .catch((error) => error);
    expect(failed.message).toMatch(/^The key is empty, or has/);
    expect(`${failed.stack} ${failed.cause}`).not.toContain('ck_');
    expect(sent).toEqual([]);
  });

  it('is not sent on to where an answer points', async () => {
    const { client, sent } = await served({}, () =>
      Response.json({}, { status: 307, headers: { location: 'https://elsewhere.example.com/' } }),
    );
    await expect(client.me()).rejects.toMatchObject({
      ...{
        code: 'unknown',
        status: 307,
        message: expect.stringContaining('sends on to https://elsewhere.example.com/'),
      },
    });
    await expect(all(client.sessions.events('ses_1'))).rejects.toMatchObject({ status: 307 });
    expect(sent).toHaveLength(2);
    const { url } = await served({ t: elsewhere() });
    await expect(createClient({ url, key: 'k' }).me()).rejects.toMatchObject({ status: 302 });
  });
});

it.each([
  ['a page', '<html>', 'text/html'],
  ['a text', 'It works!', 'text/plain'],
])('says of %s that it is no Circadian', async (_, text, type) => {
  const { client } = await served({}, () => new Response(text, { headers: { 'content-type': type } }));
  await expect(client.me()).rejects.toMatchObject({
    code: 'unknown',
    message: expect.stringContaining('no Circadian'),
  });
});

describe('bytes', () => {
  const begun = (then: (controller: ReadableStreamDefaultController) => void) => () =>
    new Response(
      new ReadableStream(
        { start: (controller) => controller.enqueue(new Uint8Array(3)), pull: then },
        { highWaterMark: 0 },
      ),
    );

  it('that break off fail as every answer does', async () => {
    const { client } = await served(
      {},
      begun((controller) => controller.error(new TypeError('terminated'))),
    );
    await expect(client.files.bytes('ses_1', 'a')).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('that stop coming are waited for no longer than the client was told to', async () => {
    const { client } = await served(
      { timeoutMs: 1 },
      begun(() => {}),
    );
    await expect(client.files.bytes('ses_1', 'a')).rejects.toMatchObject({ code: 'timeout' });
  });
});

it('ends each request with the signal that it was given, and asks for nothing of that name', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  const { client, sent } = await served({}, ({ signal }) => {
    signal.throwIfAborted();
    return null;
  });
  for (const asked of [
    () => client.me({ signal }),
    () => client.sessions.export('ses_1', { signal }),
    () => client.files.text('ses_1', 'a', { signal }),
    () => client.memories.text('m', 'a', { signal }),
    () => client.webhooks.get('w', { signal }),
    () => client.schedules.run('s', { signal }),
    () => all(client.schedules.list({ signal })),
    () => all(client.schedules.runs('s', { signal })),
    () => all(client.triggers.list({ signal })),
    () => all(client.memories.list({ signal })),
  ])
    await expect(asked()).rejects.toThrow('enough');
  expect(sent.filter(({ path }) => path.includes('signal'))).toEqual([]);
});
