/** Thinking as the API binds it: to its model, its account and all that stands before it. */
import { describe, expect, it } from 'vitest';
import { type Asked, acceptMessages, acceptPrompt, sign, validate } from '../../lib/local/messages-api/index.ts';
import { parseMessages } from '../../lib/local/messages-api/shape.ts';
import { base, result, text, tool, use, user } from './messages-api.ts';

type Block = { type: string } & Record<string, unknown>;
type Message = { role: string; content: Block[] };
type Request = { model: string; system?: unknown; tools?: unknown; messages: Message[] } & Record<string, unknown>;

const ASKED: Asked = { account: 'one', now: Date.parse('2026-11-22') };
const BETA = 'thinking-binding-controls-2026-08-01';
const BOUND = /Invalid `signature` in `thinking` block\. The block is bound to a different conversation\./;

/** What the model answers: a thought and a call. */
const answered = (request: Request, n: number, asked: Asked = ASKED): Message => {
  acceptMessages(request, asked);
  const blocks: Block[] = [{ type: 'thinking', thinking: `Thought ${n}.` }, use(`call-${n}`)];
  return { role: 'assistant', content: sign(parseMessages(request), asked.account, blocks) };
};

/** A conversation that only grew, of so many replies, each by its model. */
const grown = (models: string[], start: Partial<Request> = {}, asked: Asked = ASKED): Request => {
  const request: Request = {
    ...base,
    system: 'Be brief.',
    ...start,
    model: base.model,
    messages: [user(text('Go.')) as Message],
  };
  models.forEach((model, i) => {
    request.model = model;
    request.messages.push(answered(request, i, asked), user(result(`call-${i}`)) as Message);
  });
  return request;
};
const sonnets = (n: number, start?: Partial<Request>): Request => grown(Array(n).fill('claude-sonnet-5-5'), start);

const copy = (request: Request): Request => structuredClone(request);
const refusal = (request: Request, asked: Partial<Asked> = {}) =>
  validate(request, { ...ASKED, ...asked })?.message ?? null;
const thoughts = ({ messages }: Request): Block[] =>
  messages.flatMap(({ content }) => content).filter(({ type }) => type === 'thinking');
/** Without the thoughts of these replies. */
const without = (request: Request, ...replies: number[]): Request => {
  const next = copy(request);
  for (const n of replies) next.messages[1 + 2 * n]?.content.shift();
  return next;
};
const read = (request: Request, asked: Partial<Asked> = {}): string[] =>
  thoughts(acceptMessages(request, { ...ASKED, ...asked }).read as unknown as Request).map(({ signature }) =>
    String(signature),
  );

describe('a thinking block comes back', () => {
  it('after more was said, with breakpoints moved and every other setting changed', () => {
    const request = sonnets(3);
    expect(refusal(request)).toBeNull();
    const marked = copy(request);
    marked.messages[2]!.content[0]!.cache_control = { type: 'ephemeral' };
    marked.tools = [{ ...tool, cache_control: { type: 'ephemeral' } }];
    marked.system = [{ ...text('Be brief.'), cache_control: { type: 'ephemeral' } }];
    const settings = {
      max_tokens: 900,
      output_config: { effort: 'low' },
      thinking: { type: 'adaptive', display: 'summarized' },
    };
    expect(refusal({ ...marked, ...settings })).toBeNull();
  });

  it('with the oldest left out, the newest, or all', () => {
    const request = sonnets(4);
    for (const gone of [[0], [0, 1], [0, 1, 2], [3], [2, 3], [0, 3], [0, 1, 2, 3]])
      expect([gone, refusal(without(request, ...gone))]).toEqual([gone, null]);
  });

  it('with the tools in another order, or two messages of one turn in one', () => {
    const other = { ...tool, name: 'other' };
    const request = sonnets(2, { tools: [tool, other] });
    expect(refusal({ ...request, tools: [other, tool] })).toBeNull();
    const split = grown(['claude-sonnet-5-5'], { tools: [tool] });
    split.messages.splice(2, 1, user(result('call-0')) as Message, user(text('And?')) as Message);
    split.messages.push(answered(split, 1), user(result('call-1')) as Message);
    const joined = copy(split);
    joined.messages.splice(2, 2, user(result('call-0'), text('And?')) as Message);
    expect(refusal(joined)).toBeNull();
  });

  it('after everything that stood before it was changed, if its own is left out', () => {
    const request = without(sonnets(2), 0, 1);
    request.system = 'Be long.';
    request.messages.push(answered(request, 2), user(result('call-2')) as Message);
    expect(refusal(request)).toBeNull();
    expect(thoughts(request)).toHaveLength(1);
  });
});

