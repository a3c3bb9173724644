import { describe, expect, it } from 'vitest';
import { costMicrodollars, worstCaseMicrodollars } from '../../lib/budget/pricing.ts';
import {
  assistant,
  claim,
  day,
  facts,
  head,
  kinds,
  NOW,
  ready,
  saveOf,
  text,
  toolResult,
  toolUse,
  user,
  when,
} from './given.ts';

const reserved = (session = ready()) => {
  const step = claim(session);
  const [effect] = step.effects;
  if (effect?.type !== 'reserve' || step.session.state !== 'reserving') throw new Error(kinds(step).join());
  return { ...step, effect, session: step.session };
};

describe('the hold covers the worst case', () => {
  it('asks for the dearest input class and all of max_tokens, and at least for the floor', () => {
    const { effect, session } = reserved();
    const { inputBound } = session.call;
    expect(effect.wanted).toBe(
      worstCaseMicrodollars({ model: facts.model, inputTokens: inputBound, maxTokens: 16_000, at: NOW }),
    );
    expect(effect.least).toBe(
      worstCaseMicrodollars({ model: facts.model, inputTokens: inputBound, maxTokens: 4_096, at: NOW }),
    );
  });

  it('whatever the usage within the bounds, its cost is within the hold', () => {
    const { effect, session } = reserved();
    const { inputBound } = session.call;
    for (const u of [
      { input_tokens: inputBound, output_tokens: 16_000 },
      { input_tokens: 0, cache_creation_input_tokens: inputBound, output_tokens: 16_000 },
      { input_tokens: 0, cache_read_input_tokens: inputBound, output_tokens: 16_000 },
    ]) {
      expect(costMicrodollars({ model: facts.model, usage: u, at: NOW })).toBeLessThanOrEqual(effect.wanted);
    }
  });

  it('the bound counts bytes, of the text as it is or as normalised, whichever is more', () => {
    const bound = (goal: string) => reserved(ready({ history: [user(1, goal)] })).session.call.inputBound;
    expect(bound('aaaa') - bound('a')).toBe(3);
    expect(bound('ﷺ') - bound('')).toBeGreaterThanOrEqual(Buffer.byteLength('ﷺ'.normalize('NFKC')));
  });

  it('the last exact count replaces the bytes it covers, for the same model and head of the prompt only', () => {
    const history = [user(1, 'x'.repeat(50_000)), assistant(2, text('ok')), user(3, 'more')];
    const counted = { model: facts.model, tokens: 12_600, n: 2, head: head() };
    const bound = (c: typeof counted | null) =>
      reserved(ready({ iteration: 1, history, memory: { counted: c } })).session.call.inputBound;
    expect(bound(counted)).toBeLessThan(12_600 + 500);
    expect(bound(counted)).toBeGreaterThanOrEqual(12_600 + 4);
    expect(bound({ ...counted, model: 'claude-opus-5-5' })).toBeGreaterThan(50_000);
    expect(bound({ ...counted, head: 'another deployment' })).toBeGreaterThan(50_000);
    expect(bound(null)).toBeGreaterThan(50_000);
  });

  it('shrinks max_tokens to what was granted, exactly', () => {
    const { effect, session } = reserved();
    const amount = (effect.least + effect.wanted) / 2n;
    const step = when(session, { type: 'granted', amount, day: '2026-11-22' });
    if (step.session.state !== 'thinking') throw new Error(step.session.state);
    const { maxTokens, shrunk } = step.session.hold;
    expect(shrunk).toBe(true);
    const worst = (max: number) =>
      worstCaseMicrodollars({ model: facts.model, inputTokens: session.call.inputBound, maxTokens: max, at: NOW });
    expect(worst(maxTokens)).toBeLessThanOrEqual(amount);
    expect(worst(maxTokens + 1)).toBeGreaterThan(amount);
    expect(step.effects[0]).toMatchObject({ type: 'think', request: { max_tokens: maxTokens } });
  });
});

