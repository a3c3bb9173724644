/** The model side of a replay: request i of a recording is answered by its recorded turn i, with its recorded usage. */
import type { Usage } from '../../lib/budget/index.ts';
import type { PromptRequest } from '../../lib/local/messages-api/shape.ts';
import { type Answer, overloaded, type Player } from '../../lib/local/model/answer.ts';
import { markedId, promptTokens, type Recording } from './recording.ts';

export type RecordedPlayer = {
  player: Player;
  /** What count_tokens answers: the recorded prompt's size. */
  countTokens: (request: PromptRequest) => number | null;
  /** Turns whose recorded prompt has more tokens than the request that came has bytes, by recording. */
  larger: Map<string, Set<number>>;
};

const markOf = ({ system }: PromptRequest): string | null =>
  markedId(typeof system === 'string' ? system : (system?.at(-1)?.text ?? null));

const indexOf = ({ messages }: PromptRequest): number => messages.filter(({ role }) => role === 'assistant').length;

/**
 * `interrupt` says a user's words that stood behind tool results; it is asked once per turn, before the answer goes out, so that they
 * are there when the results are. A request beyond the recording's end is refused, free of charge: the recording is over.
 */
export const recordedPlayer = (
  recordings: Map<string, Recording>,
  interrupt: (id: string, words: string) => Promise<void>,
): RecordedPlayer => {
  const larger = new Map<string, Set<number>>();
  const interrupted = new Set<string>();

  const find = (request: PromptRequest): Recording => {
    const recording = recordings.get(markOf(request) ?? '');
    if (!recording) throw new Error('the request belongs to no recording');
    return recording;
  };

  const weigh = (id: string, request: PromptRequest, index: number, usage: Usage) => {
    const { system, tools, messages } = request;
    if (promptTokens(usage) <= Buffer.byteLength(JSON.stringify([system, tools, messages]))) return;
    larger.set(id, (larger.get(id) ?? new Set()).add(index));
  };

  const player: Player = async (request, index): Promise<Answer> => {
    const { id, calls } = find(request);
    const recorded = calls[index];
    if (!recorded) return overloaded();
    weigh(id, request, index, recorded.usage);
    if (recorded.interrupts && recorded.said !== null && !interrupted.has(`${id}/${index}`)) {
      interrupted.add(`${id}/${index}`);
      await interrupt(id, recorded.said);
    }
    return recorded.answer;
  };

  const countTokens = (request: PromptRequest): number | null => {
    const { calls } = find(request);
    const usage = (calls[indexOf(request)] ?? calls.at(-1))?.usage;
    return usage ? promptTokens(usage) : null;
  };
  return { player, countTokens, larger };
};
