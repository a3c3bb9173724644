/** A checkpoint of every release so far opens and goes on under today's code; one of a newer release waits for it, and loses nothing. */
import { describe, expect, it } from 'vitest';
import { freshMemory, Memory } from '../../lib/core/memory.ts';
import { freshRow } from '../../lib/testing/memory/user-sessions.ts';
import { faultsOf } from '../kit/history.ts';
import { newSession, settleDown, testWorld, withUser } from '../kit/world.ts';
import { type Checkpoint, releases, schemaNow } from './checkpoints.ts';
import { finish, ID, SCENARIOS, USER } from './scenarios.ts';

const all = releases();

/** The session as that release left it, in a world of today; whatever was added since has the default that its column has. */
async function opened({ memory, facts, files, due, cost, name: _, ...columns }: Checkpoint) {
  const t = testWorld((_turns, i) => finish(i + 1_000));
  await withUser(t, 10_000_000n, USER);
  const { maxCost, ...given } = facts as { maxCost: string | null };
  t.store.sessions.set(ID, {
    ...freshRow(t.store, USER, newSession({ ...given, maxCost: maxCost === null ? null : BigInt(maxCost) })),
    ...structuredClone(columns),
    ...{ memory, fence: 7, savedFence: 7, cost: BigInt(cost), due: due ?? Number.POSITIVE_INFINITY },
    files: new Map(
      files.map(({ path, mode, content }) => [
        path,
        { path, mode, content: Buffer.from(content, 'base64'), updatedAt: 0 },
      ]),
    ),
  });
  return t;
}
type Opened = Awaited<ReturnType<typeof opened>>;

/** Whatever it waits for comes: a morning, a user's word or an answer. */
const untilItEnds = async (t: Opened) => {
  for (let n = 0; n < 5; n++) {
    await settleDown(t);
    const view = (await t.userSessions.get(USER, ID))!;
    if (view.status === 'sleeping' || view.status === 'budget_exceeded') t.setNow(view.wakeAt!);
    else if (view.status === 'paused') await t.userSessions.command(USER, ID, { type: 'resume' }, `op-${n}`);
    else if (view.status === 'waiting_for_input')
      await t.userSessions.command(USER, ID, { type: 'message', content: 'Go on.' }, `op-${n}`);
    else return view;
  }
  throw new Error('it never ends');
};

it('has checkpoints of every kind, of the first release and of today’s shape', () => {
  expect(all[0]?.name).toBe('checkpoint-v1-0.1.0.jsonl');
  expect(all.at(-1)?.checkpoints.map(({ name }) => name)).toEqual(Object.keys(SCENARIOS));
  expect(
    all.at(-1)?.schema,
    'Memory has another shape than the newest fixture. Give what is new a default, so that older checkpoints open; then: ' +
      'node test/upgrade/write-checkpoints.ts',
  ).toEqual(JSON.parse(JSON.stringify(schemaNow())));
});

describe.each(all)('$name', ({ checkpoints }) => {
  it.each(checkpoints.map((one) => [one.name, one] as const))('opens and goes on: %s', async (_name, checkpoint) => {
    expect(Memory.safeParse(checkpoint.memory).success).toBe(true);
    const t = await opened(checkpoint);
    const before = { rows: checkpoint.rows.length, journal: checkpoint.journal.length };
    const started = checkpoint.calls.filter(({ done, startedBy }) => !done && startedBy !== null);
    const view = await untilItEnds(t);
    const row = t.store.sessions.get(ID)!;
    expect(row.rows.slice(0, before.rows)).toEqual(checkpoint.rows);
    expect(row.journal.slice(0, before.journal)).toEqual(checkpoint.journal);
    expect(faultsOf(row.rows)).toEqual([]);
    expect(row.cost).toBe(BigInt(checkpoint.cost) + t.bill.reduce((a, b) => a + b, 0n));
    for (const { input } of started) expect([...t.paid]).not.toContain(input.key);
    if (checkpoint.state.state === 'ended') return expect(t.bill).toEqual([]);
    expect(view).toMatchObject({ status: 'completed', result: 'Done.', error: null });
    expect(Memory.parse(row.memory)).toEqual(row.memory);
    for (const { path } of checkpoint.files) expect(row.files.has(path)).toBe(true);
  });

  it('is left as it is where it is of a newer version, and goes on once that version runs', async () => {
    for (const checkpoint of checkpoints.filter(({ state }) => state.state !== 'ended')) {
      const newer = { ...checkpoint.memory, v: freshMemory().v + 1, plan: { steps: [1, { two: true }] } };
      const t = await opened({ ...checkpoint, memory: newer, desired: 'run' });
      const row = t.store.sessions.get(ID)!;
      await t.userSessions.command(USER, ID, { type: 'wake' }, 'op-wake');
      await settleDown(t);
      expect(await t.userSessions.get(USER, ID), checkpoint.name).toMatchObject({
        status: 'paused',
        error: { code: 'newer_checkpoint', message: expect.stringContaining('Nothing is lost') },
      });
      const { rows, calls, inbox, inboxTaken, iteration } = row;
      expect({ rows, calls, inbox, inboxTaken, iteration, memory: row.memory }).toEqual({
        ...{
          rows: checkpoint.rows,
          calls: checkpoint.calls,
          inbox: checkpoint.inbox,
          inboxTaken: checkpoint.inboxTaken,
        },
        ...{ iteration: checkpoint.iteration, memory: newer },
      });
      expect(t.bill).toEqual([]);
      row.memory = checkpoint.memory;
      await t.userSessions.command(USER, ID, { type: 'resume' }, 'op-resume');
      expect(await untilItEnds(t), checkpoint.name).toMatchObject({ status: 'completed' });
    }
  });
});
