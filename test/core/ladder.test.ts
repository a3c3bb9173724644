/** The ladder: a session that opted in goes down to cheaper models before it sleeps early, and up again the next morning. */
import { describe, expect, it } from 'vitest';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import type { Session } from '../../lib/core/session.ts';
import { claim, day, kinds, MIDNIGHT, ready, reply, saveOf, settlementOf, text, usage, when } from './given.ts';

const [OPUS, SONNET, HAIKU] = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'] as const;
const facts = { model: OPUS, ladder: [SONNET, HAIKU] };
const at = (spent: bigint, more: object = {}) => ready({ iteration: 3, day: day(spent), facts, ...more });

const modelOf = (step: ReturnType<typeof claim>) => {
  if (step.session.state !== 'reserving' && step.session.state !== 'counting') throw new Error(step.session.state);
  return step.session.call.request.model;
};
const reserved = (session: Session) => {
  const step = claim(session);
  return kinds(step)[0] === 'count' ? when(step.session, { type: 'counted', tokens: 100 }) : step;
};

describe('the ladder', () => {
  it.each([
    [0n, OPUS],
    [5_999_999n, OPUS],
    [6_000_000n, SONNET],
    [7_499_999n, SONNET],
    [7_500_000n, HAIKU],
    [9_500_000n, HAIKU],
  ])('with %s of ten dollars spent the next call is made with %s', (spent, model) => {
    expect(modelOf(claim(at(spent)))).toBe(model);
  });

  it('is not for those who did not ask for it', () => {
    expect(modelOf(claim(at(8_000_000n, { facts: { ...facts, ladder: [] } })))).toBe(OPUS);
  });

  it('is gone down a rung when a step does not fit, and only then does the agent wind down', () => {
    const first = reserved(at(1_000_000n));
    expect(modelOf(first)).toBe(OPUS);
    const tried: string[] = [OPUS];
    let step = first;
    for (let i = 0; i < 12 && step.session.state !== 'saving'; i += 1) {
      const counts = step.effects[0]?.type === 'count';
      step = when(
        step.session,
        counts ? { type: 'counted', tokens: 100 } : { type: 'refused', by: 'day', day: day(1_000_000n) },
      );
      if (step.session.state === 'reserving' && modelOf(step) !== tried.at(-1)) tried.push(modelOf(step));
    }
    expect(tried).toEqual([OPUS, SONNET, HAIKU]);
    expect(saveOf(step).suspension?.to).toMatchObject({ state: 'sleeping', until: MIDNIGHT });
  });

  it('keeps its rung for the rest of the day, and is at the top again the next, or with more money', () => {
    const memory = { rung: { day: '2026-11-22', index: 1, short: '11000000' } };
    expect(modelOf(claim(at(0n, { memory })))).toBe(SONNET);
    expect(modelOf(claim(at(0n, { memory, day: day(0n, { date: '2026-11-23' }) })))).toBe(OPUS);
    expect(modelOf(claim(at(0n, { memory, day: day(0n, { ceiling: 12_000_000n }) })))).toBe(OPUS);
  });

  it('tells the journal of no model that it could not pay for, and once of the one it could', () => {
    const types = (step: ReturnType<typeof claim>) => {
      const [effect] = step.effects;
      if (effect?.type === 'reserve') return effect.journal.map(({ type }) => type);
      if (effect?.type === 'save') return effect.save.journal.map(({ type }) => type);
      return [];
    };
    const told: string[][] = [];
    let step = reserved(at(6_000_000n, { memory: { model: OPUS } }));
    for (let i = 0; i < 12 && step.session.state !== 'saving'; i += 1) {
      const counts = step.effects[0]?.type === 'count';
      step = when(
        step.session,
        counts ? { type: 'counted', tokens: 100 } : { type: 'refused', by: 'day', day: day(6_000_000n) },
      );
      told.push(types(step));
    }
    expect(told.at(-2)).toEqual(['agent.winding_down', 'agent.model_changed', 'agent.thinking']);
    expect(told.at(-1)).toEqual(['agent.winding_down']);
  });

  it('tells the journal of a change', () => {
    const [effect] = reserved(at(6_000_000n, { memory: { model: OPUS } })).effects;
    expect(effect).toMatchObject({
      journal: [{ type: 'agent.model_changed', data: { from: OPUS, to: SONNET } }, { type: 'agent.thinking' }],
    });
  });

  it('passes over a model whose window the context does not fit', () => {
    const counted = (tokens: number) => ({ model: OPUS, tokens, n: 1, head: '' });
    const small = { model: OPUS, ladder: ['claude-haiku-4-5'] };
    const next = (tokens: number) =>
      modelOf(
        claim(at(9_000_000n, { facts: small, memory: { counted: counted(tokens) }, policy: { compaction: false } })),
      );
    expect(next(159_999)).toBe('claude-haiku-4-5');
    expect(next(160_000)).toBe(OPUS);
  });

  it('holds and settles at the price of the model that was asked', () => {
    const step = reserved(at(6_000_000n));
    const [effect] = step.effects;
    if (effect?.type !== 'reserve') throw new Error('no reserve');
    expect(effect.model).toBe(SONNET);
    const thinking = when(step.session, { type: 'granted', amount: effect.wanted, day: '2026-11-22' });
    const spent = usage(1_000, 100);
    const answer = reply([text('done')]);
    const settlement = settlementOf(when(thinking.session, { ...answer, reply: { ...answer.reply, model: SONNET } }));
    expect(settlement).toMatchObject({ model: SONNET, cost: costMicrodollars({ model: SONNET, usage: spent }) });
    expect(settlement.memory).toMatchObject({ model: SONNET, counted: { model: SONNET } });
  });
});
