/** Effort is said with each call; as money runs short it goes down before the model does, and not where that would cost more than it saves. */
import { describe, expect, it } from 'vitest';
import { EFFORTS, knownModels, retiredOn, worstCaseMicrodollars } from '../../lib/budget/index.ts';
import type { Session } from '../../lib/core/session.ts';
import { validate } from '../../lib/local/messages-api/index.ts';
import {
  claim,
  day,
  head,
  kinds,
  NOW,
  ready,
  reply,
  settlementOf,
  text,
  thinking,
  toldBy,
  usage,
  when,
} from './given.ts';

const [OPUS, SONNET, HAIKU] = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'] as const;

const reserved = (session: Session) => {
  const step = claim(session);
  return kinds(step)[0] === 'count' ? when(step.session, { type: 'counted', tokens: 100 }) : step;
};
const callOf = ({ session }: ReturnType<typeof claim>) => {
  if (!('call' in session)) throw new Error(session.state);
  return session.call;
};
const effortOf = (session: Session) => callOf(reserved(session)).request.output_config?.effort;
const journalOf = (session: Session) => {
  const [effect] = reserved(session).effects;
  return effect?.type === 'reserve' ? effect.journal : [];
};
const at = (spent: bigint, more: object = {}) => ready({ iteration: 3, day: day(spent), ...more });
/** A context of so many tokens that the provider has in its cache, after a call at `effort`. */
const cached = (tokens: number, effort: 'low' | 'medium' | 'high', model: string = SONNET) => ({
  ...{ model, effort, counted: { model, tokens, n: 1, head: head() } },
});

describe('thinking and effort', () => {
  it('are said with each call, as far as the model takes them', () => {
    const said = (model: string, effort: 'xhigh' | null = null) => {
      const { thinking, output_config } = callOf(reserved(at(0n, { facts: { model, effort } }))).request;
      return { thinking, effort: output_config?.effort };
    };
    const adaptive = { type: 'adaptive', display: 'summarized' };
    expect(said(SONNET)).toEqual({ thinking: adaptive, effort: 'high' });
    expect(said(HAIKU)).toEqual({ thinking: adaptive, effort: 'medium' });
    expect(said('claude-sonnet-4-6', 'xhigh')).toEqual({ thinking: adaptive, effort: 'high' });
    expect(said('claude-opus-4-5')).toEqual({ thinking: undefined, effort: 'high' });
    expect(said('claude-haiku-4-5', 'xhigh')).toEqual({ thinking: undefined, effort: undefined });
  });

  it('are what the provider takes, of every model that is still served', () => {
    const refused = knownModels()
      .filter((model) => !retiredOn(model, '2026-11-22'))
      .flatMap((model) => EFFORTS.map((effort) => callOf(reserved(at(0n, { facts: { model, effort } }))).request))
      .map((request) => validate(request, { account: 'a', now: NOW }));
    expect(refused.length).toBeGreaterThan(50);
    expect(refused.filter((answer) => answer !== null)).toEqual([]);
  });

  it('are those of the session, else of its agent, else of its tier, else of its model', () => {
    const { agent } = at(0n).facts;
    const policy = { tierEffort: { standard: 'medium' } as const };
    const facts = { agent: { ...agent, effort: 'xhigh' as const } };
    expect(effortOf(at(0n, { policy, facts: { ...facts, effort: 'max' } }))).toBe('max');
    expect(effortOf(at(0n, { policy, facts }))).toBe('xhigh');
    expect(effortOf(at(0n, { policy }))).toBe('medium');
    expect(effortOf(at(0n, { policy, facts: { tier: 'another' } }))).toBe('high');
  });
});

