/** A session of which one call waits for a person, under deployments that change its tool; every run of a tool is judged by the journal. */
import { createHash } from 'node:crypto';
import { canonical } from '../../lib/core/hash.ts';
import type { Block } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import type { ApprovalReply, World } from '../../lib/ports/index.ts';
import { Crash } from './dying.ts';
import { throughPorts } from './through-ports.ts';
import { mustBeServed, newSession, type Script, testWorld, withUser } from './world.ts';

const use = (id: string, name: string, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  id,
  name,
  input,
});
export const ASKED = { key: 'asked' };
export const EDITED = { key: 'edited' };
export const CALL = 'toolu_pay_0000000000000000';
export const DAY_MS = 86_400_000;

const script: Script = (_turns, i) =>
  i === 0
    ? [
        use('toolu_look_000000000000000', 'look', { key: 'free' }),
        use(CALL, 'pay', ASKED),
        use('toolu_put_0000000000000000', 'put', { key: 'free too' }),
      ]
    : [{ type: 'text', text: 'Done.' }];

type Ran = { name: string; input: unknown; version: number };

export async function stage(gated: 'pay' | 'put' = 'pay') {
  const t = testWorld(script);
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  const id = gated === 'pay' ? CALL : 'toolu_put_0000000000000000';
  const ran: Ran[] = [];
  const faults: string[] = [];
  let version = 1;
  let calls = 0;
  const row = () => t.store.sessions.get('ses_1')!;
  const toolOf = (of: number) => {
    const tool = t.world.agent('assistant')!.tools.find(({ name }) => name === gated)!;
    return { ...tool, description: `${tool.description} ${of}` };
  };
  const shaOf = (of: number) => {
    const { description, input_schema, effect } = toolOf(of);
    return createHash('sha256')
      .update(canonical([description, input_schema, effect]))
      .digest('hex');
  };

  /** A process of the deployment as it is now; the tool of another is another tool. */
  function process(): World {
    const mine = version;
    return {
      ...t.world,
      asks: (_agent, { name }) => name === gated,
      agent(name, web) {
        const spec = t.world.agent(name, web)!;
        return { ...spec, tools: spec.tools.map((tool) => (tool.name === gated ? toolOf(mine) : tool)) };
      },
      tools: {
        ...t.world.tools,
        run(call, context) {
          ran.push({ name: call.name, input: call.input, version: mine });
          if (call.name === gated) judge(call.input, mine);
          return t.world.tools.run(call, context);
        },
      },
    };
  }

  /** At the moment of the effect: the last word of the journal is a yes, to these arguments and this tool. */
  function judge(input: unknown, mine: number): void {
    const last = row().journal.findLast(({ type }) => type === 'agent.approval_decided')?.data as {
      decision?: string;
      input?: unknown;
    };
    const asked = row().journal.findLast(({ type }) => type === 'agent.approval_requested')?.data as {
      tool_sha: string;
      input: unknown;
    };
    if (last?.decision !== 'approve' && last?.decision !== 'edit')
      faults.push(`ran after ${last?.decision ?? 'no decision'}`);
    const meant = last?.decision === 'edit' ? last.input : asked?.input;
    if (canonical(input) !== canonical(meant))
      faults.push(`ran ${canonical(input)}, and ${canonical(meant)} was decided on`);
    if (asked?.tool_sha !== shaOf(mine)) faults.push('ran a tool that nobody was asked about');
  }

  /** Delivers what is due until nothing is; `at` is called before and after each request to the sessions and each run of a tool. */
  async function settle(at: (call: number, when: 'before' | 'after') => Promise<void> = async () => {}): Promise<void> {
    for (let round = 0; round < 60; round++) {
      t.passLease();
      mustBeServed(t);
      const { due } = await t.sweeper.sweep(10);
      if (due.length === 0) return;
      const { world, names: asked } = throughPorts(process(), async (_call, act) => {
        if (!/^(sessions|tools)\./.test(asked.at(-1)!)) return act();
        const mine = ++calls;
        await at(mine, 'before');
        const result = await act();
        await at(mine, 'after');
        return result;
      });
      await drive(world, { sessionId: 'ses_1', userId: 'u1' }, { remaining: () => 300_000 }).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
    }
    throw new Error('it never settles down');
  }

  let operations = 0;
  const answer = (reply: ApprovalReply) => t.userSessions.answer('u1', 'ses_1', id, reply, `op${operations++}`);
  const command = (type: 'pause' | 'resume' | 'cancel' | 'message', content = 'Wait.') =>
    t.userSessions.command('u1', 'ses_1', type === 'message' ? { type, content } : { type }, `op${operations++}`);
  const view = async () => (await t.userSessions.get('u1', 'ses_1'))!;
  return {
    ...{ t, ran, faults, row, settle, answer, command, view },
    calls: () => calls,
    deploy: () => void version++,
    paid: () => ran.filter(({ name }) => name === gated),
    told: async () => JSON.stringify((await t.userSessions.messages('u1', 'ses_1'))!.data),
  };
}

export type Stage = Awaited<ReturnType<typeof stage>>;
