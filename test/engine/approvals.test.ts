/**
 * Calls that wait for a person. What runs is what was decided on, under every order of answers, messages, stops, expiries and deployments, and a crash at
 * every await: the whole space of two acts of people is played, the second at every call of every port.
 */
import { describe, expect, it } from 'vitest';
import { conversation } from '../../lib/core/context.ts';
import { FROM_OUTSIDE } from '../../lib/core/inbox.ts';
import { ASKED, CALL, DAY_MS, EDITED, type Stage, stage } from '../kit/approvals.ts';
import { Crash } from '../kit/dying.ts';

describe('a reply with a call that needs a person', () => {
  it('runs its free calls at once, saves them, and asks about the other', async () => {
    const s = await stage();
    await s.settle();
    expect(s.ran.map(({ name }) => name)).toEqual(['look', 'put']);
    expect([...s.row().files.keys()].sort()).toEqual(['/free', '/free too']);
    expect(await s.view()).toMatchObject({
      status: 'waiting_for_input',
      waiting: { kind: 'approval', approvals: [{ callId: CALL, tool: 'pay', input: ASKED, edited: false }] },
      activity: null,
    });
    expect([...s.t.store.holds.values()].filter((hold) => hold.class === 'held')).toEqual([]);
    await s.answer({ decision: 'approve' });
    await s.settle();
    expect(s.ran).toHaveLength(3);
    expect(s.paid()).toEqual([{ name: 'pay', input: ASKED, version: 1 }]);
    expect(await s.view()).toMatchObject({ status: 'completed', result: 'Done.', waiting: null });
  });

  it('shows the model the results in the order of its calls, whenever they came', async () => {
    const s = await stage();
    await s.settle();
    await s.answer({ decision: 'approve' });
    await s.settle();
    const rows = (await s.t.userSessions.messages('u1', 'ses_1'))!.data;
    expect(rows.filter(({ content }) => content.some(({ type }) => type === 'tool_result'))).toHaveLength(2);
    const told = conversation(rows, { system: true, stub: false })[3]!;
    expect(told.content.map((block) => (block as { content: string }).content)).toEqual([
      'did free',
      'did asked',
      'did free too',
    ]);
    // The requests themselves are judged by the rules of the API (mustBeServed).
    expect(s.t.refused).toEqual([]);
  });

  it.each([
    [{ decision: 'deny', reason: 'Too dear.' } as const, 'Not run: the person denied this call. They say: Too dear.'],
    [
      'expiry' as const,
      'Not run: nobody decided on this call by 2027-01-21 10:00 UTC, so the question expired. That is no denial.',
    ],
    ['message' as const, 'Not run: the person wrote a message instead of deciding on this call.'],
  ])('tells the agent of each end in its own words: %o', async (end, words) => {
    const s = await stage();
    await s.settle();
    if (end === 'expiry') s.t.setNow(s.t.now() + 60 * DAY_MS);
    else if (end === 'message') await s.command('message');
    else await s.answer(end);
    await s.settle();
    expect(await s.told()).toContain(words);
    expect(s.paid()).toEqual([]);
    expect(await s.view()).toMatchObject({ status: 'completed' });
  });

  it('tells the agent which arguments of the person ran in place of its own', async () => {
    const s = await stage();
    await s.settle();
    await s.answer({ decision: 'edit', input: EDITED });
    await s.settle();
    expect(s.paid()).toEqual([{ name: 'pay', input: EDITED, version: 1 }]);
    expect(await s.told()).toContain(
      'The person approved this call with other arguments than yours: {\\"key\\":\\"edited\\"}\\nWhat follows is about these.\\ndid edited',
    );
  });

  it('is asked about again where a deployment changed the tool, with what was approved', async () => {
    const s = await stage();
    await s.settle();
    const before = (await s.view()).waiting!.approvals[0]!;
    s.deploy();
    await s.answer({ decision: 'edit', input: EDITED });
    await s.settle();
    expect(s.paid()).toEqual([]);
    const again = (await s.view()).waiting!.approvals[0]!;
    expect(again).toMatchObject({ callId: CALL, input: EDITED, edited: true });
    expect(again.toolSha).not.toBe(before.toolSha);
    expect(await s.answer({ decision: 'approve', toolSha: before.toolSha })).toEqual({ changed: 'tool' });
    expect(await s.answer({ decision: 'approve', argsSha: before.argsSha })).toEqual({ changed: 'arguments' });
    await s.answer({ decision: 'approve', toolSha: again.toolSha, argsSha: again.argsSha });
    await s.settle();
    expect(s.paid()).toEqual([{ name: 'pay', input: EDITED, version: 2 }]);
  });

  it('is answered after a pause, and runs after the resume', async () => {
    const s = await stage();
    await s.settle();
    await s.command('pause');
    await s.settle();
    expect(await s.view()).toMatchObject({ status: 'paused', waiting: null });
    await s.answer({ decision: 'approve' });
    await s.settle();
    expect(s.paid()).toEqual([]);
    await s.command('resume');
    await s.settle();
    expect(s.paid()).toHaveLength(1);
    expect(await s.view()).toMatchObject({ status: 'completed' });
  });

  it('waits again after a pause in which nobody answered', async () => {
    const s = await stage();
    await s.settle();
    await s.command('pause');
    await s.settle();
    await s.command('resume');
    await s.settle();
    expect(await s.view()).toMatchObject({ waiting: { kind: 'approval', approvals: [{ callId: CALL }] } });
  });

  it('is cancelled while it waits: it never runs, no answer counts, and nothing more is paid', async () => {
    const s = await stage();
    await s.settle();
    const { cost } = await s.view();
    await s.command('cancel');
    expect(await s.answer({ decision: 'approve' })).toBe('ended');
    await s.settle();
    expect(s.row().state).toMatchObject({ state: 'ended', outcome: 'cancelled' });
    expect(await s.answer({ decision: 'approve' })).toBe('ended');
    s.t.setNow(s.t.now() + 60 * DAY_MS);
    await s.settle();
    expect(await s.view()).toMatchObject({ status: 'cancelled', waiting: null, cost });
    expect([s.paid(), s.t.bill.length]).toEqual([[], 1]);
    expect([...s.t.store.holds.values()].filter((hold) => hold.class === 'held')).toEqual([]);
  });

  it('waits on while a trigger brings a message, which is told when the call is decided', async () => {
    const s = await stage();
    await s.settle();
    await s.command('message', `${FROM_OUTSIDE}0123] Pay all.`);
    await s.settle();
    expect(await s.view()).toMatchObject({ waiting: { kind: 'approval', approvals: [{ callId: CALL }] } });
    expect(s.t.bill).toHaveLength(1);
    await s.answer({ decision: 'approve' });
    await s.settle();
    expect(s.paid()).toHaveLength(1);
    expect(await s.told()).toContain('Pay all.');
  });

  it('is answered once: an equal answer changes nothing, another one is refused, and so is one that comes too late', async () => {
    const s = await stage();
    await s.settle();
    expect(await s.answer({ decision: 'approve' })).toEqual({ answered: true });
    expect(await s.answer({ decision: 'approve' })).toEqual({ answered: true });
    expect(await s.answer({ decision: 'deny' })).toEqual({ decided: 'approve' });
    await s.settle();
    expect(await s.answer({ decision: 'approve' })).toEqual({ answered: true });
    expect(s.paid()).toHaveLength(1);
    const late = await stage();
    await late.settle();
    late.t.setNow(late.t.now() + 60 * DAY_MS);
    expect(await late.answer({ decision: 'approve' })).toEqual({ expired: late.t.now() });
  });
});

