/** What a tool of one's own is given and what becomes of what it answers, wherever it runs. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { defineTool, type RunContext, ToolFailure } from '../../lib/index.ts';
import { redactor } from '../../lib/observe/redact.ts';
import { configuredTool, type Facilities, GRACE_MS, NO_FACILITIES } from '../../lib/tools/configured.ts';
import { call, context, tree } from './kit.ts';

const SECRET = 'wk-0123456789abcdef';
const asked: unknown[] = [];
const facilities: Facilities = {
  ...NO_FACILITIES,
  http: async (...request) => {
    asked.push(request);
    return { status: 204, url: 'x', headers: {}, body: new Uint8Array(), cut: false, text: () => '', json: () => null };
  },
  secret: (name) => (name === 'WEATHER_KEY' ? SECRET : 'of another tool'),
  redact: redactor([SECRET]),
};
const running = (
  run: (context: RunContext) => unknown,
  more: { effect?: 'pure' | 'once'; secrets?: string[]; given?: Facilities } = {},
) => {
  const { effect = 'pure', secrets = ['WEATHER_KEY'], given = facilities } = more;
  const tool = defineTool({
    ...{ name: 'weather', description: 'Says the weather.', effect, secrets, input: z.object({}) },
    run: (_, context) => run(context) as string,
  });
  return configuredTool(tool, given);
};

afterEach(() => void vi.useRealTimers());

describe('a tool of one’s own', () => {
  it('is given the secrets that it declared, and no others', async () => {
    const asks = (name: string, secrets?: string[]) =>
      call(
        running(({ secret }) => `${secret(name).length}`, { secrets }),
        {},
      );
    expect(await asks('WEATHER_KEY')).toEqual({ content: `${SECRET.length}`, isError: false });
    for (const [name, secrets, declares] of [
      ['OTHER', ['WEATHER_KEY'], 'WEATHER_KEY'],
      ['WEATHER_KEY', [], 'none'],
    ] as const)
      expect(await asks(name, [...secrets])).toEqual({
        content: `weather failed: it has no secret "${name}": its definition declares ${declares}`,
        isError: true,
      });
  });

  it.each([
    ['a result', () => `it is ${SECRET}`],
    ['a failure', () => ({ content: `no ${SECRET}`, isError: true })],
    [
      'what it throws',
      () => {
        throw new Error(`refused: ${Buffer.from(`me:${SECRET}`).toString('base64')}`);
      },
    ],
    [
      'what it tells the model',
      () => {
        throw new ToolFailure(`not with ${SECRET}`);
      },
    ],
  ])('shows no secret in %s', async (_, run) => {
    const { content } = await call(running(run), {});
    expect(content).toContain('[redacted]');
    expect(content).not.toMatch(/wk-|0123456789|d2stMDEy/);
  });

  it('shows no half of a secret where its result is cut', async () => {
    const half = 15_000;
    for (let shift = 0; shift < SECRET.length + 60; shift += 3) {
      const { content } = await call(
        running(() => 'x'.repeat(half - shift) + SECRET + 'y'.repeat(3 * half)),
        {},
      );
      expect(content, `${shift}`).not.toMatch(/wk-|cdef/);
    }
  });

  it('asks through the guard, and its requests end with the call', async () => {
    const { signal } = new AbortController();
    await call(
      running(async ({ http }) => String((await http('https://a.example', { method: 'PUT' })).status)),
      ...[{}, tree(), signal],
    );
    expect(asked).toEqual([['https://a.example', { method: 'PUT' }, signal]]);
  });

  it.each([
    ['nothing', undefined],
    ['a number', 7],
    ['an object', { degrees: 7 }],
  ])('that returns %s is told to have failed', async (_, answer) => {
    expect(
      await call(
        running(() => answer),
        {},
      ),
    ).toEqual({
      content: 'weather failed: weather returned no text, so there is nothing to show',
      isError: true,
    });
  });

  it.each([
    ['pure', /Call it again/],
    ['once', /Its outcome is unknown/],
  ] as const)('with the effect %s that does not end when it is told to is left behind', async (effect, told) => {
    vi.useFakeTimers();
    const stop = new AbortController();
    const tool = running(() => new Promise(() => {}), { effect });
    let seen: { content: string; isError: boolean } | null = null;
    const ended = tool.call({}, context(tree(), stop.signal)).then((result) => {
      seen = result;
    });
    stop.abort();
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1);
    expect(seen).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    await ended;
    expect(seen).toMatchObject({ isError: true, content: expect.stringMatching(told) });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such town');
      },
    ],
    ['asks elsewhere and fails', () => Promise.reject(new Error('no such town'))],
  ])('whose check of the input %s is told to have failed, and does not run', async (_, check) => {
    const run = vi.fn(() => 'ran');
    const input = z.object({ town: z.string().refine(check) });
    const definition = defineTool({ name: 'weather', description: 'Says the weather.', effect: 'pure', input, run });
    expect(await call(configuredTool(definition, facilities), { town: 'x' })).toEqual({
      content: 'weather failed: no such town',
      isError: true,
    });
    expect(run).not.toHaveBeenCalled();
  });

  it('that ends in time when it is told to has its own say', async () => {
    const stop = new AbortController();
    const tool = running(({ signal }) => {
      const ended = new Promise((resolve) => signal.addEventListener('abort', () => resolve('half done')));
      stop.abort();
      return ended;
    });
    expect(await tool.call({}, context(tree(), stop.signal))).toEqual({ content: 'half done', isError: false });
  });

  it('does not make an observation of files that cannot be had', async () => {
    const away = new Error('no network');
    const tool = running(async ({ files }) => String(await files()), { given: NO_FACILITIES });
    await expect(tool.call({}, { ...context(tree()), files: () => Promise.reject(away) })).rejects.toBe(away);
  });
});
