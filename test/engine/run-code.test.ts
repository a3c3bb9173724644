/**
 * A crash at every call of every port while an agent rents machines: each result is kept once with its cost, and a machine whose
 * result was lost is charged with its whole price.
 */
import { describe, expect, it } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import type { Machine } from '../../lib/ports/index.ts';
import { runCode } from '../../lib/tools/run-code.ts';
import { crashesAt, dying, type Mode, NEVER } from '../kit/dying.ts';
import { faultsOf } from '../kit/history.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const [MOST, COST] = [1_860n, 62n];
const use = (id: string, keep: string): Block => ({
  ...{ type: 'tool_use', id, name: 'run_code' },
  input: { command: `make ${keep}`, keep: [keep] },
});
const script: Script = (_turns, i) =>
  i === 0 ? [use('t1', 'a'), use('t2', 'b')] : i === 1 ? [use('t3', 'c')] : [{ type: 'text', text: 'Done.' }];

async function run(at: number, mode: Mode) {
  /** One script for each machine that a vendor bills. */
  const rented: string[] = [];
  const machine: Machine = {
    ...{ seconds: 60, most: MOST },
    async run({ command, keep }) {
      rented.push(command);
      const files = keep.map((path) => ({ path, content: new TextEncoder().encode(command) }));
      return { run: { exitCode: 0, stdout: command, stderr: '', files, lost: [] }, cost: COST };
    },
  };
  const t = testWorld(script, { tools: [runCode({ machine })] });
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  const { world, names } = dying(t.world, at, mode);
  await settleDown(t, world);
  const rows = await t.accounts.usage('u1', { from: '2026-01-01', to: '2027-01-01' }, 'model');
  const { cost, unknown } = rows.find(({ key }) => key === 'run_code')!;
  return { t, names, rented, cost, unknown };
}

describe('a crash at every port call', async () => {
  const { names } = await run(NEVER, 'before');

  it('covers the money of a machine and the machine', () => {
    expect(names.filter((name) => /holdTool|startTool|tools.run|save/.test(name))).toEqual([
      ...['sessions.holdTool', 'tools.run', 'sessions.holdTool', 'tools.run', 'sessions.save'],
      ...['sessions.holdTool', 'tools.run', 'sessions.save', 'sessions.save'],
    ]);
  });

  it.each(crashesAt(names))('call %d, %s, %s it took effect', async (at, name, mode) => {
    const { t, rented, cost, unknown } = await run(at, mode);
    expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({ status: 'completed', result: 'Done.' });
    expect(faultsOf((await t.userSessions.messages('u1', 'ses_1'))!.data)).toEqual([]);
    const files = await t.world.sessions.files('ses_1');
    expect(files.map(({ path, content }) => `${path} ${new TextDecoder().decode(content)}`).sort()).toEqual([
      ...['/a make a', '/b make b', '/c make c'],
    ]);
    const journal = (await t.userSessions.events('u1', 'ses_1', { after: 0, limit: 1_000 }))!;
    const results = journal.filter(({ type }) => type === 'agent.tool.result').map(({ data }) => data);
    expect(results).toMatchObject(['a', 'b', 'c'].map(() => ({ is_error: false, cost_microdollars: Number(COST) })));
    // Three results, and the whole price of what was held and has none.
    expect([cost - unknown, unknown % MOST, unknown <= 2n * MOST]).toEqual([3n * COST, 0n, true]);
    expect(unknown).toBeGreaterThanOrEqual(BigInt(rented.length - 3) * COST);
    if (name === 'tools.run' && mode === 'after') expect([rented.length > 3, unknown > 0n]).toEqual([true, true]);
    const { day } = await t.accounts.budget('u1');
    expect(day.held).toBe(0n);
    expect(day.spent).toBeGreaterThanOrEqual([...t.bill, cost].reduce((sum, one) => sum + one, 0n));
  });
});
