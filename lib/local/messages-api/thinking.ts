/**
 * Thinking that is bound: signs the thinking blocks of a reply to their model, their account and everything before them, and checks those
 * that come back. A signature holds all that the check needs, so that any process can check what another one signed.
 *
 * SessionConfig: "Preserved thinking", "Prefix checks on thinking blocks", "Fix a thinking block bound to a different conversation" (all of the
 * provider's documents, November 2026). What binds a block: `system`, `tools` as a set, every message before its turn, and the thinking
 * block before it. What does not: `cache_control`, every other setting, and earlier thinking as such.
 */
import { createHash, createHmac } from 'node:crypto';
import { factsOf, reads } from './models.ts';
import { invalid } from './problem.ts';
import { BINDING_BETA } from './settings.ts';
import { blocksOf, type PromptRequest, type RequestBlock } from './shape.ts';

/** From this instant on a new account's requests are refused for a changed prefix; older accounts' only when they ask for it. */
export const ENFORCED_FROM = '2026-08-31T00:00:00Z';

/** `account`: who asks. `created`: when the account was, ISO 8601. `betas`: values of the `anthropic-beta` header. */
export type Caller = { account: string; created?: string; betas?: readonly string[] };

type Json = Record<string, unknown>;
/** What a signature says: the model and account, the prefix in three parts, the thinking block before it, and the thought itself. */
type Bond = {
  model: string;
  account: string;
  system: string;
  tools: string;
  messages: string;
  after: string | null;
  thought: string;
};
type Thinking = Extract<RequestBlock, { type: 'thinking' }>;
type Redacted = Extract<RequestBlock, { type: 'redacted_thinking' }>;

const KEY = 'The stand-in signs for nobody else.';

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);

const macOf = (bond: string): string => createHmac('sha256', KEY).update(bond).digest('base64url').slice(0, 22);

function seal(bond: Bond): string {
  const text = JSON.stringify(Object.values(bond));
  return Buffer.from(`${macOf(text)}.${text}`).toString('base64');
}

function open(signature: string): Bond | null {
  const written = Buffer.from(signature, 'base64').toString('utf8');
  const [mac, text] = [written.slice(0, 22), written.slice(23)];
  if (written[22] !== '.' || mac !== macOf(text)) return null;
  const [model, account, system, tools, messages, after, thought] = JSON.parse(text);
  return { model, account, system, tools, messages, after, thought };
}

const isThinking = (block: { type: string }): block is Thinking | Redacted =>
  block.type === 'thinking' || block.type === 'redacted_thinking';

const signatureOf = (block: Thinking | Redacted): string => (block.type === 'thinking' ? block.signature : block.data);