describe('is refused as bound to a different conversation', () => {
  const block = (n: number, i: number, change: object) => (r: Request) =>
    void Object.assign(r.messages[n]!.content[i]!, change);
  const head = (change: object) => (r: Request) => void Object.assign(r, change);
  const summary = user(text('Summary.')) as Message;
  const changes: [string, (request: Request) => void, RegExp][] = [
    ['a word of the prompt', head({ system: 'Be quick.' }), /messages\.1\.content\.0.*`system` prompt differs/],
    ['a word of a tool', head({ tools: [{ ...tool, description: 'Runs.' }] }), /messages\.1\.content\.0.*`tools` list/],
    ['a tool more', head({ tools: [tool, { ...tool, name: 'more' }] }), /`tools` list/],
    ['the first message', block(0, 0, { text: 'Stop.' }), /messages\.1\.content\.0/],
    ['a cleared result', block(2, 0, { content: '[cleared]' }), /messages\.3\.content\.0.*A message before/],
    [
      'words added to an earlier turn',
      (r) => void r.messages[2]!.content.push(text('By the way.')),
      /messages\.3\.content\.0/,
    ],
    ["a call's input", block(1, 1, { input: { a: 1 } }), /messages\.3\.content\.0/],
    ['a turn left out', (r) => void r.messages.splice(1, 2), /messages\.1\.content\.0/],
    ['a summary for the oldest turns', (r) => void r.messages.splice(0, 3, summary), /messages\.1\.content\.0/],
  ];
  it.each(changes)('%s', (_, change, message) => {
    const request = copy(sonnets(3));
    change(request);
    expect(refusal(request)).toMatch(BOUND);
    expect(refusal(request)).toMatch(message);
    expect(refusal(request)).toContain(BETA);
  });

  it.each([
    'claude-haiku-5-5',
    'claude-opus-5-5',
    'claude-fable-5-1',
    'claude-fable-5-2',
    'claude-mythos-5-1',
    'claude-mythos-5-2',
  ])('also on %s', (model) => {
    const request = grown([model, model]);
    expect(refusal(request)).toBeNull();
    expect(refusal({ ...request, system: 'Other.' })).toMatch(BOUND);
  });

  it('with one left out between others, moved, or put back', () => {
    const request = sonnets(4);
    for (const gone of [[1], [2], [0, 2], [1, 2]])
      expect([gone, refusal(without(request, ...gone))]).toEqual([gone, expect.stringMatching(BOUND)]);
    const moved = copy(request);
    moved.messages[3]!.content[0] = thoughts(request)[0]!;
    expect(refusal(moved)).toMatch(BOUND);
    const gone = without(request, 0, 1, 2, 3);
    gone.messages.push(answered(gone, 4), user(result('call-4')) as Message);
    expect(refusal(gone)).toBeNull();
    gone.messages[7]!.content.unshift(thoughts(request)[3]!);
    expect(refusal(gone)).toMatch(/messages\.9\.content\.0.*put back/);
  });

  it('by count_tokens and messages alike, of an account made since the rule, and of an older one only when it asks', () => {
    const broken = { ...sonnets(2), system: 'Other.' };
    const { max_tokens: _, ...prompt } = broken as Record<string, unknown>;
    expect(() => acceptPrompt(prompt, ASKED)).toThrow(BOUND);
    expect(refusal(broken, { created: '2026-08-31T00:00:00Z' })).toMatch(BOUND);
    expect(refusal(broken, { created: '2026-08-30T23:59:59Z' })).toBeNull();
    expect(read(broken, { created: '2026-01-01' })).toHaveLength(2);
    const asking = { ...broken, thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'error' } } };
    expect(refusal(asking, { created: '2026-01-01', betas: [BETA] })).toMatch(BOUND);
    expect(refusal(asking, { betas: [BETA] })).not.toContain(BETA);
  });

  it('or is dropped where the request says so, those of its message with it', () => {
    const request = copy(sonnets(3));
    request.messages[2]!.content[0]!.content = '[cleared]';
    const dropping = {
      ...request,
      thinking: { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } },
    };
    expect(read(dropping, { betas: [BETA] })).toEqual([thoughts(request)[0]!.signature]);
  });
});

describe('of another model or account', () => {
  it('is dropped in silence, before the check', () => {
    const request = grown(['claude-opus-5-5', 'claude-opus-5-5']);
    const down = { ...request, model: 'claude-sonnet-5-5', system: 'Other.' };
    expect(refusal(down)).toBeNull();
    expect(read(down)).toEqual([]);
    expect(refusal({ ...down, model: 'claude-opus-5-5' })).toMatch(BOUND);
  });

  it('stays in its place down a ladder and up again', () => {
    const [opus, sonnet, haiku] = ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'];
    const request = grown([opus!, sonnet!, sonnet!, haiku!, sonnet!, opus!]);
    expect(refusal(request)).toBeNull();
    expect(read(request)).toHaveLength(6);
    expect(read({ ...request, model: sonnet! })).toHaveLength(4);
    expect(read({ ...request, model: haiku! })).toHaveLength(1);
  });

  it('is read by a model that may, and then checked', () => {
    const request = { ...grown(['claude-sonnet-5-5']), model: 'claude-opus-5-5' };
    expect(read(request)).toHaveLength(1);
    expect(refusal({ ...request, system: 'Other.' })).toMatch(BOUND);
  });

  it('is dropped under another account, of the models that bind to it', () => {
    const request = { ...sonnets(2), system: 'Other.' };
    expect(refusal(request, { account: 'two' })).toBeNull();
    expect(read(request, { account: 'two' })).toEqual([]);
    expect(refusal({ ...grown(['claude-opus-5-5']), system: 'Other.' }, { account: 'two' })).toMatch(BOUND);
  });

  it('is refused when it was changed, whoever asks', () => {
    const request = sonnets(1, { thinking: { type: 'adaptive', display: 'summarized' } });
    const [thought] = thoughts(request);
    expect(thought).toMatchObject({ thinking: 'Thought 0.' });
    const changed = copy(request);
    thoughts(changed)[0]!.thinking = 'Thought otherwise.';
    expect(refusal(changed)).toBe('messages.1.content.0: Invalid `signature` in `thinking` block');
    thoughts(changed)[0]!.signature = 'c2lnbmVk';
    expect(refusal({ ...changed, model: 'claude-haiku-4-5', output_config: undefined, thinking: undefined })).toContain(
      'Invalid `signature`',
    );
  });
});

it('a thought is shown as the request wants it, and told from others by its signature alone', () => {
  const [omitted] = thoughts(sonnets(1));
  expect(omitted).toEqual({ type: 'thinking', thinking: '', signature: expect.any(String) });
  const twice = sonnets(1);
  expect(twice).toEqual(sonnets(1));
});
