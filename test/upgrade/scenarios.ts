/**
 * Sessions brought into every kind of state by real runs of the whole loop, on a world in memory: what a checkpoint of this version can look
 * like. Used to write fixtures (write-checkpoints.ts) and to take sessions out and put them in.
 */
import type { Block } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import type { NewSession, SessionCommand, Thought, World } from '../../lib/ports/index.ts';
import { newSession, type Script, settleDown, type TestWorld, testWorld, withUser } from '../kit/world.ts';

export const USER = 'u1';
export const ID = 'ses_1';
const DAILY = 10_000_000n;
const hint = { sessionId: ID, userId: USER };
const limits = { remaining: () => 300_000 };

export const text = (value: string): Block => ({ type: 'text', text: value });
export const use = (id: string, name: string, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  ...{ id, name, input },
});
/** The last word of every scenario, however far it came. */
export const finish = (i: number): Block[] => [text('That is all.'), use(`end${i}`, 'finish', { result: 'Done.' })];

/** Three steps with a file each, then what `then` says at its index; at last the end. */
const working =
  (then: Record<number, Block[] | Thought> = {}): Script =>
  (_turns, i) => {
    const special = then[i];
    if (special) return special;
    return i < 3 ? [text(`Step ${i}.`), use(`t${i}`, 'put', { key: `k${i}` })] : finish(i);
  };

const refusal = (status: number, message: string, retryAfterMs: number | null = null): Thought => ({
  type: 'failed',
  failure: { proof: 'not_served', status, code: 'error', message, retryAfterMs },
});
/** A reply with so many tokens of prompt, or with another end. */
const replyOf = (content: Block[], stopReason: string, tokens = 1_000, output = 200): Thought => ({
  type: 'replied',
  reply: {
    ...{ id: 'msg_1', model: 'claude-sonnet-5-5', content, stopReason },
    usage: { input_tokens: tokens, output_tokens: output },
  },
});

type Options = { daily?: bigint; session?: Partial<NewSession>; policy?: Parameters<typeof testWorld>[1] };

const started = async (script: Script, { daily = DAILY, session = {}, policy = {} }: Options = {}) => {
  const t = testWorld(script, policy);
  await withUser(t, daily, USER);
  await t.userSessions.create(USER, newSession(session), null);
  return t;
};

/** So many invocations, each one iteration at most; what dies is left as it is. */
export const invoke = async (t: TestWorld, times: number, world: World = t.world): Promise<void> => {
  for (let i = 0; i < times; i++) {
    t.passLease();
    await drive(world, hint, limits).catch(() => {});
  }
};

let pending = 0;
const wish = (t: TestWorld, what: SessionCommand) => t.userSessions.command(USER, ID, what, `op-${++pending}`);

/** Dies where it would save. */
const unsaved = (t: TestWorld): World => ({
  ...t.world,
  sessions: { ...t.world.sessions, save: () => Promise.reject(new Error('killed')) },
});

const asks: Block[] = [use('ask', 'ask_user', { question: 'Red or blue?' })];
const rests: Block[] = [use('nap', 'sleep', { minutes: 90, note: 'Look again at noon.' })];
const same = (i: number) => [use(`s${i}`, 'look', { key: 'same' })];

