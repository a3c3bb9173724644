/**
 * A user writes a file at every call of every port, and the worker dies there or lives. The file is never lost and never taken twice, and the agent
 * is told once. Where the agent wrote the same file without knowing of the user's, the user's stands.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import type { World } from '../../lib/ports/index.ts';
import { Crash, NEVER } from '../kit/dying.ts';
import { faultsOf } from '../kit/history.ts';
import { throughPorts } from '../kit/through-ports.ts';
import { newSession, type Script, settleDown, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const use = (id: string, name: string, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  id,
  name,
  input,
});

const textOf = (block: Block) => String((block as { text?: unknown }).text);

/** The second of its replies writes /c. */
const work: Script = (_turns, i) => {
  if (i === 0) return [use('t0', 'look', { key: 'a' })];
  if (i === 1) return [use('t1', 'put', { key: 'c' })];
  if (i === 2) return [use('t2', 'look', { key: 'e' })];
  return [{ type: 'text', text: 'Done.' }];
};

const MOMENTS = ['before', 'after', 'before, and it dies', 'after, and it dies'] as const;
type Moment = (typeof MOMENTS)[number];

/** The world in which `happens` before or after its `at`-th port call, and the process dies there or not. */
const interrupted = (world: World, at: number, moment: Moment, happens: () => Promise<unknown>) =>
  throughPorts(world, async (call, act) => {
    const here = call === at;
    if (here && moment.startsWith('before')) await happens();
    if (here && moment === 'before, and it dies') throw new Crash();
    const result = await act();
    if (here && moment.startsWith('after')) await happens();
    if (here && moment === 'after, and it dies') throw new Crash();
    return result;
  });

const run = async (at: number, moment: Moment) => {
  const t = testWorld(work);
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  const operation = randomUUID();
  const write = { path: '/c', content: new TextEncoder().encode('theirs') };
  const put = () => t.userSessions.writeFile('u1', 'ses_1', write, operation);
  let answer: Awaited<ReturnType<typeof put>> = null;
  const { world, names } = interrupted(t.world, at, moment, async () => {
    answer = await put();
    // The answer was lost, and the request is sent again.
    if (!('refused' in answer!)) await put();
  });
  await settleDown(t, world);
  return { t, names, answer: answer as Awaited<ReturnType<typeof put>> };
};

async function whatRemains({ userSessions, sessions }: TestWorld) {
  const rows = (await userSessions.messages('u1', 'ses_1'))!.data;
  const tells = (blocks: Block[]) => blocks.filter((block) => textOf(block).includes('files of the workspace')).length;
  const events = (await userSessions.events('u1', 'ses_1', { after: 0, limit: 1_000 }))!;
  const toldAt = rows.find(({ content }) => tells(content) > 0)?.n ?? Number.POSITIVE_INFINITY;
  const wroteAt = rows.find(({ content }) => content.some((block) => (block as { id?: string }).id === 't1'))!.n;
  return {
    told: rows.reduce((sum, { content }) => sum + tells(content), 0),
    journalled: events.filter(({ type }) => type === 'agent.files_received').length,
    seen: new TextDecoder().decode((await userSessions.file('u1', 'ses_1', '/c'))!),
    workspace: (await sessions.files('ses_1'))
      .map(({ path, content }) => `${path} ${new TextDecoder().decode(content)}`)
      .sort(),
    knew: toldAt < wroteAt,
    faults: faultsOf(rows),
  };
}

describe('a file of a user', async () => {
  const { names } = await run(NEVER, 'before');

  it('is tried at every request of an iteration', () => {
    const requests = ['claim', 'reserve', 'settle', 'files', 'save'].map((name) => `sessions.${name}`);
    expect(names).toEqual(
      expect.arrayContaining([...requests, 'model.think', 'tools.run', 'live.mirror', 'queue.send']),
    );
  });

  const cases = names.flatMap((name, i) => MOMENTS.map((moment) => [i + 1, name, moment] as const));
  it.each(cases)('at call %d, %s, %s', async (at, _name, moment) => {
    const { t, answer } = await run(at, moment);
    expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({ status: 'completed', result: 'Done.' });
    const { told, journalled, seen, workspace, knew, faults } = await whatRemains(t);
    const taken = !('refused' in answer!);
    if (!taken) expect(answer).toEqual({ refused: 'ended' });
    expect([told, journalled, faults]).toEqual([taken ? 1 : 0, taken ? 1 : 0, []]);
    const stands = taken && !knew ? 'theirs' : 'c';
    expect([seen, workspace]).toEqual([stands, ['/a a', `/c ${stands}`, '/e e']]);
  });

  it('is taken at most of these moments, and both outcomes come', async () => {
    const outcomes = new Set<string>();
    for (const [at, , moment] of cases.filter((_, i) => i % 7 === 0)) {
      const { t, answer } = await run(at, moment);
      outcomes.add('refused' in answer! ? 'late' : (await whatRemains(t)).knew ? 'known' : 'unknown');
    }
    expect([...outcomes].sort()).toEqual(['known', 'late', 'unknown']);
  });
});