describe('counting', () => {
  const short = ready({ iteration: 1, day: day(0n, { allowance: 10_000n, ceiling: 11_000n }) });

  it('asks the provider only when the free bound alone does not fit the money left', () => {
    expect(kinds(claim(ready()))).toEqual(['reserve']);
    expect(kinds(claim(ready({ iteration: 1, day: day(10_990_000n) })))).toEqual(['count']);
    expect(kinds(claim(ready({ policy: { countTokens: 'always' } })))).toEqual(['count']);
  });

  it('takes the smaller of count and bound, with a margin on the count', () => {
    const step = claim(short);
    const after = when(step.session, { type: 'counted', tokens: 100 });
    expect(after.session.state === 'reserving' && after.session.call.inputBound).toBe(105 + 512);
    const silent = when(step.session, { type: 'counted', tokens: null });
    expect(silent.session.state === 'reserving' && silent.session.call.inputBound).toBeGreaterThan(617);
  });

  it('where the provider does not count, only the head that we ship is taken at less than its bytes', () => {
    const bound = (agentSystem: string, goal: string) => {
      const session = ready({
        day: short.day,
        history: [user(1, goal)],
        facts: { agent: { ...facts.agent, system: agentSystem } },
      });
      const after = when(claim(session).session, { type: 'counted', tokens: null });
      return after.session.state === 'reserving' ? after.session.call.inputBound : 0;
    };
    expect(bound('x'.repeat(4_000), 'g') - bound('', 'g')).toBe(2_000);
    expect(bound('', 'g'.repeat(4_001)) - bound('', 'g')).toBe(4_000);
  });

  it('a refusal is questioned once by a count, and only then believed', () => {
    const { session } = reserved();
    const again = when(session, { type: 'refused', by: 'day', day: day(10_999_000n) });
    expect(kinds(again)).toEqual(['count']);
    const counted = when(again.session, { type: 'counted', tokens: 100 });
    expect(kinds(counted)).toEqual(['reserve']);
    expect(kinds(when(counted.session, { type: 'refused', by: 'day', day: day(10_999_000n) }))).toEqual(['save']);
  });
});

describe('refused', () => {
  const refusedBy = (by: 'day' | 'held' | 'cap', then = day(10_999_000n), session = ready({ iteration: 1 })) => {
    const { session: reserving } = reserved(session);
    const counting = when(reserving, { type: 'refused', by, day: then });
    if (by === 'held') return saveOf(counting);
    let step = when(when(counting.session, { type: 'counted', tokens: null }).session, {
      type: 'refused',
      by,
      day: then,
    });
    // Before it goes to bed, it asks for what is set aside to hand off with: that is refused here, too.
    for (let i = 0; i < 4 && step.effects[0]?.type !== 'save'; i += 1) {
      const counts = step.effects[0]?.type === 'count';
      step = when(step.session, counts ? { type: 'counted', tokens: null } : { type: 'refused', by, day: then });
    }
    return saveOf(step);
  };

  it('by the day: sleeps till the next allowance', () => {
    expect(refusedBy('day').suspension).toMatchObject({
      to: { state: 'sleeping', reason: 'allowance' },
      due: day().resetsAt,
    });
    expect(refusedBy('day').suspension?.memory.rested).toEqual({ reason: 'allowance', since: NOW });
  });

  it('by what others hold: tries again within seconds, and does not sleep', () => {
    const save = refusedBy('held');
    expect(save.suspension).toBeNull();
    expect(save.due - NOW).toBeGreaterThan(0);
    expect(save.due - NOW).toBeLessThan(5_000);
    const later = refusedBy('held', day(0n), ready({ iteration: 1, memory: { waits: 9 } }));
    expect(later.due - NOW).toBeGreaterThan(25_000);
    expect(later.due - NOW).toBeLessThanOrEqual(45_000);
  });

  it("by the session's own cap: ends", () => {
    expect(refusedBy('cap').suspension?.to).toMatchObject({ outcome: 'cost_cap_reached' });
  });

  it('by a ceiling that is passed: the breaker', () => {
    expect(refusedBy('day', day(11_000_001n)).suspension?.to.state).toBe('exceeded');
  });

  it('by a day that could never pay for it: asks the user and names both amounts', () => {
    const save = refusedBy('day', day(0n, { allowance: 100n, ceiling: 110n }));
    expect(save.suspension?.to).toMatchObject({
      state: 'waiting',
      question: expect.stringMatching(/\$0\.\d+.*\$0\.0001/s),
    });
  });

  it('keeps what happened before for the journal of the save', () => {
    const asleep = { ...ready({ iteration: 1 }), state: 'sleeping' as const, until: NOW, reason: 'allowance' as const };
    expect(refusedBy('day', day(10_999_000n), asleep as never).journal.map((e) => e.type)).toEqual([
      'agent.waking',
      'agent.winding_down',
    ]);
  });
});