/** Each brings a session into the state that it is named after. */
export const SCENARIOS: Record<string, () => Promise<TestWorld>> = {
  created: () => started(working()),
  async 'between two iterations'() {
    const t = await started(working(), {
      session: { system: 'Be brief.', metadata: { ticket: 7 }, maxCost: 9_000_000n },
    });
    await invoke(t, 2);
    return t;
  },
  async 'with tool calls under way'() {
    const t = await started(working({ 1: [use('a', 'look', { key: 'a' }), use('b', 'pay', { key: 'b' })] }));
    await invoke(t, 1);
    await invoke(t, 1, unsaved(t));
    return t;
  },
  async 'asleep as the agent wished'() {
    const t = await started(working({ 2: rests }));
    await invoke(t, 3);
    return t;
  },
  async 'asleep for want of money'() {
    const t = await started((_turns, i) => (i < 30 ? [use(`t${i}`, 'put', { key: `k${i}` })] : finish(i)), {
      ...{ daily: 60_000n, policy: { policy: { maxOutputTokens: 2_000 } } },
    });
    await settleDown(t);
    return t;
  },
  async 'waiting for an answer'() {
    const t = await started(working({ 1: asks }));
    await settleDown(t);
    return t;
  },
  async 'waiting after its turn'() {
    const t = await started(working({ 1: [text('What next?')] }), { session: { onEndTurn: 'wait' } });
    await settleDown(t);
    return t;
  },
  async 'waiting, with a message on its way'() {
    const t = await started(working({ 1: asks }));
    await settleDown(t);
    await wish(t, { type: 'message', content: 'Blue.' });
    return t;
  },
  async 'waiting for more money'() {
    const t = await started(working(), { daily: 500n });
    await settleDown(t);
    return t;
  },
  async 'winding down'() {
    const t = await started((_turns, i) => (i < 100 ? [use(`t${i}`, 'put', { key: `k${i}` })] : finish(i)), {
      ...{ daily: 300_000n, policy: { policy: { maxOutputTokens: 2_000 } } },
    });
    for (let i = 0; i < 100; i++) {
      await invoke(t, 1);
      const { state, memory } = t.store.sessions.get(ID)!;
      if (state.state === 'ready' && (memory as { windDown?: unknown }).windDown) return t;
    }
    throw new Error('it never wound down');
  },
  async 'owing a compaction'() {
    const t = await started(working({ 2: refusal(400, 'prompt is too long: 250000 tokens > 200000 maximum') }));
    await invoke(t, 3);
    return t;
  },
  async 'after a compaction'() {
    let long = true;
    const t = await started((_turns, i) => {
      if (i !== 4 || !long) return i < 6 ? [use(`t${i}`, 'put', { key: `k${i}` })] : finish(i);
      long = false;
      return refusal(400, 'prompt is too long: 250000 tokens > 200000 maximum');
    });
    const summarises: World['model'] = {
      ...t.world.model,
      think: (request, options) =>
        JSON.stringify(request.messages.at(-1)).includes('will be replaced by a summary')
          ? Promise.resolve(replyOf([text('Four files are there.')], 'end_turn', 5_000, 50))
          : t.world.model.think(request, options),
    };
    await invoke(t, 6, { ...t.world, model: summarises });
    return t;
  },
  async 'paused by a person'() {
    const t = await started(working());
    await invoke(t, 2);
    await wish(t, { type: 'pause' });
    await settleDown(t);
    return t;
  },
  async 'paused while it waited'() {
    const t = await started(working({ 1: asks }));
    await settleDown(t);
    await wish(t, { type: 'pause' });
    await settleDown(t);
    return t;
  },
  async 'paused in its sleep'() {
    const t = await started(working({ 1: rests }));
    await settleDown(t);
    await wish(t, { type: 'pause' });
    await settleDown(t);
    return t;
  },
  async 'paused by a wrong key'() {
    const t = await started(working({ 2: refusal(401, 'invalid x-api-key') }));
    await settleDown(t);
    return t;
  },
  async 'past its ceiling'() {
    const t = await started(working());
    await invoke(t, 2);
    await withUser(t, 1n, USER);
    await settleDown(t);
    return t;
  },
  async 'turned away by a rate limit'() {
    const t = await started(working({ 2: refusal(429, 'slow down', 40_000) }));
    await invoke(t, 3);
    return t;
  },
  async 'after an unknown outcome'() {
    const t = await started(
      working({ 2: { type: 'failed', failure: { proof: 'unknown', status: null, message: 'silence' } } }),
    );
    await invoke(t, 3);
    return t;
  },
  async 'after a reply that was cut'() {
    const cut = [text('It begins'), use('long', 'put', { key: 'long' })];
    const t = await started(working({ 1: replyOf(cut, 'max_tokens', 1_000, 16_000) }));
    await invoke(t, 2);
    return t;
  },
  async 'repeating itself'() {
    const t = await started((_turns, i) => (i < 3 ? same(i) : finish(i)));
    await invoke(t, 3);
    return t;
  },
  async 'with an error that it met before'() {
    const t = await started((_turns, i) => (i < 2 ? [use(`e${i}`, 'unheard_of', { key: `${i}` })] : finish(i)));
    await invoke(t, 2);
    return t;
  },
  async 'finished, but spoken to'() {
    const t: TestWorld = await started((_turns, i) => {
      if (i === 1) void wish(t, { type: 'wake' });
      return i === 0 ? [use('n', 'narrate', { phase_name: 'Draft', text: 'I begin.' })] : finish(i);
    });
    await invoke(t, 2);
    return t;
  },
  async ended() {
    const t = await started(working());
    await settleDown(t);
    return t;
  },
};
