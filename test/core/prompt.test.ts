/** What a prompt tells the agent besides its goal, how much room it leaves for the reply, and what a summary leaves of it. */
import { describe, expect, it } from 'vitest';
import type { Memory } from '../../lib/core/memory.ts';
import type { Session } from '../../lib/core/session.ts';
import {
  assistant,
  claim,
  facts,
  kinds,
  NOW,
  ready,
  reply,
  settlementOf,
  text,
  thinking,
  toolResult,
  toolUse,
  user,
  when,
} from './given.ts';
import { counted, memory, requestOf, results, sent, thought, working } from './thoughts.ts';

describe('room for the reply', () => {
  const least = (session: Session) => {
    const step = claim(session);
    return step.session.state === 'reserving' ? step.session.call.leastOutput : -1;
  };

  it('is at least 4,096 tokens where the model thinks, and half of what its last replies used', () => {
    expect(least(working())).toBe(4_096);
    expect(least(working({ memory: { outputs: [12_000, 12_000, 12_000] } }))).toBe(6_000);
    expect(least(working({ facts: { model: 'claude-sonnet-4-5' } }))).toBe(1_024);
  });

  it('that the day has not any more begins the wind-down, in which it may be shorter', () => {
    const session = working({ memory: { outputs: [12_000] } });
    const step = claim(session);
    const counting = when(step.session, { type: 'refused', by: 'day', day: session.day });
    const counted = when(counting.session, { type: 'counted', tokens: null });
    const again = when(counted.session, { type: 'refused', by: 'day', day: session.day });
    if (again.session.state !== 'reserving') throw new Error(again.session.state);
    expect(again.session.call).toMatchObject({ noticed: true, leastOutput: 4_096 });
  });

  it('is told to the agent where it is less than usual', () => {
    const step = claim(working());
    const [effect] = step.effects;
    if (effect?.type !== 'reserve') throw new Error(kinds(step).join());
    const granted = when(step.session, { type: 'granted', amount: effect.least + 1_000n, day: '2026-11-22' });
    if (granted.session.state !== 'thinking') throw new Error(granted.session.state);
    const { call, hold } = granted.session;
    expect(JSON.stringify(call.newMessages.at(-1))).toContain(`up to ${hold.maxTokens} tokens`);
    expect(call.request.messages.at(-1)).toMatchObject({ role: 'system' });
    if (step.session.state !== 'reserving') throw new Error(step.session.state);
    const { thinking, output_config } = step.session.call.request;
    expect(thinking).toBeDefined();
    expect(call.request).toMatchObject({ thinking, output_config });
  });
});

describe('what the runtime says', () => {
  it('goes out as a system message after the user turn, and as part of it where the model takes none', () => {
    const begins = (model: string) => requestOf(ready({ facts: { model } })).messages;
    const [goal, facts1] = begins('claude-opus-5-5');
    expect([goal?.role, facts1?.role]).toEqual(['user', 'system']);
    expect(JSON.stringify(goal)).not.toContain('[runtime]');
    expect(JSON.stringify(facts1)).toContain('It is Sunday, 2026-11-22 10:00 UTC');
    expect(begins('claude-sonnet-5').map(({ role }) => role)).toEqual(['user']);
    expect(JSON.stringify(begins('claude-sonnet-5'))).toContain('[runtime] It is Sunday');
  });

  it('has a word for the user before it where the user said nothing', () => {
    const rows = [user(1, facts.goal), assistant(2, text('Good night.'))];
    const woken = working({ history: rows, memory: { rested: { reason: 'agent', since: NOW } } });
    expect(requestOf(woken).messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'system']);
  });

  it('never marks the request with what only we know', () => {
    expect(JSON.stringify(requestOf(ready()))).not.toContain('"runtime"');
  });

  it('tells once that half, and that three quarters of the money are used', () => {
    const at = (spent: bigint, told: number) => {
      const session = working({
        day: { ...working().day, spent },
        memory: { told: { day: '2026-11-22', percent: told } },
      });
      return JSON.stringify(requestOf(session).messages.at(-1));
    };
    expect(at(5_000_000n, 0)).toContain("$5.00 of today's $10.00 (50 %) is left");
    expect(at(5_100_000n, 50)).not.toContain("of today's");
    expect(at(7_600_000n, 50)).toContain("$2.40 of today's $10.00 (24 %) is left");
  });
});

