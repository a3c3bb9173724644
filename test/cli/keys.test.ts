/** What keys do in the live view. */
import { describe, expect, it, vi } from 'vitest';
import type { View } from '../../cli/view/frame.ts';
import { keysFor } from '../../cli/view/live.ts';
import { pinOf } from '../../cli/words.ts';
import type { Session } from '../../client/index.ts';

describe('keys', () => {
  function pressed(session: Partial<Session>, refuse = false) {
    const asked: unknown[] = [];
    const record =
      (verb: string) =>
      async (...args: unknown[]) => {
        asked.push([verb, ...args]);
        if (refuse) throw new Error('It has ended.');
        return { id: 's', status: 'working' };
      };
    const sessions = Object.fromEntries(
      ['pause', 'resume', 'wake', 'say', 'approve'].map((verb) => [verb, record(verb)]),
    );
    const view = {
      sessions: [{ id: 's', ...session }],
      only: true,
      entry: null,
      note: null,
      seen: [],
    } as unknown as View;
    const left: string[] = [];
    const press = keysFor({
      ...{ view, client: { sessions } as never, leave: (how) => left.push(how) },
      done: (note) => {
        view.note = note;
      },
    });
    return { view, asked, left, press: (keys: string[]) => keys.forEach(press) };
  }

  it.each<[string, Partial<Session>, string[], unknown[]]>([
    ['pause', { status: 'working' }, ['p'], [['pause', 's']]],
    ['resume', { status: 'paused' }, ['p'], [['resume', 's']]],
    ['wake', { status: 'sleeping' }, ['w'], [['wake', 's']]],
    ['answer', { status: 'waiting_for_input' }, ['a', 'N', 'o', 'p', '\u007f', ' ', 'q', '\r'], [['say', 's', 'No q']]],
    ['take back', { status: 'waiting_for_input' }, ['a', 'N', '\u001b'], []],
    ['say nothing', { status: 'waiting_for_input' }, ['a', ' ', '\r'], []],
    ['approve nothing by chance', { status: 'working' }, ['y', 'n'], []],
  ])('%s', async (_, session, keys, asked) => {
    const made = pressed(session);
    made.press(keys);
    expect(made.asked).toEqual(asked);
    expect(made.left).toEqual([]);
    expect(made.view.entry).toBe(null);
  });

  it('decide about the call as it was seen', async () => {
    const approvals = [{ call_id: 'c', args_sha: 'a', tool_sha: 't' }];
    const made = pressed({ waiting: { kind: 'approval', approvals } as never });
    made.press(['n']);
    await vi.waitFor(() =>
      expect(made.asked).toEqual([['approve', 's', 'c', { decision: 'deny', args_sha: 'a', tool_sha: 't' }]]),
    );
  });

  it('approve what is shown whole, and nothing else', async () => {
    const call = { call_id: 'c', args_sha: 'a', tool_sha: 't' };
    const made = pressed({ waiting: { kind: 'approval', approvals: [call] } as never });
    made.press(['y']);
    await vi.waitFor(() => expect(made.view.note).toContain('Not all of it is shown here'));
    expect(made.asked).toEqual([]);
    made.view.seen = [pinOf(call as never)];
    made.press(['y']);
    await vi.waitFor(() => expect(made.asked).toHaveLength(1));
  });

  it('show a refusal, and end nothing', async () => {
    const made = pressed({ status: 'working' }, true);
    made.press(['p']);
    await vi.waitFor(() => expect(made.view.note).toBe('It has ended.'));
    expect(made.left).toEqual([]);
  });
});
