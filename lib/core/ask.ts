/**
 * Asking for money before asking the model (DESIGN 4.2, 4.3): the request, the bound on its prompt, and the hold that covers its worst
 * case. What does not fit is shrunk; below a useful floor the session rests instead.
 */

import { isAtGracefulThreshold } from '../budget/allowance.ts';
import { affordableOutput, modelLimits, worstCaseMicrodollars } from '../budget/pricing.ts';
import { toBed } from './bed.ts';
import { clearedResults } from './compact.ts';
import { inputBound, knownHeadBound, type Prompt, toRequest } from './context.ts';
import type { RefusedBy } from './event.ts';
import { spread } from './hash.ts';
import { COMPACTION_PROMPT, dollars, nudgeNote, wakeNote, windDownNote } from './notes.ts';
import { end, exceeded, nextMorning, sleepUntil, waitFor } from './rest.ts';
import type { Call, Day, Entry, Known, Session, Turn } from './session.ts';
import { known, type Step, save } from './step.ts';

/** Calls of one owner are numbered; an invocation makes one. */
const N = 1;
/** Others hold what we need: they settle within seconds, so try again soon, not tomorrow (R12). */
const HELD_RETRY_MS = 2_000;
/** The provider's own count is an estimate: this much and a few tokens are added. */
const COUNT_MARGIN = 1.05;
const COUNT_EXTRA = 512;

export const windingDown = (s: Known): boolean =>
  isAtGracefulThreshold({ spentMicrodollars: s.day.spent, dailyBudgetMicrodollars: s.day.allowance });

export const maxOutput = (s: Known): number => Math.min(s.policy.maxOutputTokens, modelLimits(s.facts.model).maxOutput);

const prompt = (s: Known, says: Turn[]): Prompt => ({
  agent: s.facts.agent,
  system: s.facts.system,
  model: s.facts.model,
  history: s.history,
  says,
  memory: s.memory,
  maxTokens: maxOutput(s),
});

const callOf = (s: Known, kind: Call['kind'], says: Turn[], rest: Pick<Call, 'inboxTaken' | 'noticed'>): Call => {
  const request = toRequest(prompt(s, says));
  return { kind, request, says, inputBound: inputBound(request, prompt(s, says)), counted: false, ...rest };
};

/** What the next prompt says for the first time: that it slept, what persons said, that money runs short. */
export const sayings = (s: Known, at: number): Turn[] => [
  ...(s.memory.rested ? [wakeNote(s.memory.rested, at, s.day)] : []),
  ...s.wishes.inbox.map(({ content }): Turn => ({ role: 'user', content: [{ type: 'text', text: content }] })),
  ...(windingDown(s) ? [windDownNote(s.day)] : []),
];

export const think = (s: Known, journal: Entry[], at: number): Step => {
  const says = sayings(s, at);
  const mute = says.length === 0 && s.history.at(-1)?.role !== 'user';
  return ask(
    s,
    callOf(s, 'think', mute ? [nudgeNote] : says, {
      inboxTaken: s.wishes.inbox.at(-1)?.n ?? 0,
      noticed: windingDown(s),
    }),
    journal,
    at,
  );
};

export const compact = (s: Known, journal: Entry[], at: number): Step =>
  ask(
    s,
    callOf(s, 'compact', [{ role: 'user', content: [{ type: 'text', text: COMPACTION_PROMPT }] }], {
      inboxTaken: 0,
      noticed: false,
    }),
    journal,
    at,
  );

const floorOf = (s: Known): number => Math.min(maxOutput(s), Math.max(s.policy.leastOutputTokens, s.memory.floor));

const worst = (s: Known, call: Call, maxTokens: number, at: number): bigint =>
  worstCaseMicrodollars({ model: s.facts.model, inputTokens: call.inputBound, maxTokens, at });

const free = (day: Day): bigint => day.ceiling - day.spent - day.held;

