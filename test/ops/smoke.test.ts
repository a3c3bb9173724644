/** The smoke test against the whole local system, and against deployments that are not well. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LocalSystem, startLocal } from '../../lib/local/system.ts';
import { smoke } from '../../lib/ops/smoke.ts';
import { installedServers } from '../kit/servers.ts';

describe('on a system that is well', () => {
  let system: LocalSystem;
  beforeAll(async () => {
    system = await startLocal({ concurrency: 2, ...(await installedServers()) });
    const change = { subscription_budget_microdollars: 300_000_000 };
    const headers = { authorization: `Bearer ${system.adminKey}`, 'content-type': 'application/json' };
    const url = `${system.url}/v1/admin/users/${system.userId}`;
    const { ok } = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(change) });
    expect(ok).toBe(true);
  });
  afterAll(() => system?.close());

  it('passes 40 iterations, sleeps and is woken early', async () => {
    const lines: string[] = [];
    await smoke({
      url: system.url,
      key: system.apiKey,
      show: (line) => lines.push(line),
      pollMs: 100,
      patienceMs: 100_000,
    });
    expect(lines.join('\n')).toMatch(/completed after 4\d iterations for \$0\.\d+: the chain is not cut/);
    expect(lines.join('\n')).toMatch(/woken early and completed: slept and woke/);
    expect(lines.at(-1)).toMatch(/^All is well, after \d+ s\.$/);
  }, 120_000);
});

describe('on one that is not', () => {
  let server: Server | null = null;
  afterEach(() => new Promise((done) => server?.close(done)));

  /** A deployment that answers every session with this. */
  const answering = async (session: object): Promise<string> => {
    server = createServer((request, response) =>
      response.end(
        JSON.stringify(request.url === '/healthz' ? { status: 'ok' } : { id: 'ses_1', wake_at: null, ...session }),
      ),
    );
    await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const run = async (session: object) =>
    smoke({ url: await answering(session), key: 'ck_x', show: () => {}, pollMs: 1, patienceMs: 20 });

  it.each([
    [
      'a chain that stops',
      { status: 'working', iteration_number: 16 },
      /counting to 40: still working at iteration 16/,
    ],
    ['a session that fails', { status: 'failed', iteration_number: 3, error: { message: 'no' } }, /is failed: no/],
    ['an agent that takes short cuts', { status: 'completed', iteration_number: 2 }, /ended after 2 iterations/],
    ['a session that does not sleep', { status: 'completed', iteration_number: 40 }, /is completed instead of asleep/],
  ])('notices %s', async (_, session, says) => {
    await expect(run({ cost_microdollars: 1, error: null, result: null, ...session })).rejects.toThrow(says);
  });

  it('says who does not answer, or what does instead', async () => {
    const ask = (url: string) => smoke({ url, key: 'ck_x', show: () => {} });
    await expect(ask('http://127.0.0.1:9')).rejects.toThrow(/^GET http:\/\/127.0.0.1:9\/healthz: no answer \(.+\)\.$/);
    server = createServer((_, response) => response.end('<h1>Parked</h1>'));
    await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    await expect(ask(`http://127.0.0.1:${port}`)).rejects.toThrow(/not Circadian \(<h1>Parked/);
  });
});
