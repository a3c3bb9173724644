/** A stand-in thinks as the models do that it stands for: at the head of its reply, where the request has thinking, and signed. */
import { sign, thinksOn } from '../messages-api/index.ts';
import type { MessagesRequest } from '../messages-api/shape.ts';
import type { Answer } from './answer.ts';
import type { Output } from './output.ts';

const THOUGHT = 'What was said and done so far tells what comes next.';

/** The answer with its thought before it; one that says nothing, or thinks by itself, stays as it is. */
export function thoughtful(request: MessagesRequest, answer: Answer): Answer {
  const { content, thought = THOUGHT } = answer;
  const thinks = thinksOn(request) !== null && thought !== null;
  if (!thinks || content.length === 0 || content.some(({ type }) => /thinking$/.test(type))) return answer;
  return { ...answer, content: [{ type: 'thinking', thinking: thought }, ...content] };
}

/** The output as it goes out: its thinking bound to the request and the account, and shown as the request wants it. */
export function signed(request: MessagesRequest, account: string, output: Output): Output {
  const blocks = sign(
    request,
    account,
    output.blocks.map(({ block }) => block),
  );
  return { ...output, blocks: output.blocks.map((out, i) => ({ ...out, block: blocks[i] ?? out.block })) };
}
