/** What of an MCP server's words and tools reaches a session: errors, refusals, the tools that it allows, and what counts as text from outside. */
import { expect, it } from 'vitest';
import { promptName } from '../../lib/engine/mcp-tools.ts';
import { memoryServer } from '../../lib/testing/memory/mcp.ts';
import { callOnce, DONE, results, tool, use, working } from '../kit/mcp-session.ts';
import { settleDown } from '../kit/world.ts';

it('says that the outcome is unknown where an answer did not come, and calls nothing again', async () => {
  const server = memoryServer([tool('write'), tool('put', { effect: 'idempotent' })]);
  server.answer = async () => Promise.reject(new Error('It gave no whole answer within 60 s.'));
  const w = await working((_turns, i) => (i === 0 ? [use('t0', 'write'), use('t1', 'put')] : [DONE]), server);
  await w.settle();
  const told = results(w.requests[1]!);
  const frame = (name: string) =>
    `^\\[from the web ([0-9a-f]{16})\\] What came in place of an answer of mcp__notes__${name}, of the MCP server "notes"\\. All up to`;
  const words = 'It gave no whole answer within 60 s\\.\n\n\\[end \\1\\]\n\n';
  expect(told).toEqual([
    expect.stringMatching(new RegExp(`${frame('write')}.*\n\n${words}The outcome is unknown: it may have happened\\.`)),
    expect.stringMatching(new RegExp(`${frame('put')}.*\n\n${words}Call it again if it is still needed\\.$`)),
  ]);
  expect(server.calls).toHaveLength(2);
});

it('cuts what a server sent in place of an answer', async () => {
  const server = memoryServer([tool('write')]);
  server.answer = async () => Promise.reject(new Error('<b>'.repeat(1_000_000)));
  const w = await working(callOnce, server);
  await w.settle();
  expect(results(w.requests[1]!)[0]!.length).toBeLessThan(3_000);
});

it('asks a server that has refused no second time in the same step', async () => {
  const server = memoryServer([tool('write')]);
  const w = await working((_turns, i) => {
    if (i === 0) server.refuses = 'away';
    return i === 0 ? [use('t0', 'write'), use('t1', 'write', { text: 'y' })] : [DONE];
  }, server);
  let tries = 0;
  const mcp = {
    connect(...asked: Parameters<typeof w.world.mcp.connect>) {
      tries++;
      return w.world.mcp.connect(...asked);
    },
  };
  await settleDown(w.t, { ...w.world, mcp });
  // The list, then one try for both calls.
  expect(tries).toBe(2);
  expect(results(w.requests[1]!)).toEqual(
    Array(2).fill(expect.stringMatching(/^Not run: The MCP server notes is away/)),
  );
});

it('gives a session that names its tools no others of a server', async () => {
  const server = memoryServer([tool('write'), tool('read')]);
  const w = await working(callOnce, server, { tools: ['look', promptName('notes', 'write')] });
  await w.settle();
  const names = w.requests[0]!.tools.map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(['look', promptName('notes', 'write'), 'finish']);
  expect((await w.taken())[0]).toMatchObject({ added: ['write'] });
});

it.each([
  [{}, false],
  [{ memoryName: 'team' }, true],
])('counts the descriptions as text from outside where there is a memory: %o', async (over, outside) => {
  const w = await working(() => [DONE], memoryServer([tool('write')]), over);
  await w.settle();
  expect((w.t.store.sessions.get('ses_1')!.memory as { outside: boolean }).outside).toBe(outside);
});
