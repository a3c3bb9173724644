/**
 * The dashboard before a whole product in memory: the API over HTTP, the engine that moves its sessions, a scripted model that tests can hold, and a
 * clock that runs and can be moved. One per test file.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Block } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import { app } from '../../lib/http/app.ts';
import { mintKey, sha256 } from '../../lib/http/auth/api-keys.ts';
import { writeFile } from '../../lib/tools/write-file.ts';
import { type Script, testWorld } from '../kit/world.ts';

export const ADMIN = 'operator-key-of-the-tests';
const MODELS = ['claude-haiku-5-5', 'claude-sonnet-5-5'];
const PUMP_MS = 30;

export type Steps = (index: number, said: string) => Block[];

export async function startStage({ now = '2026-11-10T08:00:00Z', holds = true } = {}) {
  /** By a word of the goal. */
  const scripts = new Map<string, Steps>();
  const script: Script = (turns, index) => {
    const text = JSON.stringify(turns[0]);
    const [, steps] = [...scripts].find(([word]) => text.includes(word)) ?? [];
    return steps?.(index, JSON.stringify(turns.at(-1))) ?? [{ type: 'text', text: 'Done.' }];
  };
  const t = testWorld(script, { now, tools: [writeFile] });
  /** While it is held, the model is thinking. */
  let gate = Promise.resolve();
  let open = () => {};
  const hold = () => {
    open();
    gate = new Promise((resolve) => {
      open = resolve;
    });
  };
  const world = {
    ...t.world,
    model: {
      ...t.world.model,
      think: async (...[request, hooks]: Parameters<typeof t.world.model.think>) => {
        if (holds) hooks.onText?.('Let me see what there is to do here…');
        await gate;
        return t.world.model.think(request, hooks);
      },
    },
    asks: () => false,
  };
  const agents = ['assistant', 'builder'].map((name) => ({
    name,
    description: `The ${name} works on its own.`,
    tools: ['look', 'put', 'pay', 'write_file'].map((tool) => ({
      name: tool,
      description: tool,
      effect: 'pure' as const,
      price: null,
    })),
  }));
  const hono = app({
    ...t,
    adminKeyHash: sha256(ADMIN),
    agents,
    defaultsOf: () => ({ model: 'claude-sonnet-5-5', effort: 'medium', maxOutputTokens: 8_000 }),
    isKnownModel: (model) => MODELS.includes(model),
    knownModels: MODELS,
    tierModels: { economy: 'claude-haiku-5-5', standard: 'claude-sonnet-5-5' },
    tierBudgets: { economy: 20_000_000n },
    tierSessions: { economy: 2 },
    log: () => {},
  });

  /** What broke in the engine. */
  const failures: unknown[] = [];
  const working = new Set<Promise<void>>();
  let pumping = true;
  async function pump(): Promise<void> {
    let last = performance.now();
    while (pumping) {
      const at = performance.now();
      t.advance(Math.round(at - last));
      last = at;
      const { due } = await t.sweeper.sweep(100);
      const hints = [...t.queue.take().map(({ sessionId: id, userId }) => ({ id, userId })), ...due];
      for (const { id, userId } of hints) {
        const run = drive(world, { sessionId: id, userId }, { remaining: () => 300_000 }).catch(
          (error: unknown) => void failures.push(error),
        );
        working.add(run);
        void run.finally(() => working.delete(run));
      }
      await new Promise((resolve) => setTimeout(resolve, PUMP_MS));
    }
  }
  const pumped = pump();

  const requests: string[] = [];
  /** What is being answered. */
  const unanswered = new Set<string>();
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests.push(`${request.method} ${request.url}`);
    const asked = `${request.url}`;
    unanswered.add(asked);
    response.on('close', () => unanswered.delete(asked));
    const body = Buffer.concat(await request.toArray());
    if (request.url === '/local/clock') {
      if (request.method === 'POST') {
        const { advance_ms: ms, now: to } = JSON.parse(body.toString()) as { advance_ms?: number; now?: string };
        t.advance(to === undefined ? (ms ?? 0) : Math.max(0, Date.parse(to) - t.now()));
      }
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ now: new Date(t.now()).toISOString() }));
      return;
    }
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const answer = await hono.request(`http://${request.headers.host}${request.url}`, {
      method: request.method!,
      headers: request.headers as Record<string, string>,
      ...(body.length > 0 && { body }),
      signal: gone.signal,
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (!answer.body) return void response.end();
    Readable.fromWeb(answer.body as never)
      .on('error', () => response.destroy())
      .pipe(response);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** A user with so much a day for twenty days, and a key. */
  const user = async (id: string, daily: number): Promise<string> => {
    await t.accounts.putUser(id, {
      tier: 'standard',
      budget: BigInt(daily * 20),
      renewalDate: '2026-11-30',
      wakePolicy: 'auto',
    });
    const { key, ...row } = mintKey();
    await t.accounts.addKey(id, { ...row, name: 'test' });
    return key;
  };
  const call = async (key: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    return text === '' ? null : (JSON.parse(text) as any);
  };

  let people = 0;
  /** A user of a test's own, with so many microdollars a day. */
  const person = async (daily = 120_000) => {
    const id = `own-${++people}`;
    const key = await user(id, daily);
    return {
      ...{ id, key },
      call: (method: string, path: string, body?: unknown) => call(key, method, path, body),
      address: (path: string) => `${url}${path}#key=${key}`,
    };
  };

  return {
    ...{ t, url, user, person, call, scripts, requests, unanswered, hold, failures },
    release: () => open(),
    /** Breaks every connection. */
    cut: () => server.closeAllConnections(),
    async close() {
      pumping = false;
      open();
      server.closeAllConnections();
      await Promise.all([pumped, new Promise((resolve) => server.close(resolve))]);
      await Promise.all(working);
    },
  };
}

export type AppStage = Awaited<ReturnType<typeof startStage>>;

export const use = (id: string, name: string, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  id: `toolu_${id.padEnd(24, '0')}`,
  name,
  input,
});
export const text = (said: string): Block => ({ type: 'text', text: said });
