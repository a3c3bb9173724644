/** What is no export, or was damaged or made up, is refused with a sentence; whatever is taken works. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsOf as historyFaults } from '../kit/history.ts';
import { settleDown } from '../kit/world.ts';
import { finish, SCENARIOS, USER } from '../upgrade/scenarios.ts';
import { changed, damaged } from './damage.ts';
import { type Doc, elsewhere, exported, faultsOf, imported } from './kit.ts';

const RUNS = Number(process.env.CIRCADIAN_RUNS ?? 300);

const made = async (name: string): Promise<Doc> => exported(await SCENARIOS[name]!());
const busy = () => made('between two iterations');

const firstReply = ({ messages }: Doc): number =>
  (messages as { role: string }[]).findIndex(({ role }) => role === 'assistant');
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'x' });

describe('a document is refused', () => {
  const cases: [what: string, spoil: (doc: Doc) => unknown, why: RegExp][] = [
    ['that is no object', () => 'hello', /format: Must be circadian.session/],
    ['that is null', () => null, /format: Must be/],
    ['that is a list', (d) => [d], /format: Must be/],
    ['of another format', (d) => ({ ...d, format: 'other' }), /format: Must be/],
    ['of a newer version', (d) => ({ ...d, version: 2 }), /version: Is a newer version than this deployment reads/],
    ['of an unknown version', (d) => ({ ...d, version: '1' }), /version: Is unknown/],
    ['with a field that nobody knows', (d) => ({ ...d, extra: 1 }), /extra: Unknown field/],
    ['without messages', (d) => ({ ...d, messages: [] }), /messages/],
    ['with a hole in the messages', (d) => changed(d, ['messages', 2, 'n'], 4), /messages.2.n: Must be 3/],
    ['with a hole in the journal', (d) => changed(d, ['journal', 1, 'seq'], 7), /journal.1.seq: Must be 2/],
    ['with turns in the wrong order', (d) => ({ ...d, messages: swapped(d.messages) }), /Two replies|were answered by/],
    ['that begins with a reply', (d) => changed(d, ['messages', 0, 'role'], 'assistant'), /goal|Two replies/],
    [
      'with a call that has no result',
      (d) => changed(d, ['messages', firstReply(d) + 1, 'content'], [{ type: 'text', text: 'no' }]),
      /were answered by none/,
    ],
    [
      'with a result of another call',
      (d) => changed(d, ['messages', firstReply(d) + 1, 'content'], [result('other')]),
      /answered by other/,
    ],
    [
      'with a result too many',
      (d) => changed(d, ['messages', firstReply(d) + 1, 'content'], [result('t0'), result('t9')]),
      /answered by t0, t9/,
    ],
    [
      'with a result that comes late',
      (d) => changed(d, ['messages', firstReply(d) + 1, 'content'], [{ type: 'text', text: 'x' }, result('t0')]),
      /were answered by/,
    ],
    [
      'with the same call twice',
      (d) => changed(d, ['messages', firstReply(d) + 2, 'content', 2, 'id'], 't0'),
      /twice|answered by/,
    ],
    [
      'with text that nobody sees',
      (d) => changed(d, ['messages', 1, 'content', 0], { type: 'text', text: '\u200b' }),
      /messages.1.content.0.text: Has nothing/,
    ],
    [
      'with a call that the provider would refuse by its name',
      (d) => changed(d, ['messages', firstReply(d), 'content', 2, 'name'], 'fs.read'),
      /content.2.name: Must be 1 to 128 letters/,
    ],
    [
      'with a call that it would refuse by its id',
      (d) => changed(d, ['messages', firstReply(d), 'content', 2, 'id'], 'a b'),
      /content.2.id: Must be 1 to 128 letters/,
    ],
    [
      'with an image in a user turn',
      (d) => changed(d, ['messages', 0, 'content', 1], { type: 'image', source: { type: 'url', url: 'x' } }),
      /messages.0.content.1/,
    ],
    [
      'with a result that is no text',
      (d) => changed(d, ['messages', firstReply(d) + 1, 'content', 0, 'content'], [{ type: 'text', text: 'x' }]),
      /messages.3.content.0.content/,
    ],
    [
      'that sets what is cached',
      (d) => changed(d, ['messages', 1, 'content', 0, 'cache_control'], { type: 'ephemeral' }),
      /cache_control/,
    ],
    ['whose goal is not its first message', (d) => changed(d, ['session', 'goal'], 'Another.'), /session.goal/],
    ['with fewer iterations than replies', (d) => ({ ...d, iteration: 1 }), /iteration: Must be at least 2/],
    ['with a checkpoint of a newer version', (d) => changed(d, ['checkpoint', 'v'], 2), /checkpoint.v/],
    [
      'with a checkpoint of wrong types',
      (d) => changed(d, ['checkpoint', 'guard', 'streak'], 'x'),
      /checkpoint.guard.streak/,
    ],
    [
      'with a context that begins nowhere',
      (d) => changed(d, ['checkpoint', 'context', 'from'], 99),
      /checkpoint.context.from/,
    ],
    [
      'with a context that begins at a reply',
      (d) => changed(d, ['checkpoint', 'context', 'from'], firstReply(d) + 1),
      /checkpoint.context.from/,
    ],
    ['with a successor of no name', (d) => changed(d, ['checkpoint', 'successor'], ''), /checkpoint: Holds what no/],
    ['with an instant before all', (d) => changed(d, ['messages', 0, 'at'], '0000-01-01T00:00:00Z'), /messages.0.at/],
    [
      'that rests for ages',
      (d) => changed(d, ['checkpoint', 'resume'], { state: 'sleeping', question: null, until: 8e15 }),
      /checkpoint/,
    ],
    [
      'with a rest since no instant',
      (d) => changed(d, ['checkpoint', 'rested'], { reason: 'x', since: 9e15 }),
      /checkpoint/,
    ],
    ['with a negative count', (d) => changed(d, ['checkpoint', 'guard', 'escalations'], -1), /checkpoint/],
    ['whose calls are not those of its messages', (d) => changed(d, ['tool_calls', 0, 'id'], 'other'), /tool_calls.0/],
    ['whose calls are fewer', (d) => ({ ...d, tool_calls: d.tool_calls.slice(1) }), /tool_calls.0/],
    ['with an open call that has its result', (d) => changed(d, ['tool_calls', 0, 'done_at'], null), /tool_calls.0/],
    ['with a path that climbs', (d) => changed(d, ['files', 0, 'path'], '/../secret'), /files.0.path: This path/],
    [
      'with a received path twice',
      (d) => ({ ...d, received: [1, 2].map((bytes) => ({ path: '/x', bytes })) }),
      /received: Names a path twice/,
    ],
    ['with a received path that climbs', (d) => ({ ...d, received: [{ path: '/../x', bytes: 1 }] }), /received.0.path/],
    ['with a path twice', (d) => ({ ...d, files: [d.files[0], d.files[0]] }), /files.1.path: Is there twice/],
    [
      'with a file that is a folder',
      (d) => ({ ...d, files: [d.files[0], { ...d.files[0], path: `${d.files[0].path}/x` }] }),
      /both a file and a folder/,
    ],
    ['with content that is not base64', (d) => changed(d, ['files', 0, 'content'], 'a*b'), /base64/],
    [
      'with a file too large',
      (d) => changed(d, ['files', 0, 'content'], Buffer.alloc(5_000_001).toString('base64')),
      /larger than a file may be/,
    ],
    [
      'with a journal that begins elsewhere',
      (d) => changed(changed(d, ['journal', 0, 'type'], 'agent.text'), ['journal', 0, 'data'], { text: 'Hello' }),
      /journal.0.type/,
    ],
    ['with an event of no known type', (d) => changed(d, ['journal', 1, 'type'], 'agent.boasted'), /journal.1.type/],
    ['with an event that says too little', (d) => changed(d, ['journal', 1, 'data'], {}), /journal.1.data/],
    ['with an instant that is none', (d) => changed(d, ['messages', 0, 'at'], '2026-02-30T00:00:00Z'), /messages.0.at/],
    [
      'to whom more was said than a session is told',
      (d) => ({ ...d, inbox: Array(101).fill({ at: d.exported_at, content: 'x' }) }),
      /inbox: Too many unread messages: at most 100 messages/,
    ],
    [
      'to whom too much was said',
      (d) => ({ ...d, inbox: Array(6).fill({ at: d.exported_at, content: 'x'.repeat(190_000) }) }),
      /inbox: Too many unread messages/,
    ],
    ['with a NUL', (d) => changed(d, ['messages', 0, 'content', 0, 'text'], 'a\0b'), /NUL/],
    ['with half a character', (d) => changed(d, ['session', 'metadata'], { a: 'x\ud800' }), /surrogate/],
    ['with half a character in a name', (d) => changed(d, ['session', 'metadata'], { 'x\udc00': 1 }), /surrogate/],
    [
      'that reaches for a prototype',
      (d) => JSON.parse(JSON.stringify(d).replace('"metadata":{', '"metadata":{"__proto__":{"polluted":1},')),
      /Not a name/,
    ],
    [
      'with an own constructor',
      (d) => ({ ...d, constructor: { prototype: { polluted: 1 } } }),
      /constructor: Unknown field/,
    ],
    ['that is nested without end', (d) => changed(d, ['session', 'metadata'], nested(5_000)), /levels deep/],
    [
      'with metadata that is too large',
      (d) => changed(d, ['session', 'metadata'], { a: 'x'.repeat(20_000) }),
      /session.metadata: Too large/,
    ],
    ['without a limit of iterations', (d) => changed(d, ['session', 'max_iterations'], 1e9), /max_iterations/],
  ];

  it.each(cases)('%s', async (_what, spoil, why) => {
    const good = await busy();
    expect(await faultsOf(good)).toEqual([]);
    expect((await faultsOf(spoil(good))).join('\n')).toMatch(why);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('that has finished with tool calls open', async () => {
    const doc = await made('with tool calls under way');
    const finished = changed(doc, ['checkpoint', 'finished'], 'Done.');
    expect((await faultsOf(finished)).join()).toMatch(/checkpoint.finished/);
  });

  it('with a call that was left open before the last turn', async () => {
    const doc = await made('with tool calls under way');
    const more = { ...doc.messages[0], n: doc.messages.length + 1 };
    expect((await faultsOf({ ...doc, messages: [...doc.messages, more] })).join()).toMatch(
      /a, b were answered by none/,
    );
  });
});

const swapped = ([a, b, c, ...rest]: Doc[]) => [a, { ...c, n: 2 }, { ...b, n: 3 }, ...rest];
const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

describe('whatever is done to a document', () => {
  it.each([
    'between two iterations',
    'with tool calls under way',
    'after a compaction',
    'paused in its sleep',
    'ended',
  ])('of a session %s: it is refused, or what comes in works', async (name) => {
    const good = await made(name);
    const origin = await SCENARIOS[name]!();
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(damaged(good), async (doc) => {
        if ((await faultsOf(doc)).length > 0) return;
        taken += 1;
        const t = await elsewhere(origin, (_turns, i) => finish(i + 1_000));
        await imported(t, doc);
        await t.userSessions.command(USER, 'ses_2', { type: 'resume' }, 'op');
        await settleDown(t);
        const view = (await t.userSessions.get(USER, 'ses_2'))!;
        expect(view.status).not.toBe('working');
        expect(view.error?.message ?? '').not.toMatch(/its worker died/);
        expect(historyFaults((await t.userSessions.messages(USER, 'ses_2'))!.data)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
    expect(taken).toBeGreaterThan(0);
  });
});
