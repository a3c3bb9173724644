/** What of a reply is stored, where a whole session over HTTP (test/engine/replies.test.ts) would say less. */
import { describe, expect, it } from 'vitest';
import { accepted, INVALID_CALL } from '../../lib/core/acceptance.ts';
import type { Block, StoredMessage } from '../../lib/core/session.ts';
import { assistant, reply as replied, text, toolUse, user } from './given.ts';

const thought: Block = { type: 'thinking', thinking: 'Hm.', signature: 's' };
const reply = (content: Block[], stopReason = 'tool_use') => replied(content, stopReason).reply;
const of = (content: Block[], stopReason?: string, history: StoredMessage[] = [user(1, 'goal')]) =>
  accepted(reply(content, stopReason), history, (history.at(-1)?.n ?? 0) + 1);

describe('a reply', () => {
  it('that the API takes is the same object: nothing is changed without need', () => {
    const whole = reply([thought, text('So. '), toolUse('a', 'bash'), thought, toolUse('b', 'bash')]);
    expect(accepted(whole, [user(1, 'goal')], 2)).toBe(whole);
  });

  it('is changed in the same way each time', () => {
    const content = [toolUse('a', 'bash'), toolUse('a', 'bash'), toolUse('toolu_2_1', 'bash'), toolUse('', 'x y')];
    expect(of(content)).toEqual(of(content));
    expect(of(content).content.map((b) => (b.type === 'tool_use' ? b.id : b.type))).toEqual([
      ...['a', 'toolu_2_1', 'toolu_2_2', 'text'],
    ]);
  });

  it.each(['max_tokens', 'model_context_window_exceeded', 'refusal'])(
    'with a wrong call that ends as %s ends so',
    (stop) => {
      expect(of([toolUse('a', 'x y')], stop).stopReason).toBe(stop);
      expect(of([toolUse('a', 'x y')], 'end_turn').stopReason).toBe(INVALID_CALL);
    },
  );

  it('that was paused is the last message of the next request, so it ends on no white space', () => {
    expect(of([text('So. \n')], 'pause_turn').content).toEqual([text('So.')]);
    expect(of([text('So. \n')], 'end_turn').content).toEqual([text('So. \n')]);
  });

  it.each<[string, Block[], string[]]>([
    ['before a thought', [text(' '), thought, text('So.')], ['text']],
    ['after it', [thought, text(' '), text('So.')], ['thinking', 'text']],
    ['between thoughts', [thought, text(' '), thought, text('So.')], ['thinking', 'text']],
    ['with nothing else', [thought, text(' ')], ['thinking', 'text']],
  ])('blank text %s is left out, and the thoughts after it', (_, content, types) => {
    expect(of(content, 'end_turn').content.map(({ type }) => type)).toEqual(types);
  });

  it('after a summary, only an id that is long enough to be random is known not to have been there before', () => {
    const history = [user(9, 'Summary'), assistant(10, text('So.')), user(11, 'Go on.')];
    const minted = 'toolu_01A09q90qw90lq917835lq9';
    const { content } = of([toolUse('a', 'bash'), toolUse(minted, 'bash')], 'tool_use', history);
    expect(content.map((b) => (b.type === 'tool_use' ? b.id : null))).toEqual(['toolu_12_0', minted]);
  });

  it('has arguments that are an object', () => {
    for (const input of [null, [1], 'x', 7, undefined]) {
      expect(of([{ type: 'tool_use', id: 'a', name: 'bash', input }]).content[0]).toMatchObject({
        type: 'text',
        text: expect.stringContaining('not an object'),
      });
    }
  });
});