/** Counts first where the free bound alone would refuse the call; reserves otherwise. */
const ask = (s: Known, call: Call, journal: Entry[], at: number): Step => {
  const short = worst(s, call, floorOf(s), at) > free(s.day);
  if (!call.counted && (short || s.policy.countTokens === 'always')) {
    return {
      session: { ...known(s), state: 'counting', call, journal },
      effects: [{ type: 'count', request: call.request }],
    };
  }
  return reserve(s, call, journal, at);
};

const reserve = (s: Known, call: Call, journal: Entry[], at: number): Step => ({
  session: { ...known(s), state: 'reserving', call, journal },
  effects: [
    {
      type: 'reserve',
      n: N,
      least: worst(s, call, floorOf(s), at),
      wanted: worst(s, call, maxOutput(s), at),
      journal: [
        ...journal,
        {
          type: 'agent.thinking',
          data: {
            iteration: s.iteration + 1,
            model: s.facts.model,
            ...(call.kind === 'compact' && { compacting: true }),
          },
        },
      ],
    },
  ],
});

export const counted = (s: Extract<Session, { state: 'counting' }>, tokens: number | null, at: number): Step => {
  const { request, says } = s.call;
  const exact =
    tokens === null ? knownHeadBound(request, prompt(s, says)) : Math.ceil(tokens * COUNT_MARGIN) + COUNT_EXTRA;
  const bound = s.policy.countTokens === 'always' ? exact : Math.min(s.call.inputBound, exact);
  return reserve(s, { ...s.call, inputBound: bound, counted: true }, s.journal, at);
};

export const granted = (s: Extract<Session, { state: 'reserving' }>, amount: bigint, day: string, at: number): Step => {
  const { call } = s;
  const fits = affordableOutput({ model: s.facts.model, inputTokens: call.inputBound, amount, at });
  const maxTokens = Math.min(maxOutput(s), fits);
  const hold = { n: N, amount, day, maxTokens, shrunk: maxTokens < maxOutput(s) };
  const request = { ...call.request, max_tokens: maxTokens };
  return {
    session: { ...known(s), state: 'thinking', call: { ...call, request }, hold },
    effects: [{ type: 'think', request, n: N }],
  };
};

/** No hold: why decides how long it rests. A count is tried before the day is given up for lost. */
export const refused = (s: Extract<Session, { state: 'reserving' }>, by: RefusedBy, day: Day, at: number): Step => {
  const now: Known = { ...known(s), day };
  const { call, journal } = s;
  if (!call.counted) {
    return {
      session: { ...now, state: 'counting', call, journal },
      effects: [{ type: 'count', request: call.request }],
    };
  }
  if (by === 'held')
    return save(now, { journal, due: at + HELD_RETRY_MS + spread(`${s.facts.id}:${s.fence}`, HELD_RETRY_MS) });
  if (call.kind === 'compact') return withoutSummary(now, journal, at);
  if (by === 'cap') return save(now, { journal, due: at, rest: end(now, 'cost_cap_reached') });
  if (day.spent > day.ceiling) return save(now, { journal, due: at, rest: exceeded(now, at) });
  const least = worst(now, call, floorOf(now), at);
  if (day.allowance > 0n && least > day.ceiling)
    return save(now, { journal, due: at, rest: waitFor(now, tooDear(least, day)) });
  return toBed(now, journal, at);
};

/** The summary cannot be paid now: old results are cleared instead, and a bedtime goes on to bed. */
const withoutSummary = (s: Known, journal: Entry[], at: number): Step => {
  const bedtime = s.memory.compact === 'bedtime';
  const memory = bedtime ? { ...s.memory, compact: null } : clearedResults(s);
  const next = { ...s, memory };
  return bedtime
    ? save(next, { journal, due: at, rest: sleepUntil(next, nextMorning(next), 'allowance', at) })
    : save(next, { journal, due: at });
};

const tooDear = (least: bigint, day: Day): string =>
  `The next step needs up to ${dollars(least)}, but a whole day allows only ${dollars(day.ceiling)}, so waiting for tomorrow would not help. ` +
  'Raise the budget, top up, or tell me how to go on with less; any message makes me try again.';
