/** Heads that a process holds: each is kept and asked for once, and their number is bounded. */
import { expect, it } from 'vitest';
import type { AgentSpec } from '../../lib/core/session.ts';
import { headKept, headsOf } from '../../lib/engine/heads.ts';
import { memoryHeads } from '../../lib/testing/memory/heads.ts';

const agent = (n: number): AgentSpec => ({ name: 'assistant', system: `Release ${n}.`, tools: [] });

it('holds the hundred that were used last, and asks anew for the others', async () => {
  const asked = { kept: 0, loaded: 0 };
  const port = memoryHeads();
  const heads: typeof port = {
    keep(...head) {
      asked.kept += 1;
      return port.keep(...head);
    },
    load(id) {
      asked.loaded += 1;
      return port.load(id);
    },
  };
  const world = { heads, log: () => {} };
  const first = await headKept(world, agent(0));
  for (let n = 1; n < 100; n++) await headKept(world, agent(n));
  await headKept(world, agent(0));
  expect(asked).toEqual({ kept: 100, loaded: 0 });
  // The second one goes, since the first was used after it.
  await headKept(world, agent(100));
  expect(await headsOf(world, agent(100), first.id!)).toMatchObject({ agent: { system: 'Release 0.' } });
  expect(asked).toEqual({ kept: 101, loaded: 0 });
  await headKept(world, agent(1));
  expect(asked).toEqual({ kept: 102, loaded: 0 });
  const { agent: found } = await headsOf(world, agent(100), (await headKept(world, agent(2))).id!);
  expect([found.system, asked.kept]).toEqual(['Release 2.', 103]);
});
