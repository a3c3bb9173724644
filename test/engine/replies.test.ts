/** Replies that the API would not take back, and that no session may die of: whole sessions over HTTP, each of whose requests is valid. */
import { describe, expect, it } from 'vitest';
import type { Block, StoredMessage } from '../../lib/core/session.ts';
import { faultsOf } from '../kit/history.ts';
import {
  asked,
  block,
  callAt,
  finish,
  type Json,
  played,
  said,
  start,
  stop,
  textAt,
  thoughtAt,
} from '../kit/raw-model.ts';

const idsIn = (blocks: Block[]) => blocks.flatMap((b) => (b.type === 'tool_use' ? [b.id] : []));
const textIn = (blocks: Block[]) => blocks.flatMap((b) => (b.type === 'text' ? [String(b.text)] : [])).join('\n');
const completed = { status: 'completed', outcome: 'completed', result: 'Done.' };

/** The first reply and what comes after it. */
const firstReply = async ({ rows }: { rows: () => Promise<StoredMessage[]> }) => {
  const all = await rows();
  return all.slice(all.findIndex(({ role }) => role === 'assistant'));
};

describe('ids of tool calls', () => {
  it.each<[string, Json[][]]>([
    ['one id twice in a reply', [asked(callAt(0, 'toolu_1', 'look'), callAt(1, 'toolu_1', 'look', '{"key":"l"}'))]],
    ['an id again in a later reply', [asked(callAt(0, 'toolu_1', 'look')), asked(callAt(0, 'toolu_1', 'put'))]],
    ['characters that the API refuses', [asked(callAt(0, 'call:1/2', 'look'), callAt(1, 'ü', 'put'))]],
    [
      'no id',
      [asked(callAt(0, '', 'look'), callAt(1, null, 'put'), callAt(2, 7, 'look'), callAt(3, undefined, 'look'))],
    ],
    ['a rewritten id that the next reply has', [asked(callAt(0, '', 'look')), asked(callAt(0, 'toolu_3_0', 'put'))]],
  ])('%s: rewritten, answered by the new id, and the session goes on', async (_, replies) => {
    const t = await played([...replies, finish]);
    expect(await t.view()).toMatchObject(completed);
    const rows = await t.rows();
    expect(faultsOf(rows)).toEqual([]);
    expect(idsIn(rows.flatMap(({ content }) => content)).every((id) => /^[a-zA-Z0-9_-]+$/.test(String(id)))).toBe(true);
    expect(t.bill).toEqual([]);
    expect(t.ledger()).toHaveLength(replies.length + 1);
  });

  it('that are right stay as they are', async () => {
    const t = await played([asked(callAt(0, 'toolu_1', 'look'), callAt(1, 'x-_9', 'put')), finish]);
    expect(idsIn((await firstReply(t))[0]!.content)).toEqual(['toolu_1', 'x-_9']);
  });

  it('a thought after a rewritten call is left out, since its prefix is another one now; those before it stay', async () => {
    const reply = asked(
      thoughtAt(0, 'Before.'),
      callAt(1, 'a b', 'look'),
      thoughtAt(2, 'After.'),
      callAt(3, 'toolu_2', 'put'),
    );
    const whole = asked(
      thoughtAt(0, 'Before.'),
      callAt(1, 'toolu_3', 'look'),
      thoughtAt(2, 'After.'),
      callAt(3, 'toolu_4', 'put'),
    );
    const t = await played([reply, whole, finish]);
    const types = (await t.rows())
      .filter(({ role }) => role === 'assistant')
      .map((row) => row.content.map((b) => b.type));
    expect(types.slice(0, 2)).toEqual([
      ['thinking', 'tool_use', 'tool_use'],
      ['thinking', 'tool_use', 'thinking', 'tool_use'],
    ]);
  });
});