/** Without breakpoints, also within results, and with the keys in one order; those of a tool's input stay as they are. */
function bare(block: Json): Json {
  const { cache_control: _, ...rest } = block;
  const entries = Object.entries(rest).map(([key, value]): [string, unknown] => [
    key,
    key === 'content' && Array.isArray(value) ? value.map((item) => bare(item as Json)) : value,
  ]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const headOf = ({ system, tools = [] }: PromptRequest): Pick<Bond, 'system' | 'tools'> => ({
  system: digest((typeof system === 'string' ? [{ type: 'text', text: system }] : (system ?? [])).map(bare)),
  tools: digest(tools.map(bare).toSorted((a, b) => (String(a.name) < String(b.name) ? -1 : 1))),
});

/** Consecutive messages of one role are one turn; a block is bound to all turns before its own. */
function prefixes() {
  const before = createHash('sha256');
  let turn: { role: string; blocks: unknown[] } | null = null;
  const close = () => {
    if (turn) before.update(JSON.stringify(turn));
    turn = null;
  };
  return {
    /** The turns before a message of this role that stands next. */
    at(role: string): string {
      if (turn?.role !== role) close();
      return before.copy().digest('base64url').slice(0, 22);
    },
    add(role: string, blocks: readonly RequestBlock[]) {
      if (turn?.role !== role) close();
      turn ??= { role, blocks: [] };
      turn.blocks.push(...blocks.filter((block) => !isThinking(block)).map((block) => bare(block as Json)));
    },
  };
}

function walked(request: PromptRequest) {
  const turns = prefixes();
  let after: string | null = null;
  for (const message of request.messages) {
    const blocks = blocksOf(message);
    turns.add(message.role, blocks);
    for (const block of blocks) if (isThinking(block)) after = digest(signatureOf(block));
  }
  return { messages: turns.at('assistant'), after };
}

/** Whether the model thinks before it answers this request, and how its thoughts are shown. */
export function thinksOn({ model, thinking }: PromptRequest): 'summarized' | 'omitted' | null {
  const { thinksByDefault, display } = factsOf(model);
  const type = thinking?.type ?? (thinksByDefault ? 'adaptive' : 'disabled');
  if (type !== 'adaptive' && type !== 'enabled') return null;
  return thinking?.display ?? display;
}

/**
 * The reply's blocks with each thinking block signed, and shown as the request wants it: its text, or none. `account` as in `Caller`.
 * Blocks of other types pass as they are; so do signed ones, such as a test puts in.
 */
export function sign<B extends { type: string }>(request: PromptRequest, account: string, blocks: readonly B[]): B[] {
  if (!blocks.some((block) => block.type === 'thinking' && !('signature' in block))) return [...blocks];
  const { messages, after: last } = walked(request);
  const head = headOf(request);
  const shown = thinksOn(request) ?? factsOf(request.model).display;
  let after = last;
  return blocks.map((block) => {
    if (block.type !== 'thinking' || 'signature' in block) return block;
    const thought = String((block as Json).thinking ?? '');
    // A key that names the account is a secret, which no signature may give away.
    const bond = { model: request.model, account: digest(account), ...head, messages, after, thought };
    const signature = seal(bond);
    after = digest(signature);
    return { ...block, thinking: shown === 'summarized' ? thought : '', signature };
  });
}

/** A thinking block that came back. `dropped`: the model cannot read it. `difference`: why its prefix check fails, or null. */
type Judged = {
  message: number;
  path: string;
  block: Thinking | Redacted;
  dropped: boolean;
  difference: string | null;
};

/** What changed since the block was made, or null. The thinking block before it is looked at only where there is one. */
function changed(bond: Bond, now: Pick<Bond, 'system' | 'tools' | 'messages'>, previous: string | null): string | null {
  if (bond.system !== now.system) return 'The `system` prompt differs from when the block was created.';
  if (bond.tools !== now.tools) return 'The `tools` list differs from when the block was created.';
  if (bond.messages !== now.messages) return 'A message before the block differs from when the block was created.';
  // The oldest may be left out, and all; what is left must be an unbroken run of what was.
  if (previous !== null && previous !== bond.after)
    return 'A thinking block before it was left out, moved or put back.';
  return null;
}

function judge(request: PromptRequest, account: string): Judged[] {
  const { model } = request;
  const thinks = request.messages.map((message) => blocksOf(message).some(isThinking));
  const last = thinks.lastIndexOf(true);
  if (last < 0) return [];
  const turns = prefixes();
  const head = headOf(request);
  const judged: Judged[] = [];
  let previous: string | null = null;
  for (const [i, message] of request.messages.slice(0, last + 1).entries()) {
    const blocks = blocksOf(message);
    const now = { ...head, messages: thinks[i] ? turns.at(message.role) : '' };
    for (const [j, block] of blocks.entries()) {
      if (!isThinking(block)) continue;
      const path = `messages.${i}.content.${j}`;
      const bond = open(signatureOf(block));
      const untouched = bond && (block.type !== 'thinking' || block.thinking === '' || block.thinking === bond.thought);
      if (!untouched)
        throw invalid(
          `${path}: Invalid \`${block.type === 'thinking' ? 'signature' : 'data'}\` in \`${block.type}\` block`,
        );
      const foreign = factsOf(bond.model).accountBound && bond.account !== digest(account);
      const dropped = foreign || !reads(model, bond.model);
      const bound = factsOf(model).binds && factsOf(bond.model).binds;
      const difference = !dropped && bound ? changed(bond, now, previous) : null;
      judged.push({ message: i, path, block, dropped, difference });
      previous = digest(signatureOf(block));
    }
    turns.add(message.role, blocks);
  }
  return judged;
}

/** Those that fail, and of each failing one's message the thinking that follows it. */
const failing = (judged: Judged[]): Judged[] =>
  judged.filter(({ message, dropped }, i) => {
    const first = judged.findIndex((other) => other.message === message && other.difference !== null);
    return !dropped && first >= 0 && first <= i;
  });

const words = ({ path, block, difference }: Judged, betas: readonly string[]): string =>
  [
    `${path}: Invalid \`signature\` in \`${block.type}\` block. The block is bound to a different conversation.`,
    'Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".',
    ...(betas.includes(BINDING_BETA)
      ? []
      : [`That setting requires the \`${BINDING_BETA}\` value in the \`anthropic-beta\` header.`]),
    difference,
  ].join(' ');

/**
 * The request as the model reads it: without the thinking that it cannot read, which nobody pays for. Throws `ApiProblem` for a block that
 * was tampered with and, where the account or the request wants the check, for one whose prefix changed.
 */
export function checkBonds<R extends PromptRequest>(request: R, { account, created, betas = [] }: Caller): R {
  const judged = judge(request, account);
  const wanted = request.thinking?.block_binding?.prefix_mismatch_behavior;
  const enforced = wanted !== undefined || Date.parse(created ?? ENFORCED_FROM) >= Date.parse(ENFORCED_FROM);
  const broken = judged.find(({ difference }) => difference !== null);
  if (broken && enforced && wanted !== 'drop_block') throw invalid(words(broken, betas));
  const out = new Set<RequestBlock>([
    ...judged.filter(({ dropped }) => dropped).map(({ block }) => block),
    ...(enforced ? failing(judged).map(({ block }) => block) : []),
  ]);
  if (out.size === 0) return request;
  const messages = request.messages.map((message) =>
    typeof message.content === 'string'
      ? message
      : { ...message, content: message.content.filter((block) => !out.has(block)) },
  );
  return { ...request, messages };
}
