/** Files of users: told once in the next prompt; they keep the session going as messages do, but answer no question and cost no wind-down. */
import { describe, expect, it } from 'vitest';
import type { Block, PendingCommands, ReceivedFiles } from '../../lib/core/session.ts';
import {
  afterSettle,
  claim,
  day,
  known,
  NOW,
  ready,
  reply,
  rested,
  saveOf,
  settlementOf,
  thinking,
  user,
  when,
} from './given.ts';

const received: ReceivedFiles = { files: [{ path: '/data/a.csv', bytes: 12 }], removed: ['/old.md'], more: 3 };
const pending: PendingCommands = { desired: 'run', wakeRequested: false, inbox: [], received };
const textOf = (block: Block) => String((block as { text?: unknown }).text);
const textsOf = (blocks: Block[]) => blocks.map(textOf);
const says = (text: string): Block[] => [{ type: 'text', text }];

const toldIn = (session: ReturnType<typeof thinking>) => {
  if (session.state !== 'thinking') throw new Error(session.state);
  return session.call.newMessages
    .flatMap(({ content }) => content)
    .filter((block) => textOf(block).includes('files of the workspace'));
};

describe('received files', () => {
  it('are told in the next prompt, as words of a user and never of the system, before what they say', () => {
    const inbox = [{ n: 1, content: 'Look at it.' }];
    const session = thinking(ready({ pending: { ...pending, inbox } }));
    const [told, ...more] = toldIn(session);
    expect(more).toEqual([]);
    expect(told).not.toHaveProperty('runtime');
    for (const word of ['[runtime]', '"data/a.csv" (12 bytes)', '"old.md" (removed)', 'And 3 more.'])
      expect(told && textOf(told)).toContain(word);
    if (session.state !== 'thinking') throw new Error(session.state);
    const texts = textsOf(session.call.newMessages.flatMap(({ content }) => content));
    expect(texts.indexOf('Look at it.')).toBe(texts.indexOf(String(told && textOf(told))) + 1);
  });

  it('are stored as told with the reply, and then known', () => {
    const step = when(thinking(ready({ pending })), reply(says('I see.')));
    const settlement = settlementOf(step);
    expect(settlement.filesTold).toBe(true);
    expect(textsOf(settlement.turns.flatMap(({ content }) => content)).join()).toContain('data/a.csv');
    expect(step.session.pending).toEqual({ desired: 'run', wakeRequested: false, inbox: [] });
    expect(settlementOf(when(thinking(ready()), reply(says('I see.')))).filesTold).toBeUndefined();
  });

  it('stay untold when the call fails', () => {
    const failure = {
      proof: 'not_served',
      status: 529,
      code: 'overloaded_error',
      message: 'Busy',
      retryAfterMs: null,
    } as const;
    const step = when(thinking(ready({ pending })), { type: 'failed', failure });
    expect(settlementOf(step).filesTold).toBeUndefined();
    expect(step.session.pending.received).toEqual(received);
  });

  it('are bounded in the prompt, whatever their names', () => {
    const files = Array.from({ length: 100 }, (_, i) => ({ path: `/${'n'.repeat(1_000)}${i}`, bytes: 1 }));
    const [told] = toldIn(thinking(ready({ pending: { ...pending, received: { files, removed: [], more: 0 } } })));
    expect(String(told && textOf(told)).length).toBeLessThan(2_500);
  });

  it('let no session end or sleep by itself before it was told, where its calls were left by a dead worker', () => {
    const history = [user(1, 'Do it.'), { n: 2, role: 'assistant' as const, content: says('Done.') }];
    const finish = [{ id: 'a', name: 'finish', input: { result: 'Done.' }, startedBy: null }];
    const memory = { replied: { stopReason: 'tool_use', noticed: false } };
    const step = claim(ready({ history, open: finish, iteration: 1, pending, memory }));
    expect(saveOf(step).suspension).toBeNull();
    const finished = claim(ready({ history, iteration: 1, pending, memory: { ...memory, finished: 'Done.' } }));
    expect(finished.effects[0]?.type).toBe('reserve');
    const unread = { desired: 'run' as const, wakeRequested: false, inbox: [] };
    const quiet = claim(ready({ history, iteration: 1, pending: unread, memory: { ...memory, finished: 'Done.' } }));
    expect(saveOf(quiet).suspension?.to).toMatchObject({ state: 'ended', outcome: 'completed' });
  });

  it('answer no question', () => {
    const step = claim(rested({ state: 'waiting', question: 'Which?' }, { pending }));
    expect(saveOf(step).suspension?.to).toEqual({ state: 'waiting', question: 'Which?' });
  });

  it('buy nothing past a wind-down: the session sleeps, and is told when it wakes', () => {
    const late = day(known().day.allowance);
    const windDown = { day: late.date, iterations: 3, short: null, ceiling: String(late.ceiling) };
    const history = [user(1, 'Do it.'), { n: 2, role: 'assistant' as const, content: says('Bye.') }];
    const night = { day: late, history, iteration: 3, pending, memory: { windDown, beforeSleep: late.date } };
    expect(saveOf(claim(ready(night))).suspension?.to).toMatchObject({ state: 'sleeping', reason: 'allowance' });
    const morning = rested({ state: 'sleeping', until: NOW - 1, reason: 'allowance' }, { history, pending });
    expect(toldIn(thinking(morning))).toHaveLength(1);
  });

  it('that were told let the turn end', () => {
    const step = afterSettle(ready({ pending }), reply(says('Done.')));
    expect(saveOf(step).suspension?.to).toMatchObject({ state: 'ended' });
  });
});
