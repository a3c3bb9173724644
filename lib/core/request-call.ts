/**
 * Asking for money before asking the model (R12, R15): the request, the bound on its prompt, and the hold that covers its worst
 * case. What does not fit is shrunk; below a useful floor the session is suspended instead, see refused.ts.
 */
import { thinks } from '../budget/abilities.ts';
import { retiredOn } from '../budget/models.ts';
import { affordableOutput, modelLimits, worstCaseMicrodollars } from '../budget/pricing.ts';
import { bound, withLatest } from './binding.ts';
import { SUMMARY_CEILING, SUMMARY_FLOOR } from './compact.ts';
import {
  inputBound,
  knownHeadBound,
  midTurn,
  type PromptParts,
  showsNewDocument,
  toRequest,
  unanswered,
} from './context.ts';
import { effortEntry, effortOf, mostOutputOf, thinkingPart } from './effort.ts';
import type { LogEntry } from './events.ts';
import { memoryNews } from './memory-news.ts';
import { modelOf } from './model-ladder.ts';
import {
  compactionPrompt,
  factsNote,
  filesNote,
  handOffTurn,
  moneyNote,
  nudgeNote,
  replyLimitNote,
  wakeNote,
  windDownNote,
} from './runtime-messages.ts';
import type { Call, Message, Session, SessionData } from './session.ts';
import { settle } from './settle-call.ts';
import { free, known, milestone, ofCall, type Step, windingDown } from './step.ts';

/** Calls of one owner are numbered; an invocation makes one. */
const N = 1;
/** The provider's own count is an estimate: this much and a few tokens are added. */
const COUNT_MARGIN = 1.05;
const COUNT_EXTRA = 512;
/** Where the model thinks, a reply with less room than this ends before it has said anything. */
const LEAST_WITH_THINKING = 4_096;
/** Tokens for telling the agent that its reply may be shorter than usual, which only the granted hold decides. */
const LIMIT_NOTE_TOKENS = 200;

const prompt = (s: SessionData, newMessages: Message[], maxTokens: number): PromptParts => ({
  agent: s.facts.agent,
  system: s.facts.system,
  model: modelOf(s),
  history: s.history,
  newMessages,
  memory: s.memory,
  maxTokens,
  geo: s.policy.inferenceGeo,
});

function callOf(
  s: SessionData,
  part: Pick<Call, 'kind' | 'newMessages' | 'inboxTaken' | 'filesTold' | 'sharedTold' | 'noticed'>,
  { least, bare, most }: { least: number; bare: number; most: number },
): Call {
  const model = modelOf(s);
  const mostOutput = Math.min(most, modelLimits(model).maxOutput);
  const thinking = thinkingPart(model, effortOf(s, part.kind));
  const request = { ...toRequest(prompt(s, part.newMessages, mostOutput)), ...thinking };
  return {
    ...part,
    request,
    inputBound: inputBound(request, prompt(s, part.newMessages, mostOutput)) + LIMIT_NOTE_TOKENS,
    counted: false,
    leastOutput: Math.min(least, mostOutput),
    bareOutput: Math.min(bare, mostOutput),
    mostOutput,
  };
}

/** What the next prompt says for the first time: what day it is, that it slept, what users sent and said, how its money stands. */
function sayings(s: SessionData, ofMemory: Message[], at: number): Message[] {
  const { rested, handOff } = s.memory;
  const { received } = s.pending;
  const inbox = s.pending.inbox.map(
    ({ content }): Message => ({ role: 'user', content: [{ type: 'text', text: content }] }),
  );
  return [
    ...(begins(s) ? [factsNote(s.day, mostOutputOf(s), at)] : []),
    ...(rested ? [wakeNote(rested, s.day, { at, handOff: handOff !== null, messages: inbox.length })] : []),
    ...(rested && handOff !== null ? [handOffTurn(handOff)] : []),
    ...ofMemory,
    ...(received ? [filesNote(received)] : []),
    ...inbox,
    ...(windingDown(s) ? [windDownNote(s.day)] : untold(s) && !rested ? [moneyNote(s.day)] : []),
  ];
}

/** The agent has not said anything yet. */
const begins = ({ history, memory }: SessionData): boolean =>
  memory.context.summary === null && history.every(({ role }) => role === 'user');

/** More of the day's money is used than when the agent was last told. */
function untold(s: SessionData): boolean {
  const { told } = s.memory;
  return milestone(s) > (told?.day === s.day.date ? told.percent : 0);
}

/** What its last replies were long on average; 0: there is none yet. Output tokens. */
const usualOutput = ({ memory: { outputs } }: SessionData): number =>
  outputs.length === 0 ? 0 : outputs.reduce((sum, tokens) => sum + tokens, 0) / outputs.length;

/** Output tokens that the next reply must be able to have: half of what is usual, before the day's last ones are made shorter. */
function room(s: SessionData, bare: boolean) {
  const { leastOutputTokens } = s.policy;
  const least = Math.max(leastOutputTokens, s.memory.floor, thinks(modelOf(s)) ? LEAST_WITH_THINKING : 0);
  const usual = bare || windingDown(s) ? 0 : Math.ceil(usualOutput(s) / 2);
  return { least: Math.max(least, usual), bare: least, most: mostOutputOf(s) };
}

