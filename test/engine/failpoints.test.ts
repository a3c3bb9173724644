/** Failpoints: told before and after every call of a port, in order; and what one throws ends the invocation there. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import { driveWithFailpoints, type FailpointName, fetchWithFailpoints } from '../kit/failpoints.ts';
import { newSession, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const hint = { sessionId: 'ses_1', userId: 'u1' };
const limits = { remaining: () => 300_000 };
const use = (id: string, name: string, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  id,
  name,
  input,
});

const begun = async (): Promise<TestWorld> => {
  const t = testWorld((_turns, i) => [use(`t${i}`, 'pay', { key: `k${i}` })]);
  await withUser(t, 10_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  return t;
};

const ITERATION: FailpointName[] = [
  ...([
    'received',
    'opening',
    'opened',
    'claiming',
    'claimed',
    'reserving',
    'reserved',
    'thinking',
    'thought',
  ] as const),
  ...(['settling', 'settled', 'marking_tool', 'tool_marked', 'running_tool', 'loading_files', 'files_loaded'] as const),
  ...(['tool_ran', 'saving', 'saved', 'chaining', 'chained', 'mirroring', 'mirrored', 'finished'] as const),
];

describe('failpoints', () => {
  it('are told of every call of an iteration, in order', async () => {
    const t = await begun();
    const told: FailpointName[] = [];
    await driveWithFailpoints(t.world, hint, limits, (name) => void told.push(name));
    expect(told).toEqual(ITERATION);
  });

  it('end the invocation where one throws', async () => {
    for (const last of ['claimed', 'settled', 'tool_ran', 'saved'] as const) {
      const t = await begun();
      const told: FailpointName[] = [];
      const failpoint = (name: FailpointName) => {
        told.push(name);
        if (name === last) throw new Error(`ended at ${name}`);
      };
      await expect(driveWithFailpoints(t.world, hint, limits, failpoint)).rejects.toThrow(`ended at ${last}`);
      expect(told).toEqual(ITERATION.slice(0, ITERATION.indexOf(last) + 1));
    }
  });

  it('pass a stream on to the last byte, and tell of its head and events before what follows them', async () => {
    const text = [
      ...[
        'event: message_start\ndata: {"ä":1}\n\n',
        'event: ping\ndata: {}\n\n',
        'event: content_block_delta\ndata: 🦉\n\n',
      ],
      ...['event: content_block_delta\ndata: 2\n\n', 'event: message_stop\ndata: {}\n\n', ': end'],
    ].join('');
    const server = createServer(async (request, response) => {
      if (request.url !== '/v1/messages') return response.end('counted');
      // Byte by byte, and some in one piece.
      for (const byte of Buffer.from(text.slice(0, 60))) response.write(Buffer.of(byte));
      response.end(text.slice(60));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const told: string[] = [];
    const wrapped = fetchWithFailpoints(fetch, (name) => void told.push(name));
    expect(await (await wrapped(`${url}/v1/messages/count_tokens`)).text()).toBe('counted');
    expect(told).toEqual([]);
    expect(await (await wrapped(`${url}/v1/messages`)).text()).toBe(text);
    expect(told).toEqual(['connected', 'message_started', 'streaming', 'streaming', 'message_stopped']);
    const failing = fetchWithFailpoints(fetch, (name) => {
      if (name === 'message_stopped') throw new Error('made to fail');
    });
    const read: string[] = [];
    const { body } = await failing(`${url}/v1/messages`);
    const whole = (async () => {
      for await (const piece of body!) read.push(new TextDecoder().decode(piece));
    })();
    await expect(whole).rejects.toThrow('made to fail');
    expect(read.at(-1)).toBe('event: message_stop\ndata: {}\n\n');
  });
});