describe('names of tools', () => {
  it.each(['my tool', 'fs.read', 'a/b', 'x'.repeat(129), '', 'schön', 'ta\u200bsk', null, 7])(
    '%j cannot be kept as a call: it is text that the agent sees, and the next turn says why',
    async (name) => {
      const t = await played([asked(textAt(0, 'Now.'), callAt(1, 'toolu_1', name)), finish]);
      expect(await t.view()).toMatchObject(completed);
      const [reply, next] = await firstReply(t);
      expect(textIn(reply!.content)).toMatch(/The call of ".*" was not run: .*Its arguments were: \{"key":"k"\}/);
      expect(textIn(next!.content)).toContain('[runtime] At least one of your tool calls was not run');
      expect(t.effects.size).toBe(0);
    },
  );

  it('the other calls of the reply run', async () => {
    const t = await played([asked(callAt(0, 'toolu_1', 'fs.read'), callAt(1, 'toolu_2', 'put')), finish]);
    expect([...t.effects]).toEqual([['k', 1]]);
    const next = (await firstReply(t))[1]!.content;
    expect(next.map(({ type }) => type)).toEqual(['tool_result', 'text']);
  });

  it('after three such replies in a row a user is asked', async () => {
    const t = await played([asked(callAt(0, 'toolu_1', 'fs.read'))]);
    expect(await t.view()).toMatchObject({
      status: 'waiting_for_input',
      question: expect.stringContaining('nobody can run'),
    });
    expect(t.ledger()).toHaveLength(3);
  });

  it('well formed ones that no tool has are answered as before', async () => {
    const t = await played([asked(callAt(0, 'toolu_1', 'x'.repeat(128))), finish]);
    expect(JSON.stringify((await firstReply(t))[1]!.content)).toContain('is not offered here');
  });
});

const UNSEEN = [
  '',
  ' \n\t',
  '\u200b\u200d\u2060',
  '\u00ad',
  '\ufeff',
  '\u3164\u115f\u1160\uffa0',
  '\ufe0f\u{e0100}',
  '\u202e\u2066\u2069',
  '\u2800',
  '\u0001\u001b',
  '\u180e\u034f\u17b5',
  '\u{e0020}',
  '\u{1d173}',
];

describe('a reply of characters that nobody sees', () => {
  it.each(UNSEEN)('%j is an empty one: nudged once, then the end of the turn', async (unseen) => {
    const t = await played([said(textAt(0, unseen))]);
    expect(await t.view()).toMatchObject({ status: 'completed', result: '(no text)' });
    expect(t.model.requests).toHaveLength(2);
  });

  it('beside a call or a thought it is left out', async () => {
    const t = await played([
      asked(textAt(0, '\u200b'), callAt(1, 'toolu_1', 'look')),
      said(thoughtAt(0, 'Hm.'), textAt(1, '\u00ad')),
      finish,
    ]);
    const replies = (await t.rows()).filter(({ role }) => role === 'assistant');
    expect(replies[0]!.content.map(({ type }) => type)).toEqual(['tool_use']);
    expect(replies[1]!.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
  });

  it('text among such characters stays as it came', async () => {
    const family = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}';
    const t = await played([said(textAt(0, family))]);
    expect(await t.view()).toMatchObject({ result: family });
  });
});

describe('blocks as they should not be', () => {
  it.each<[string, Json[][]]>([
    [
      'text that is none',
      [block(0, { type: 'text', text: 7 }), block(1, { type: 'text' }), block(2, { type: 'text', text: null })],
    ],
    [
      'a block of a user turn',
      [block(0, { type: 'tool_result', tool_use_id: 'toolu_0', content: 'x' }), textAt(1, 'So.')],
    ],
    ['a block without a type', [block(0, { text: 'x' }), textAt(1, 'So.')]],
    ['a thought at the end', [textAt(0, 'So.'), thoughtAt(1, 'Hm.')]],
    [
      'a thought whose signature is none',
      [block(0, { type: 'thinking', thinking: 'x', signature: 7 }), textAt(1, 'So.')],
    ],
    ['a hidden thought without data', [block(0, { type: 'redacted_thinking' }), textAt(1, 'So.')]],
  ])('%s: the next request is taken', async (_, blocks) => {
    const reply: Json[] = [
      start(),
      ...blocks.flat(),
      ...callAt(9, 'toolu_1', 'look'),
      ...stop('tool_use', { output_tokens: 50 }),
    ];
    const t = await played([reply, finish]);
    expect(await t.view()).toMatchObject(completed);
    expect(t.model.requests).toHaveLength(2);
  });

  it('an index that comes again loses no text', async () => {
    const t = await played([said(textAt(0, 'One.'), textAt(1, 'Two.'), textAt(0, 'Three.'))]);
    expect(await t.view()).toMatchObject({ result: 'One.\n\nTwo.\n\nThree.' });
  });

  it('keys that mean something to JavaScript, the same key twice, and halves of characters are only data', async () => {
    const odd = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"key":"k"}';
    const twice = '{"key":"first","key":"\\ud800second"}';
    const t = await played([asked(callAt(0, 'toolu_1', 'look', odd), callAt(1, 'toolu_2', 'put', twice)), finish]);
    expect(await t.view()).toMatchObject(completed);
    expect([...t.effects.keys()]).toContain('\ufffdsecond');
    expect(JSON.stringify(await t.rows())).toContain('"__proto__":{"polluted":1}');
    expect(({} as Json).polluted).toBeUndefined();
  });
});