/** `bare`: with as little room for the reply as makes it worth while. */
export function think(before: SessionData, journal: LogEntry[], at: number, { bare = false } = {}): Step {
  const { session, journal: changed } = withLatest(before);
  const s = bound(session);
  const news = memoryNews(s);
  const newMessages = midTurn(s) ? [] : sayings(s, news.notes, at);
  const mute = newMessages.length === 0 && !midTurn(s) && !unanswered(s.history, s.memory);
  const inboxTaken = midTurn(s) ? 0 : (s.pending.inbox.at(-1)?.n ?? 0);
  const filesTold = s.pending.received !== undefined && !midTurn(s);
  const noticed = windingDown(s) && !midTurn(s);
  const call = callOf(
    s,
    {
      kind: 'think',
      newMessages: mute ? [nudgeNote] : newMessages,
      inboxTaken,
      filesTold,
      ...(!midTurn(s) && s.shared && { sharedTold: news.told }),
      noticed,
    },
    room(s, bare),
  );
  return requestCall(s, call, [...journal, ...changed], at);
}

/** Told with the first call to another model of the ladder, and not before it has its money. */
const modelEntry = (
  { memory: { model: from }, day: { date } }: SessionData,
  { kind, request: { model: to } }: Call,
): LogEntry[] =>
  kind === 'compact' || from === null || from === to
    ? []
    : [{ type: 'agent.model_changed', data: { from, to, ...(retiredOn(from, date) && { reason: 'retired' }) } }];

export function compact(before: SessionData, journal: LogEntry[], at: number): Step {
  const s = bound(before);
  const call = callOf(
    s,
    { kind: 'compact', newMessages: [compactionPrompt], inboxTaken: 0, filesTold: false, noticed: false },
    { least: SUMMARY_FLOOR, bare: SUMMARY_FLOOR, most: SUMMARY_CEILING },
  );
  return requestCall(s, call, journal, at);
}

const priced = ({ request, inputBound }: Call) => ({
  model: request.model,
  inputTokens: inputBound,
  ...(request.inference_geo && { geo: request.inference_geo }),
});

export const worst = (call: Call, maxTokens: number, at: number): bigint =>
  worstCaseMicrodollars({ ...priced(call), maxTokens, at });

/** Counts first where the free bound alone would refuse the call, or may be none; reserves otherwise. */
function requestCall(s: SessionData, call: Call, journal: LogEntry[], at: number): Step {
  const short = worst(call, call.leastOutput, at) > free(s.day);
  return short || s.policy.countTokens === 'always' || showsNewDocument(prompt(s, call.newMessages, call.mostOutput))
    ? count(s, call, journal)
    : reserve(s, call, journal, at);
}

export const count = (s: SessionData, call: Call, journal: LogEntry[]): Step => ({
  session: { ...known(s), state: 'counting', call, journal },
  effects: [{ type: 'count', request: call.request }],
});

function reserve(s: SessionData, call: Call, journal: LogEntry[], at: number): Step {
  const least = worst(call, call.leastOutput, at);
  return {
    session: { ...known(s), least, state: 'reserving', call, journal },
    effects: [
      {
        ...{ type: 'reserve', n: N, least },
        wanted: worst(call, call.mostOutput, at),
        model: call.request.model,
        handOff: windingDown(s),
        journal: [...journal, ...ofCall(s, [...modelEntry(s, call), ...effortEntry(s, call), thinkingEntry(call)])],
      },
    ],
  };
}

const thinkingEntry = ({ kind, request: { model, output_config: output } }: Call): LogEntry => ({
  type: 'agent.thinking',
  data: { model, ...(output && { effort: output.effort }), ...(kind === 'compact' && { compacting: true }) },
});

export function counted(s: Extract<Session, { state: 'counting' }>, tokens: number | null, at: number): Step {
  const { request, newMessages, mostOutput } = s.call;
  const exact =
    tokens === null
      ? knownHeadBound(request, prompt(s, newMessages, mostOutput))
      : Math.ceil(tokens * COUNT_MARGIN) + COUNT_EXTRA;
  const trusted =
    s.policy.countTokens === 'always' || (tokens !== null && showsNewDocument(prompt(s, newMessages, mostOutput)));
  const bound = trusted ? exact : Math.min(s.call.inputBound, exact);
  return reserve(s, { ...s.call, inputBound: bound, counted: true }, s.journal, at);
}

/**
 * A hold below what this call needs is not its own: a late copy of an earlier question of this owner got it. Nothing was sent for it, so it
 * is given back and asked for anew.
 */
export function granted(s: Extract<Session, { state: 'reserving' }>, amount: bigint, day: string, at: number): Step {
  const { call } = s;
  const fits = affordableOutput({ ...priced(call), amount, at });
  const maxTokens = Math.min(call.mostOutput, fits);
  const hold = { n: N, amount, day, maxTokens, shrunk: maxTokens < call.mostOutput };
  const announced = announcing(s, maxTokens);
  const thinking = { ...known(s), state: 'thinking', call: announced, hold, since: at } as const;
  if (maxTokens < call.leastOutput) {
    return settle(thinking, { cost: 0n, model: call.request.model, usage: null }, { type: 'retry', due: at });
  }
  return { session: thinking, effects: [{ type: 'think', request: announced.request }] };
}

/** The call with its limit of output tokens, of which the agent is told where it is less than usual. */
function announcing(s: Extract<Session, { state: 'reserving' }>, maxTokens: number): Call {
  const { call } = s;
  if (call.kind === 'compact' || maxTokens >= call.mostOutput || midTurn(s))
    return { ...call, request: { ...call.request, max_tokens: maxTokens } };
  const newMessages = [...call.newMessages, replyLimitNote(maxTokens)];
  return { ...call, newMessages, request: { ...call.request, ...toRequest(prompt(s, newMessages, maxTokens)) } };
}
