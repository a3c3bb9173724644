/** A transcript made ready to be played: as a model's answers, as tools' results, and as what users said. */
import { costMicrodollars, isKnownModel, type Usage, worstCaseMicrodollars } from '../../lib/budget/index.ts';
import { isControl } from '../../lib/core/controls.ts';
import type { AgentSpec, ToolResult } from '../../lib/core/session.ts';
import type { Answer, AnswerBlock } from '../../lib/local/model/answer.ts';
import type { AssistantTurn, Transcript, UserTurn } from './transcript.ts';

/** Stands in for models of other vendors and for those without a price. */
const STAND_IN = 'claude-sonnet-4-6';

/** The answer of one recorded assistant turn, and what came after it. */
export type Recorded = {
  answer: Answer;
  usage: Usage;
  /** Published price of the usage, microdollars. */
  price: bigint;
  /** What the recording harness wrote down, microdollars; null if nothing. */
  recordedCost: number | null;
  /** The user's words of the following user turn, as one message; null if there are none. */
  said: string | null;
  /** The words stand behind tool results, so they must be there before the results are. */
  interrupts: boolean;
};

export type Recording = {
  id: string;
  model: string;
  recordedModel: string;
  usageIs: 'recorded' | 'estimated';
  agent: AgentSpec;
  goal: string;
  calls: Recorded[];
  results: Map<string, ToolResult>;
  turns: Transcript['turns'];
};

/** The runtime answers its controls itself, so a recorded tool of such a name goes by another. */
export const nameOf = (tool: string): string => (isControl(tool) ? `${tool}_recorded` : tool);

export const modelOf = (recorded: string): string => (isKnownModel(recorded) ? recorded : STAND_IN);

/** Several texts of one turn are said as one message: of several messages the first could be answered before the second is there. */
export const saidIn = (content: { type: string }[]): string | null => {
  const texts = content.flatMap((block) =>
    block.type === 'text' ? [(block as unknown as { text: string }).text] : [],
  );
  return texts.length > 0 ? texts.join('\n\n') : null;
};

const hasResults = (turn: UserTurn | undefined): boolean =>
  (turn?.content ?? []).some(({ type }) => type === 'tool_result');

export const renamed = (block: AssistantTurn['content'][number]): AnswerBlock => {
  if (block.type === 'text') return { type: 'text', text: String(block.text) };
  const { id, name, input } = block as { id: string; name: string; input: Record<string, unknown> };
  return { type: 'tool_use', id, name: nameOf(name), input };
};

const recordedOf = (model: string, turn: AssistantTurn, next: UserTurn | undefined): Recorded => {
  const usage = (turn.usage ?? turn.usage_estimate ?? {}) as Usage;
  return {
    answer: { content: turn.content.map(renamed), stopReason: turn.stop_reason, usage },
    usage,
    price: costMicrodollars({ model, usage }),
    recordedCost: turn.recorded_cost_usd === undefined ? null : turn.recorded_cost_usd * 1e6,
    said: saidIn(next?.content ?? []),
    interrupts: hasResults(next),
  };
};

const resultOf = (block: UserTurn['content'][number]): ToolResult[] => {
  if (block.type !== 'tool_result') return [];
  const { tool_use_id, content, is_error } = block as { tool_use_id: string; content: string; is_error?: boolean };
  return [{ id: tool_use_id, content, isError: is_error ?? false }];
};

export const recordingOf = ({ id, recorded_model, system, tools, turns }: Transcript): Recording => {
  const model = modelOf(recorded_model);
  const calls = turns.flatMap((turn, i) =>
    turn.role === 'assistant' ? [recordedOf(model, turn, turns[i + 1] as UserTurn | undefined)] : [],
  );
  const results = turns.flatMap((turn) => (turn.role === 'user' ? turn.content.flatMap(resultOf) : []));
  return {
    id,
    model,
    recordedModel: recorded_model,
    usageIs: turns.some((turn) => turn.role === 'assistant' && turn.usage) ? 'recorded' : 'estimated',
    agent: {
      name: id,
      system,
      tools: tools.map(({ name, description, input_schema }) => ({
        name: nameOf(name),
        description,
        input_schema,
        effect: 'pure',
      })),
    },
    goal: saidIn(turns[0]?.content ?? []) ?? '',
    calls,
    results: new Map(results.map((result) => [result.id, result])),
    turns,
  };
};

/** Tokens of the whole prompt. */
export const promptTokens = (usage: Usage): number =>
  (usage.input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);

export const totalPrice = ({ calls }: Recording): bigint => calls.reduce((sum, { price }) => sum + price, 0n);

/** The dearest hold of the replay: the longest prompt, counted with the runtime's margin, and a full reply. */
export const dearestHold = ({ model, calls }: Recording, maxTokens: number): bigint => {
  const longest = Math.max(...calls.map(({ usage }) => promptTokens(usage)));
  return worstCaseMicrodollars({ model, inputTokens: Math.ceil(longest * 1.05) + 512, maxTokens });
};

/** A session's own system text, by which the model and the tools know which recording is played. */
export const markOf = (id: string): string => `Replay of the recorded transcript ${id}.`;
export const markedId = (text: string | null): string | null =>
  /Replay of the recorded transcript ([\w.-]+)\.$/.exec(text ?? '')?.[1] ?? null;
