import { describe, expect, it } from 'vitest';
import type { Session } from '../../lib/core/session.ts';
import { afterSettle, claim, kinds, ready, reply, saveOf, toolUse, when } from './given.ts';

const ok = (id: string, content = 'ok', isError = false) => ({ id, content, isError });
const observed = (step: { session: Session }, ...results: ReturnType<typeof ok>[]) =>
  when(step.session, { type: 'observed', results });

describe('the guard', () => {
  const repeat = (streak: number) => {
    const last = claim(ready()).session.memory.guard;
    const first = afterSettle(ready(), reply([toolUse('a', 'bash', { c: 1 })], 'tool_use')).session.memory.guard;
    return afterSettle(
      ready({ iteration: 3, memory: { guard: { ...last, ...first, streak } } }),
      reply([toolUse('a', 'bash', { c: 1 })], 'tool_use'),
    );
  };

  it('three equal calls in a row: steered, after every call was answered', () => {
    expect(saveOf(observed(repeat(1), ok('a'))).turn).toHaveLength(1);
    const save = saveOf(observed(repeat(2), ok('a')));
    expect(save.suspension).toBeNull();
    expect(save.turn).toMatchObject([
      { type: 'tool_result' },
      { type: 'text', text: expect.stringContaining('three times in a row') },
    ]);
  });

  it('the same once more: stopped, without running it', () => {
    const save = saveOf(repeat(3));
    expect(save.suspension?.to).toMatchObject({ outcome: 'repetition_detected' });
    expect(save.turn).toMatchObject([{ is_error: true }]);
  });

  it('parallel equal calls count; another call starts afresh; sleeping and asking are no repetition', () => {
    const three = [1, 2, 3].map((i) => toolUse(`t${i}`, 'bash', { c: 1 }));
    const guard = (...content: ReturnType<typeof toolUse>[]) =>
      afterSettle(ready(), reply(content, 'tool_use')).session.memory.guard;
    expect(guard(...three).peak).toBe(3);
    expect(guard(three[0]!, toolUse('x', 'bash', { c: 2 }), three[1]!).peak).toBe(1);
    const four = (name: string) => guard(...[1, 2, 3, 4].map((i) => toolUse(`n${i}`, name, { note: 't' }))).peak;
    expect([four('sleep'), four('ask_user'), four('finish'), four('narrate')]).toEqual([0, 0, 4, 4]);
    expect(guard(toolUse('a', 'bash', { x: 1, y: 2 }), toolUse('b', 'bash', { y: 2, x: 1 })).peak).toBe(2);
  });

  it('can be turned off by the deployment', () => {
    const off = { policy: { repetitionGuard: false } };
    const calls = [1, 2, 3, 4, 5].map((i) => toolUse(`t${i}`, 'bash', { c: 1 }));
    expect(kinds(afterSettle(ready(off), reply(calls, 'tool_use')))).toEqual(['act']);
  });

  const fail = (session: Session, n: number, error = 'no such file: 17') => {
    const step = afterSettle(session, reply([toolUse(`t${n}`, 'bash', { try: n })], 'tool_use'));
    return saveOf(observed(step, ok(`t${n}`, error, true)));
  };
  const withMemory = (save: ReturnType<typeof fail>) =>
    ready({ iteration: 2, memory: (save.suspension?.memory ?? save.memory) as never });

  it('the same error on three different tries is put to the user', () => {
    const first = fail(ready(), 1);
    const second = fail(withMemory(first), 2, 'no such file: 99');
    expect([first.suspension, second.suspension]).toEqual([null, null]);
    const third = fail(withMemory(second), 3);
    expect(third.suspension?.to).toMatchObject({ state: 'waiting', question: expect.stringContaining('no such file') });
    expect(third.journal.map((e) => e.type)).toContain('agent.escalated');
  });

  it('the same try is one try; a success in between forgets', () => {
    const first = fail(ready(), 1);
    const again = fail(fail(withMemory(first), 1).suspension ? ready() : withMemory(first), 1);
    expect(again.memory.guard.errors[0]?.tries).toHaveLength(1);
    const step = afterSettle(withMemory(first), reply([toolUse('x', 'bash', { fine: 1 })], 'tool_use'));
    expect(saveOf(observed(step, ok('x'))).memory.guard.errors).toEqual([]);
  });

  it('errors are told apart by what they say, not by a heading over them', () => {
    const first = fail(ready(), 1, '[stderr]\nls: no such file');
    const second = fail(withMemory(first), 2, '[stderr]\ncat: permission denied');
    const third = fail(withMemory(second), 3, '[stderr]\nsed: bad pattern');
    expect(third.suspension).toBeNull();
    expect(third.memory.guard.errors).toHaveLength(3);
  });

  it('the fifth escalation stops the session', () => {
    const { guard } = fail(fail(ready(), 1) && withMemory(fail(ready(), 1)), 2).memory;
    const session = (escalations: number) => ready({ iteration: 2, memory: { guard: { ...guard, escalations } } });
    expect(fail(session(3), 3).suspension?.to.state).toBe('waiting');
    expect(fail(session(4), 3).suspension?.to).toMatchObject({ outcome: 'escalation_threshold_exceeded' });
  });
});