describe('the request', () => {
  const request = (overrides: Parameters<typeof ready>[0] = {}) => {
    const { session } = reserved(ready(overrides));
    return session.call.request;
  };

  it('says where it is to be served, so that no default makes it dearer than its hold', () => {
    expect(request()).toMatchObject({ inference_geo: 'global' });
    expect(request({ policy: { inferenceGeo: 'us' } })).toMatchObject({ inference_geo: 'us' });
    expect(request({ facts: { model: 'claude-haiku-4-5' } })).not.toHaveProperty('inference_geo');
    const wanted = (inferenceGeo: 'global' | 'us') => {
      const [effect] = claim(ready({ policy: { inferenceGeo } })).effects;
      return effect?.type === 'reserve' ? effect.wanted : 0n;
    };
    expect(wanted('us') * 10n).toBeGreaterThanOrEqual(wanted('global') * 11n - 11n);
  });

  it('joins adjacent user rows and never ends on an assistant turn', () => {
    const history = [
      user(1, 'a'),
      user(2, 'b'),
      assistant(3, toolUse('t', 'bash')),
      { ...user(4, ''), content: [toolResult('t')] },
      user(5, 'c'),
    ];
    const { messages } = request({ iteration: 1, history });
    expect(messages.map((m) => [m.role, m.content.length])).toEqual([
      ['user', 2],
      ['assistant', 1],
      ['user', 2],
    ]);
  });

  it('says inbox messages in order after the history, and takes them with the reply', () => {
    const { session } = reserved(
      ready({
        pending: {
          desired: 'run',
          wakeRequested: false,
          inbox: [
            { n: 4, content: 'one' },
            { n: 5, content: 'two' },
          ],
        },
      }),
    );
    expect(session.call.inboxTaken).toBe(5);
    expect(session.call.newMessages.slice(1).map((t) => t.content)).toEqual([[text('one')], [text('two')]]);
  });

  it('puts the wind-down notice last in the newest user turn', () => {
    const { session } = reserved(ready({ iteration: 2, day: day(9_100_000n) }));
    expect(session.call.noticed).toBe(true);
    const last = session.call.request.messages.at(-1)!.content.at(-1)! as { text: string };
    expect(last.text).toContain("$0.90 of today's $10.00 (9 %)");
  });

  it('has at most four breakpoints: tools, system, and the two newest user turns', () => {
    const history = [user(1, 'a'), assistant(2, text('x')), user(3, 'b'), assistant(4, text('y')), user(5, 'c')];
    const r = request({ iteration: 2, history });
    expect(JSON.stringify(r).match(/cache_control/g)).toHaveLength(4);
    expect(r.messages.map((m) => m.content.some((b) => 'cache_control' in b))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it('is byte-identical up to the newest turn from call to call', () => {
    const strip = (value: unknown) => JSON.stringify(value).replace(/,"cache_control":\{"type":"ephemeral"\}/g, '');
    const history = [
      user(1, 'a'),
      assistant(2, toolUse('t', 'bash', { b: 1, a: 2 })),
      { ...user(3, ''), content: [toolResult('t')] },
    ];
    const longer = [...history, assistant(4, text('y')), user(5, 'c')];
    const [first, second] = [request({ iteration: 1, history }), request({ iteration: 2, history: longer })];
    expect(strip(second.messages.slice(0, 3))).toBe(strip(first.messages));
    expect([strip(second.system), strip(second.tools)]).toEqual([strip(first.system), strip(first.tools)]);
  });

  it('shows long results of cleared rows by their length', () => {
    const history = [
      user(1, 'a'),
      assistant(2, toolUse('t', 'bash')),
      { ...user(3, ''), content: [toolResult('t', 'x'.repeat(5_000))] },
      assistant(4, text('y')),
      user(5, 'c'),
    ];
    const r = request({
      iteration: 2,
      history,
      memory: { context: { from: 1, clearedBefore: 4, mediaFrom: 1, compactedAt: 0, summary: null } },
    });
    expect(JSON.stringify(r)).toContain('[cleared: 5000 characters');
    expect(JSON.stringify(r).length).toBeLessThan(3_000);
  });
});

describe('R13', () => {
  it('a floor raised by a cut reply is what the next call must get at least', () => {
    const { effect, session } = reserved(ready({ iteration: 1, memory: { floor: 5_000 } }));
    expect(effect.least).toBe(
      worstCaseMicrodollars({ model: facts.model, inputTokens: session.call.inputBound, maxTokens: 5_000, at: NOW }),
    );
  });
});
