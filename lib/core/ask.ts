/**
 * Asking for money before asking the model (DESIGN 4.2, 4.3): the request, the bound on its prompt, and the hold that covers its worst
 * case. What does not fit is shrunk; below a useful floor the session rests instead, see refuse.ts.
 */
import { affordableOutput, modelLimits, worstCaseMicrodollars } from '../budget/pricing.ts';
import { SUMMARY_CEILING, SUMMARY_FLOOR } from './compact.ts';
import { inputBound, knownHeadBound, type Prompt, toRequest } from './context.ts';
import { modelOf } from './ladder.ts';
import { COMPACTION_PROMPT, nudgeNote, wakeNote, windDownNote } from './notes.ts';
import type { Call, Entry, Known, Session, Turn } from './session.ts';
import { settle } from './settle.ts';
import { free, known, type Step, windingDown } from './step.ts';

/** Calls of one owner are numbered; an invocation makes one. */
const N = 1;
/** The provider's own count is an estimate: this much and a few tokens are added. */
const COUNT_MARGIN = 1.05;
const COUNT_EXTRA = 512;

const prompt = (s: Known, says: Turn[], maxTokens: number): Prompt => ({
  agent: s.facts.agent,
  system: s.facts.system,
  model: modelOf(s),
  history: s.history,
  says,
  memory: s.memory,
  maxTokens,
  geo: s.policy.inferenceGeo,
});

const callOf = (
  s: Known,
  part: Pick<Call, 'kind' | 'says' | 'inboxTaken' | 'noticed'>,
  { least, most }: { least: number; most: number },
): Call => {
  const mostOutput = Math.min(most, modelLimits(modelOf(s)).maxOutput);
  const request = toRequest(prompt(s, part.says, mostOutput));
  return {
    ...part,
    request,
    inputBound: inputBound(request, prompt(s, part.says, mostOutput)),
    counted: false,
    leastOutput: Math.min(least, mostOutput),
    mostOutput,
  };
};

/** What the next prompt says for the first time: that it slept, what persons said, that money runs short. */
const sayings = (s: Known, at: number): Turn[] => [
  ...(s.memory.rested ? [wakeNote({ ...s.memory.rested, handOff: s.memory.handOff }, at, s.day)] : []),
  ...s.wishes.inbox.map(({ content }): Turn => ({ role: 'user', content: [{ type: 'text', text: content }] })),
  ...(windingDown(s) ? [windDownNote(s.day)] : []),
];

export const think = (s: Known, journal: Entry[], at: number): Step => {
  const says = sayings(s, at);
  const mute = says.length === 0 && s.history.at(-1)?.role !== 'user';
  const inboxTaken = s.wishes.inbox.at(-1)?.n ?? 0;
  const { maxOutputTokens, leastOutputTokens } = s.policy;
  const call = callOf(
    s,
    { kind: 'think', says: mute ? [nudgeNote] : says, inboxTaken, noticed: windingDown(s) },
    { least: Math.max(leastOutputTokens, s.memory.floor), most: maxOutputTokens },
  );
  return ask(s, call, journal, at);
};

/** Told with the first call to another model of the ladder, and not before it has its money. */
const modelEntry = ({ memory: { model: from } }: Known, { kind, request: { model: to } }: Call): Entry[] =>
  kind === 'compact' || from === null || from === to ? [] : [{ type: 'agent.model_changed', data: { from, to } }];

export const compact = (s: Known, journal: Entry[], at: number): Step => {
  const says: Turn[] = [{ role: 'user', content: [{ type: 'text', text: COMPACTION_PROMPT }] }];
  const call = callOf(
    s,
    { kind: 'compact', says, inboxTaken: 0, noticed: false },
    { least: SUMMARY_FLOOR, most: SUMMARY_CEILING },
  );
  return ask(s, call, journal, at);
};

const priced = ({ request, inputBound }: Call) => ({
  model: request.model,
  inputTokens: inputBound,
  ...(request.inference_geo && { geo: request.inference_geo }),
});

export const worst = (call: Call, maxTokens: number, at: number): bigint =>
  worstCaseMicrodollars({ ...priced(call), maxTokens, at });

/** Counts first where the free bound alone would refuse the call; reserves otherwise. */
const ask = (s: Known, call: Call, journal: Entry[], at: number): Step => {
  const short = worst(call, call.leastOutput, at) > free(s.day);
  return short || s.policy.countTokens === 'always' ? count(s, call, journal) : reserve(s, call, journal, at);
};

export const count = (s: Known, call: Call, journal: Entry[]): Step => ({
  session: { ...known(s), state: 'counting', call, journal },
  effects: [{ type: 'count', request: call.request }],
});

const reserve = (s: Known, call: Call, journal: Entry[], at: number): Step => ({
  session: { ...known(s), state: 'reserving', call, journal },
  effects: [
    {
      type: 'reserve',
      n: N,
      least: worst(call, call.leastOutput, at),
      wanted: worst(call, call.mostOutput, at),
      model: call.request.model,
      handOff: windingDown(s),
      journal: [
        ...journal,
        ...modelEntry(s, call),
        {
          type: 'agent.thinking',
          data: {
            iteration: s.iteration + 1,
            model: call.request.model,
            ...(call.kind === 'compact' && { compacting: true }),
          },
        },
      ],
    },
  ],
});

export const counted = (s: Extract<Session, { state: 'counting' }>, tokens: number | null, at: number): Step => {
  const { request, says, mostOutput } = s.call;
  const exact =
    tokens === null
      ? knownHeadBound(request, prompt(s, says, mostOutput))
      : Math.ceil(tokens * COUNT_MARGIN) + COUNT_EXTRA;
  const bound = s.policy.countTokens === 'always' ? exact : Math.min(s.call.inputBound, exact);
  return reserve(s, { ...s.call, inputBound: bound, counted: true }, s.journal, at);
};

/**
 * A hold below what this call needs is not its own: a late copy of an earlier question of this owner got it. Nothing was sent for it, so it
 * is given back and asked for anew.
 */
export const granted = (s: Extract<Session, { state: 'reserving' }>, amount: bigint, day: string, at: number): Step => {
  const { call } = s;
  const fits = affordableOutput({ ...priced(call), amount, at });
  const maxTokens = Math.min(call.mostOutput, fits);
  const hold = { n: N, amount, day, maxTokens, shrunk: maxTokens < call.mostOutput };
  const request = { ...call.request, max_tokens: maxTokens };
  const thinking = { ...known(s), state: 'thinking', call: { ...call, request }, hold } as const;
  if (maxTokens < call.leastOutput) {
    return settle(thinking, { cost: 0n, model: request.model, usage: null }, { type: 'retry', due: at });
  }
  return { session: thinking, effects: [{ type: 'think', request }] };
};
