/** The step hook: told before and after every await, in order; and what it throws ends the invocation there. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import { FAILPOINTS, type FailpointName, withFailpoints } from '../../lib/ports/failpoints.ts';
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
  ...(['tool_ran', 'observed', 'saving', 'saved', 'chaining', 'chained', 'mirroring', 'mirrored', 'finished'] as const),
];

describe('the step hook', () => {
  it('is told of every await of an iteration, in order', async () => {
    const t = await begun();
    const told: FailpointName[] = [];
    await drive({ ...t.world, failpoint: (name) => void told.push(name) }, hint, limits);
    expect(told).toEqual(ITERATION);
  });

  it('ends the invocation where it throws', async () => {
    for (const last of ['claimed', 'settled', 'tool_ran', 'saved'] as const) {
      const t = await begun();
      const told: FailpointName[] = [];
      const failpoint = (name: FailpointName) => {
        told.push(name);
        if (name === last) throw new Error(`ended at ${name}`);
      };
      await expect(drive({ ...t.world, failpoint }, hint, limits)).rejects.toThrow(`ended at ${last}`);
      expect(told).toEqual(ITERATION.slice(0, ITERATION.indexOf(last) + 1));
    }
  });

  it('is not needed: without it only the work is done', async () => {
    expect(await withFailpoints(undefined, 'saving', 'saved', async () => 'done')).toBe('done');
  });

  it('has no name that nothing calls', () => {
    const files = readdirSync('lib', { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.ts') && path !== 'steps.ts',
    );
    const source = files.map((path) => readFileSync(`lib/${path}`, 'utf8')).join('\n');
    expect(FAILPOINTS.filter((name) => !source.includes(`'${name}'`))).toEqual([]);
  });
});
