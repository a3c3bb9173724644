/** What the agent's thinking is bound to, and when it is let go of: nothing that the provider would refuse is ever sent back. */
import { describe, expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import type { AgentSpec, Session } from '../../lib/core/session.ts';
import {
  agent,
  assistant,
  claim,
  facts,
  kinds,
  NOW,
  ready,
  reply,
  rested,
  settlementOf,
  text,
  thinking,
  toldBy,
  toolUse,
  user,
  when,
} from './given.ts';
import { history, requestOf, results, sent, thought, thoughts, working } from './thoughts.ts';

describe('thinking', () => {
  it('is sent back as it came while nothing before it changes', () => {
    expect(sent(working())).toEqual(['one', 'two']);
  });

  it.each([
    ['another head', working({ facts: { agent: { ...agent, system: 'You work together.' } } })],
    ['another model', working({ facts: { model: 'claude-opus-5-5' } })],
    ['another account', working({ policy: { account: 'other' } })],
    ['nobody knows what: an import', working({ memory: { thoughts: freshMemory().thoughts } })],
  ])('is let go of where it was written under %s', (_what, session) => {
    expect(sent(session)).toEqual([]);
  });

  it('written after a change is kept, and that before it stays away', () => {
    const changed = working({ facts: { agent: { ...agent, system: 'You work together.' } } });
    const after = settlementOf(when(thinking(changed), reply([thought('three'), toolUse('c', 'bash')], 'tool_use')));
    const rows = [...history, assistant(6, thought('three'), toolUse('c', 'bash')), results(7, 'c')];
    const next = ready({ ...changed, iteration: 3, history: rows, memory: after.memory });
    expect(sent(next)).toEqual(['three']);
  });

  it('alone in a reply leaves words in its place', () => {
    const rows = [user(1, 'go'), assistant(2, thought('one'), text('(no text)')), user(3, 'on')];
    const request = requestOf(working({ history: rows, memory: { thoughts: freshMemory().thoughts } }));
    expect(request.messages[1]?.content).toEqual([text('(no text)')]);
  });

  it('after results that are cleared is let go of', () => {
    const again = Array.from({ length: 8 }, (_, i) =>
      i % 2 ? results(6 + i, `c${i - 1}`) : assistant(6 + i, thought('later'), toolUse(`c${i}`, 'bash')),
    );
    const rows = [...history, ...again];
    const tooLong = {
      proof: 'not_served',
      status: 400,
      code: 'x',
      message: 'prompt is too long',
      retryAfterMs: null,
    } as const;
    const failed = when(thinking(working({ history: rows })), { type: 'failed', failure: tooLong });
    const { memory: then } = settlementOf(failed);
    expect(then.context.clearedBefore).toBeGreaterThan(3);
    expect(sent(working({ history: rows, memory: { ...then, compact: null } }))).toEqual([]);
  });
});

describe('a request that the provider refuses for its thinking', () => {
  const message =
    'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the block, or set ' +
    '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block".';
  const refused = {
    proof: 'not_served',
    status: 400,
    code: 'invalid_request_error',
    message,
    retryAfterMs: null,
  } as const;

  it('is made again at once without it, at no charge, and journalled', () => {
    const step = when(thinking(working()), { type: 'failed', failure: refused });
    const settlement = settlementOf(step);
    expect(settlement).toMatchObject({ cost: 0n, journal: [{ type: 'agent.thinking_dropped' }] });
    expect(step.session).toMatchObject({ after: { type: 'retry', due: NOW } });
    expect(sent(working({ memory: settlement.memory }))).toEqual([]);
  });

  it('with none in it pauses the session, so that it is not made for ever', () => {
    const bare = working({ memory: { thoughts: { ...thoughts, from: 6 } } });
    const step = when(thinking(bare), { type: 'failed', failure: refused });
    expect(step.session).toMatchObject({ after: { type: 'suspend', to: { state: 'paused' } } });
  });
});

describe('the head of the prompts', () => {
  const latest: AgentSpec = { ...agent, id: 'new', system: 'You work together.' };
  const own: AgentSpec = { ...agent, id: 'old' };
  const deployed = (more: Parameters<typeof ready>[0] = {}) => working({ ...more, facts: { agent: own, latest } });
  const systemOf = (session: Session) => requestOf(session).system[0]?.text;

  it('stays the same over a deployment, while the prompt is in the cache', () => {
    expect(systemOf(deployed())).toBe(agent.system);
    expect(sent(deployed())).toEqual(['one', 'two']);
  });

  it.each([
    ['after a rest', { rested: { reason: 'allowance', since: NOW } }],
    ['after a compaction', { counted: null }],
  ])('is the new one %s, and is remembered and journalled', (_when, more) => {
    const session = deployed({ memory: more });
    expect(systemOf(session)).toBe(latest.system);
    expect(sent(session)).toEqual([]);
    const step = claim(session);
    const journal = step.effects.flatMap((e) => (e.type === 'reserve' ? e.journal : []));
    const asked = kinds(step)[0] === 'count' ? [] : journal.map(({ type }) => type);
    if (asked.length > 0) expect(asked).toContain('agent.head_changed');
    expect(settlementOf(when(thinking(session), reply([text('x')]))).memory.head).toBe('new');
  });
});

describe('a reply that the model refuses', () => {
  const refusal = (session: Session) => {
    const event = reply([text('I will not.')], 'refusal');
    return when(thinking(session), {
      ...event,
      reply: { ...event.reply, refusal: { category: 'cyber', explanation: null } },
    });
  };

  it('is paid for and not stored, and goes to the next rung once', () => {
    const step = refusal(working({ facts: { ladder: ['claude-haiku-5-5'] } }));
    const settlement = settlementOf(step);
    expect(settlement).toMatchObject({ turns: [], iterated: false });
    expect(toldBy(settlement)).toMatchObject([
      { type: 'agent.refused', data: { category: 'cyber', model: facts.model } },
    ]);
    expect(settlement.cost).toBeGreaterThan(0n);
    const next = working({ facts: { ladder: ['claude-haiku-5-5'] }, memory: settlement.memory });
    expect(requestOf(next).model).toBe('claude-haiku-5-5');
    expect(refusal(next).session).toMatchObject({ after: { type: 'suspend', to: { state: 'paused' } } });
  });

  it('before its first word is charged as unknown: it may be free, and evidence can tell', () => {
    const event = reply([], 'refusal', { input_tokens: 1_000, output_tokens: 0 });
    const settlement = settlementOf(when(thinking(working()), event));
    expect(settlement).toMatchObject({ class: 'unknown', turns: [] });
    expect(settlement.cost).toBeGreaterThan(0n);
  });

  it('without another rung pauses the session, and resuming asks again', () => {
    const step = refusal(working());
    expect(step.session).toMatchObject({
      after: { to: { state: 'paused', error: { code: 'refused', message: expect.stringContaining('cyber') } } },
    });
    const error = { code: 'refused', message: 'x' };
    const resumed = claim(
      rested({ state: 'paused', error }, { iteration: 2, history, memory: settlementOf(step).memory }),
    );
    expect(kinds(resumed)).not.toContain('save');
  });
});
