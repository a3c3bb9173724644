/** Lets a player work with the real tools, as the runtime would, without the runtime. */
import { controlSpecs, isControl } from '../../lib/core/controls.ts';
import { type MessagesRequest, parseMessages } from '../../lib/local/messages-api/shape.ts';
import { checkTurns } from '../../lib/local/messages-api/turns.ts';
import type { Answer } from '../../lib/local/model/answer.ts';
import { outputOf } from '../../lib/local/model/output.ts';
import { player } from '../../lib/local/model/player/player.ts';
import type { Workspace } from '../../lib/ports/index.ts';
import { toolSpecs, tools, workspaceTools } from '../../lib/tools/index.ts';
import { workspace } from '../../lib/tools/workspace.ts';

type Block = { type: string } & Record<string, unknown>;
type Message = { role: 'user' | 'assistant'; content: Block[] };
type Call = { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };

export const textBlock = (text: string): Block => ({ type: 'text', text });
const said = (texts: string[]): Block[] => texts.map(textBlock);

export type Playing = {
  messages: Message[];
  files: Workspace;
  errors: string[];
  /** One iteration: the reply's text, its calls and their results. `saying`: what the runtime and users say before it. */
  turn(...saying: string[]): Promise<{ text: string; calls: Call[]; results: string[] }>;
  read(path: string): string;
  /** The history is replaced by these words, as by a compaction. */
  replace(text: string): void;
};

const run = tools(workspaceTools);
const offered = [...toolSpecs(workspaceTools), ...controlSpecs].map(({ effect: _, ...tool }) => tool);

export const playing = (goal: string, maxTokens = 16_000): Playing => {
  const files = workspace([]);
  const errors: string[] = [];
  let messages: Message[] = [{ role: 'user', content: [textBlock(goal)] }];

  const request = (): MessagesRequest =>
    parseMessages({
      model: 'claude-sonnet-5-5',
      max_tokens: maxTokens,
      tools: offered,
      messages: structuredClone(messages),
    });

  const answerCall = async ({ name, input }: Call): Promise<string> => {
    if (isControl(name)) return 'Noted.';
    const context = {
      idempotencyKey: 'k',
      session: 'ses_1',
      web: { access: null, knows: async () => false },
      files: async () => files,
      once: async () => true,
      signal: new AbortController().signal,
      log: () => {},
    };
    const { content, isError } = await run.run({ name, input }, context);
    if (isError) errors.push(`${name}: ${content}`);
    return content;
  };

  const turn = async (...saying: string[]) => {
    messages.at(-1)?.content.push(...said(saying));
    const asked = request();
    checkTurns(asked);
    const answer = (await player(asked, messages.length)) as Answer;
    const content = outputOf(answer, maxTokens, `${messages.length}`).blocks.map(({ block }) => block);
    const calls = content.filter(({ type }) => type === 'tool_use') as Call[];
    const results: string[] = [];
    for (const call of calls) results.push(await answerCall(call));
    const blocks = results.map((text, i) => ({ type: 'tool_result', tool_use_id: calls[i]?.id, content: text }));
    messages.push(
      { role: 'assistant', content },
      { role: 'user', content: blocks.length > 0 ? blocks : said(['[runtime] Go on.']) },
    );
    const text = content.flatMap((block) => (block.type === 'text' ? [String(block.text)] : [])).join('\n');
    return { text, calls, results };
  };

  return {
    get messages() {
      return messages;
    },
    files,
    errors,
    turn,
    read: (path) => new TextDecoder().decode(files.read(path) ?? new Uint8Array()),
    replace: (text) => {
      messages = [{ role: 'user', content: [textBlock(text)] }];
    },
  };
};

/** Turns until `finish` is called; its result, and how many turns it took. */
export const untilFinished = async (work: Playing, most = 60): Promise<{ turns: number; result: string }> => {
  for (let turns = 1; turns <= most; turns++) {
    const { calls } = await work.turn();
    const finish = calls.find(({ name }) => name === 'finish');
    if (finish) return { turns, result: String(finish.input.result) };
  }
  throw new Error(`not finished after ${most} turns`);
};