describe('the ladder of effort', () => {
  it.each([
    ['high', [], 6_999_999n, SONNET, 'high'],
    ['high', [], 7_000_000n, SONNET, 'medium'],
    ['high', [], 8_000_000n, SONNET, 'low'],
    ['medium', [], 7_499_999n, SONNET, 'medium'],
    ['medium', [], 7_500_000n, SONNET, 'low'],
    ['low', [], 9_500_000n, SONNET, 'low'],
    ['medium', [HAIKU], 5_999_999n, SONNET, 'medium'],
    ['medium', [HAIKU], 6_000_000n, SONNET, 'low'],
    ['medium', [HAIKU], 7_500_000n, HAIKU, 'low'],
  ] as const)(
    'of %s and the models %j with %s of ten dollars spent is at %s and %s',
    (effort, ladder, spent, model, level) => {
      const session = at(spent, { facts: { effort, ladder: [...ladder] } });
      expect(callOf(reserved(session)).request).toMatchObject({ model, output_config: { effort: level } });
    },
  );

  it('goes down in effort before it goes down in model, whatever the ladder', () => {
    for (const ladder of [[SONNET], [SONNET, HAIKU], [SONNET, SONNET, SONNET, HAIKU]])
      for (const effort of ['medium', 'high', 'xhigh', 'max'] as const) {
        const steps = Array.from({ length: 101 }, (_, i) => {
          const { request } = callOf(reserved(at(BigInt(i) * 100_000n, { facts: { model: OPUS, effort, ladder } })));
          return [request.model, request.output_config?.effort];
        });
        const first = steps.findIndex(([model]) => model !== OPUS);
        expect(steps[first - 1]).toEqual([OPUS, 'low']);
        expect(steps[0]).toEqual([OPUS, effort]);
      }
  });

  it('tells the journal of a change, and every call its effort', () => {
    const session = at(8_000_000n, { facts: { effort: 'medium' }, memory: cached(2_000, 'medium') });
    expect(journalOf(session)).toMatchObject([
      { type: 'agent.effort_changed', data: { from: 'medium', to: 'low', budget_pct: 80 } },
      { type: 'agent.thinking', data: { effort: 'low' } },
    ]);
    const same = at(8_000_000n, { facts: { effort: 'medium' }, memory: cached(2_000, 'low') });
    expect(journalOf(same).map(({ type }) => type)).toEqual(['agent.thinking']);
  });

  it('does not change where reading a warm context anew would cost more than a thirty-third of the day', () => {
    // 126,262 tokens at $2.40 a million more than from the cache are $0.303 of $10.
    const facts = { effort: 'medium' } as const;
    const policy = { compaction: false };
    const level = (tokens: number, more: object = {}) =>
      effortOf(at(8_000_000n, { facts, policy, memory: { ...cached(tokens, 'medium'), ...more } }));
    expect(level(126_262)).toBe('low');
    expect(level(126_263)).toBe('medium');
    // A sleep leaves no cache, nor does another model's.
    expect(level(200_000, { rested: { reason: 'allowance', since: 0 } })).toBe('low');
    expect(level(200_000, cached(200_000, 'medium', OPUS))).toBe('low');
    expect(level(200_000, { counted: null })).toBe('low');
  });

  it('is at its own level again the next day', () => {
    const memory = cached(2_000, 'low');
    expect(effortOf(at(0n, { facts: { effort: 'medium' }, memory }))).toBe('medium');
  });

  it('asks for a summary at low effort, unless that would lose a warm cache', () => {
    const owed = (memory: object) =>
      callOf(reserved(at(0n, { facts: { effort: 'high' }, memory: { compact: 'full', ...memory } })));
    expect(owed(cached(50_000, 'high')).request.output_config?.effort).toBe('high');
    const cold = owed({ ...cached(50_000, 'high'), rested: { reason: 'agent', since: 0 } });
    expect(cold).toMatchObject({ kind: 'compact', request: { output_config: { effort: 'low' } } });
  });
});

describe('the length of replies', () => {
  it('is what the session asks for, else its agent, and what is held', () => {
    const { agent } = at(0n).facts;
    const facts = { agent: { ...agent, maxOutputTokens: 5_000 } };
    const held = (session: Session) => {
      const step = reserved(session);
      const [effect] = step.effects;
      const { request, inputBound } = callOf(step);
      if (effect?.type !== 'reserve') throw new Error('no reserve');
      expect(effect.wanted).toBe(
        worstCaseMicrodollars({ model: SONNET, inputTokens: inputBound, maxTokens: request.max_tokens }),
      );
      return request.max_tokens;
    };
    expect(held(at(0n, { facts: { ...facts, maxOutputTokens: 40_000 } }))).toBe(40_000);
    expect(held(at(0n, { facts: { maxOutputTokens: 1_024 } }))).toBe(1_024);
    expect(held(at(0n, { facts }))).toBe(5_000);
    expect(held(at(0n))).toBe(16_000);
  });
});

describe('what the agent thinks', () => {
  it('is told to the journal where the provider shows it, before what it says', () => {
    const thought = (value: string) => ({ type: 'thinking', thinking: value, signature: 's' });
    const content = [thought('First the moons.'), thought(''), thought(' Then the rings. '), text('Done.')];
    const settlement = settlementOf(when(thinking(at(0n)), reply(content, 'end_turn', usage(100, 10))));
    expect(toldBy(settlement)).toEqual([
      { type: 'agent.thought', data: { text: 'First the moons.\n\nThen the rings.' } },
      { type: 'agent.text', data: { text: 'Done.' } },
    ]);
    expect(settlement.memory.effort).toBe('high');
    const silent = settlementOf(when(thinking(at(0n)), reply([thought(''), text('Done.')])));
    expect(toldBy(silent).map(({ type }) => type)).toEqual(['agent.text']);
  });
});
