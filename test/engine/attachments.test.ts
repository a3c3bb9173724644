/**
 * A message with a file comes at every call of every port, and the worker dies there or lives. Message and file are taken once, and the file is in the
 * workspace when the agent reads of it.
 */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { readFile } from '../../lib/tools/read-file.ts';
import { throughPorts } from '../kit/through-ports.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const MARK = 'attached, for read_file';
const use = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input });

async function run(at: number, dies: boolean) {
  let read = 0;
  const script: Script = (messages, i) => {
    const said = JSON.stringify(messages).split(MARK).length - 1;
    if (said > 0 && read === 0) {
      read += 1;
      return [use(`r${i}`, 'read_file', { path: 'new.txt' })];
    }
    return i < 2 ? [use(`t${i}`, 'put', { key: `k${i}` })] : [{ type: 'text', text: 'Done.' }];
  };
  const t = testWorld(script, { tools: [readFile] });
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  const operation = randomUUID();
  const files = [{ path: '/new.txt', content: new TextEncoder().encode('theirs') }];
  const say = () =>
    t.userSessions.command('u1', 'ses_1', { type: 'message', content: `Look. [${MARK}]`, files }, operation);
  let late = false;
  const { world, names } = throughPorts(t.world, async (call, act) => {
    if (call === at) {
      const answer = await say();
      late = typeof answer === 'object' && answer !== null && 'ended' in answer && answer.ended;
      if (!late) await say();
      if (dies) throw new Error('it dies');
    }
    return act();
  });
  await settleDown(t, world);
  const rows = (await t.userSessions.messages('u1', 'ses_1'))!.data;
  const of = (text: string) =>
    rows.flatMap(({ content }) => content).filter((b) => JSON.stringify(b).includes(text)).length;
  return { names, late, told: of(MARK), read: of('1\\ttheirs'), files: of('changed files of the workspace') };
}

it('is taken once with its file, whatever moment it comes at', async () => {
  const { names } = await run(Number.POSITIVE_INFINITY, false);
  const outcomes = new Set<boolean>();
  for (const [i] of names.entries()) {
    for (const dies of [false, true]) {
      const { late, ...found } = await run(i + 1, dies);
      outcomes.add(late);
      expect(found, `at call ${i + 1}, ${names[i]}`).toMatchObject(
        late ? { told: 0, read: 0, files: 0 } : { told: 1, read: 1, files: 1 },
      );
    }
  }
  expect(names.length).toBeGreaterThan(15);
  expect(outcomes).toContain(false);
});
