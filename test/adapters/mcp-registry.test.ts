/** The MCP client against servers of the registry, as people run them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { clientOf, everything, memoryGraph } from '../kit/mcp-servers.ts';

const { signal } = new AbortController();

it('server-everything: its tools but for tasks, and a session over two processes', async () => {
  const server = await everything();
  onTestFinished(server.close);
  const first = await clientOf(server.url).connect('notes', null, signal);
  expect(first.leftOut.map(({ name }) => name)).toEqual(['simulate-research-query']);
  expect(first.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['echo', 'get-env', 'get-tiny-image']));
  expect(first.state.session).not.toBeNull();
  await first.close();
  const again = await clientOf(server.url).connect('notes', first.state, signal);
  expect(again.state).toEqual(first.state);
  expect((await again.call('echo', { message: 'hello' }, signal)).content).toContain('hello');
  expect((await again.call('get-tiny-image', {}, signal)).content).toContain('[image of the type image/png');
  expect(await again.call('echo', { nope: 1 }, signal)).toMatchObject({ isError: true });
  await again.close();
  // This server answers 400 to a session that it does not know.
  const anew = await clientOf(server.url).connect('notes', { ...first.state, session: 'gone' }, signal);
  expect(anew.state.session).not.toBe('gone');
  await anew.close();
});

it.each([false, true])('server-memory, stateful %s: what it writes is in its file', async (stateful) => {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-mcp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const server = await memoryGraph(folder, { stateful });
  onTestFinished(server.close);
  const graph = await clientOf(server.url).connect('notes', null, signal);
  const entities = [{ name: 'Jupiter', entityType: 'planet', observations: ['large'] }];
  await graph.call('create_entities', { entities }, signal);
  const again = await clientOf(server.url).connect('notes', graph.state, signal);
  expect((await again.call('read_graph', {}, signal)).content).toContain('Jupiter');
  await Promise.all([graph.close(), again.close()]);
  expect(readFileSync(join(folder, 'memory.jsonl'), 'utf8')).toContain('Jupiter');
});
