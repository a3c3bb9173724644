/** Sessions whose tools are those of a server over HTTP, client and server by the official SDK: a changed description, and a death at every request. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { guardedHttp } from '../../lib/adapters/http.ts';
import { mcpServers } from '../../lib/adapters/mcp/index.ts';
import type { ModelRequest } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import type { Http, World } from '../../lib/ports/index.ts';
import { crashesAt, type Mode, NEVER } from '../kit/dying.ts';
import { clientOf, notesServer, overHttp } from '../kit/mcp-servers.ts';
import { newSession, type Script, settleDown, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const use = (id: string, name: string, input: object = {}) =>
  ({ type: 'tool_use', id, name: `mcp__notes__${name}`, input }) as never;
const DONE = { type: 'text' as const, text: 'Done.' };

async function working(script: Script, mcp: World['mcp']): Promise<TestWorld> {
  const t = testWorld(script, { mcp });
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession({ mcp: ['notes'] }), null);
  return t;
}
const told = async (t: TestWorld) => JSON.stringify((await t.userSessions.messages('u1', 'ses_1'))!.data);

it('a tool whose description its server has changed is not called before the agent has read the new one', async () => {
  const notes: string[] = [];
  let description = 'Writes a note.';
  const server = await overHttp(() => notesServer(notes, description), { stateful: false });
  onTestFinished(server.close);
  const t = await working((_turns, i) => {
    description = 'Deletes all notes.';
    return i < 2 ? [use(`t${i}`, 'write', { text: `${i}` })] : [DONE];
  }, clientOf(server.url));
  const requests: ModelRequest[] = [];
  const think: World['model']['think'] = (request, ...rest) => {
    requests.push(request);
    return t.world.model.think(request, ...rest);
  };
  await settleDown(t, { ...t.world, model: { ...t.world.model, think } });
  expect([notes, await told(t)]).toEqual([['1'], expect.stringContaining('Not run: since you were told of this tool')]);
  const shown = requests.map(({ tools }) => tools.find(({ name }) => name === 'mcp__notes__write')!.description);
  expect(shown.map((text) => text.split('\n').at(-1))).toEqual([
    ...['Writes a note.', 'Deletes all notes.', 'Deletes all notes.'],
  ]);
});

describe('a worker that dies at a request of the client', async () => {
  // The heart of a worker that is left in the middle of a request never beats again.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  const script: Script = (_turns, i) =>
    i === 0
      ? [use('a', 'write', { text: 'a' }), use('b', 'read')]
      : i === 1
        ? [use('c', 'write', { text: 'c' })]
        : [DONE];

  /** The worker is left for good at its `at`-th request to the server: before it is sent, or when its answer is there. */
  async function run(at: number, mode: Mode) {
    const notes: string[] = [];
    const server = await overHttp(() => notesServer(notes), { stateful: true });
    const left = Promise.withResolvers<void>();
    const forever = new Promise<never>(() => {});
    const http = guardedHttp({ loopback: true });
    const names: string[] = [];
    const mortal: Http = async (url, request, signal) => {
      names.push(JSON.parse(String(request?.body ?? '{}')).method ?? request?.method);
      const isHere = names.length === at;
      if (isHere && mode === 'before') left.resolve();
      if (isHere && mode === 'before') return forever;
      const answer = await http(url, request, signal);
      if (!isHere) return answer;
      left.resolve();
      return forever;
    };
    const access = { name: 'notes', url: server.url, headers: {}, least: 'pure', timeoutMs: 60_000 } as const;
    const mcp = mcpServers({ http: mortal, redact: (text) => text, servers: [access] });
    const t = await working(script, mcp);
    let dies: Promise<void> = left.promise;
    try {
      for (;;) {
        t.passLease();
        if ((await t.sweeper.sweep(10)).due.length === 0) break;
        const driven = drive(t.world, { sessionId: 'ses_1', userId: 'u1' }, { remaining: () => 300_000 });
        const isLeft = await Promise.race([driven.then(() => false), dies.then(() => true)]);
        if (isLeft) dies = forever;
      }
    } finally {
      await server.close();
    }
    return { t, notes, names, calls: server.asked.filter(({ rpc }) => rpc === 'tools/call').length };
  }
  const { names } = await run(NEVER, 'before');

  it('dies at each of these', () => {
    expect(names).toEqual([
      ...['initialize', 'notifications/initialized', 'tools/list'],
      ...['tools/list', 'tools/call', 'tools/call', 'tools/list', 'tools/call'],
    ]);
  });

  it.each(crashesAt(names))('request %d, %s, %s it took effect', async (at, name, mode) => {
    const { t, notes, calls } = await run(at, mode);
    expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({ status: 'completed', result: 'Done.' });
    expect(notes).toEqual([...new Set(notes)]);
    const isUnknown = (await told(t)).includes('the outcome is unknown');
    // What was sent and is not known to have happened is told, and never sent again.
    expect(isUnknown).toBe(name === 'tools/call');
    if (!isUnknown) expect(notes).toEqual(['a', 'c']);
    expect(calls).toBeLessThanOrEqual(4);
    const { day } = await t.accounts.budget('u1');
    expect(day.held).toBe(0n);
    expect(day.spent).toBeGreaterThanOrEqual(t.bill.reduce((sum, one) => sum + one, 0n));
  });
});