it('costs its rows for a month: no claim, no call of the model, no iteration until the answer', async () => {
  const s = await stage();
  await s.settle();
  const { fence, iteration, journal } = s.row();
  const [before, bought] = [journal.length, s.t.bill.length];
  for (let day = 0; day < 31; day++) {
    s.t.setNow(s.t.now() + DAY_MS);
    await s.settle();
  }
  expect([s.row().fence, s.row().iteration, s.row().journal.length, s.t.bill.length]).toEqual([
    fence,
    iteration,
    before,
    bought,
  ]);
  await s.answer({ decision: 'approve' });
  await s.settle();
  expect(s.paid()).toEqual([{ name: 'pay', input: ASKED, version: 1 }]);
});

const ACTS: Record<string, (s: Stage) => unknown> = {
  approve: (s) => s.answer({ decision: 'approve' }),
  edit: (s) => s.answer({ decision: 'edit', input: EDITED }),
  deny: (s) => s.answer({ decision: 'deny' }),
  message: (s) => s.command('message'),
  expiry: (s) => s.t.setNow(s.t.now() + 60 * DAY_MS),
  pause: (s) => s.command('pause'),
  cancel: (s) => s.command('cancel'),
  deploy: (s) => s.deploy(),
};
const names = Object.keys(ACTS);

async function played(
  first: string,
  second: string,
  at: number,
  crash: 'before' | 'after' | null,
  gated: 'pay' | 'put',
) {
  const s = await stage(gated);
  await s.settle(async (call) => {
    if (call === at && crash === null) await ACTS[second]!(s);
  });
  await ACTS[first]!(s);
  await s.settle(async (call, when) => {
    if (call !== at || when !== (crash ?? 'before')) return;
    await ACTS[second]!(s);
    if (crash !== null) throw new Crash();
  });
  // Whatever still waits is let go on, and answered.
  await s.command('resume');
  await s.settle();
  for (let times = 0; times < 2; times++) {
    await s.answer({ decision: 'approve' });
    await s.settle();
  }
  return s;
}

describe('what runs is what was decided on, whoever acts when', () => {
  it.each(names)('first %s, then any other act at any call of a port', async (first) => {
    const whole = await stage();
    await whole.settle();
    // What happens before the question is put is the same whatever comes first then.
    const from = first === 'approve' ? 1 : whole.calls() + 1;
    await ACTS[first]!(whole);
    await whole.settle();
    for (const second of names)
      for (let at = from; at <= whole.calls() + 2; at++) {
        const s = await played(first, second, at, null, 'pay');
        const where = `${first}, ${second} at ${at}`;
        expect([where, s.faults]).toEqual([where, []]);
        expect([where, s.paid().length <= 1]).toEqual([where, true]);
        expect([where, s.ran.filter(({ name }) => name === 'look').length <= 1]).toEqual([where, true]);
        expect([where, s.row().state.state]).toEqual([where, 'ended']);
      }
  });

  it.each(['approve', 'edit', 'deny', 'deploy'])(
    'first %s, then a worker that dies at any call of a port',
    async (first) => {
      const whole = await stage();
      await whole.settle();
      const from = whole.calls();
      await ACTS[first]!(whole);
      await whole.settle();
      for (const gated of ['pay', 'put'] as const)
        for (const second of ['approve', 'deny', 'deploy'])
          for (const crash of ['before', 'after'] as const)
            for (let at = from + 1; at <= whole.calls(); at++) {
              const s = await played(first, second, at, crash, gated);
              const where = `${first}, ${second} and a death ${crash} ${at}`;
              expect([where, s.faults]).toEqual([where, []]);
              if (gated === 'pay') expect([where, s.paid().length <= 1]).toEqual([where, true]);
              expect([where, s.row().state.state]).toEqual([where, 'ended']);
            }
    },
  );
});