describe('a summary', () => {
  const long = Array.from({ length: 40 }, (_, i) =>
    i % 2 ? results(2 + i, `t${i - 1}`) : assistant(2 + i, thought(`t${i}`), toolUse(`t${i}`, 'bash')),
  );
  const rows = [user(1, facts.goal), ...long];
  const full = ready({
    iteration: 20,
    history: rows,
    memory: { ...memory, compact: 'full', counted: { ...counted, tokens: 30_000, n: 40 } },
  });
  const summarised = (event = reply([text('All is well.')])) => when(thinking(full), event);

  it('leaves the newest turns in place, without their thinking, and stands before them', () => {
    const step = summarised();
    const { context } = settlementOf(step).memory;
    expect(context.summary).toBe(42);
    expect(context.from).toBeGreaterThan(20);
    expect(context.from).toBeLessThan(42);
    const { history: kept } = step.session;
    expect(kept[0]).toMatchObject({ n: context.from, role: 'assistant' });
    const next = ready({ iteration: 20, history: kept, memory: settlementOf(step).memory });
    const { messages } = requestOf(next);
    expect(JSON.stringify(messages[0])).toContain('All is well.');
    expect(messages[1]).toMatchObject({ role: 'assistant', content: [{ type: 'tool_use' }] });
    expect(sent(next)).toEqual([]);
  });

  it('that was cut is kept as far as it goes, and says so', () => {
    const step = summarised(reply([text('Half of it. '.repeat(100))], 'max_tokens'));
    expect(settlementOf(step).memory.context.summary).toBe(42);
    expect(JSON.stringify(settlementOf(step).turns)).toContain('The summary was cut off here');
  });

  it('may be as long as 16,000 tokens', () => {
    const asking = thinking(full);
    expect(asking.state === 'thinking' && asking.call.request.max_tokens).toBe(16_000);
  });

  it('too long a prompt right after it is made smaller step by step, and only then is a user asked', () => {
    const after = settlementOf(summarised()).memory;
    const kept = [
      ...rows.filter(({ n }) => n >= after.context.from),
      user(42, 'Summary'),
      assistant(43, toolUse('x', 'bash'), toolUse('y', 'bash'), toolUse('z', 'bash')),
      { n: 44, role: 'user' as const, content: ['x', 'y', 'z'].map((id) => toolResult(id, 'l'.repeat(30_000))) },
    ];
    const tooLong = {
      proof: 'not_served',
      status: 400,
      code: 'x',
      message: 'prompt is too long',
      retryAfterMs: null,
    } as const;
    let now: Memory = { ...after, model: facts.model };
    const sizes: number[] = [];
    for (let tries = 0; ; tries++) {
      if (tries > 10) throw new Error('it never ends');
      const session = ready({ iteration: 21, history: kept.filter(({ n }) => n >= now.context.from), memory: now });
      sizes.push(JSON.stringify(requestOf(session)).length);
      const step = when(thinking(session), { type: 'failed', failure: tooLong });
      now = settlementOf(step).memory;
      if (step.session.state === 'settling' && step.session.after.type === 'suspend') {
        expect(step.session.after.to).toMatchObject({
          state: 'paused',
          error: { message: expect.stringContaining('all long tool results were left out') },
        });
        break;
      }
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(sizes.at(-1)).toBeLessThan(20_000);
    expect(sizes.length).toBeGreaterThan(2);
  });
});
