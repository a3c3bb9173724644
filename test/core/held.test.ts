/** Replies of which some calls wait for a person or were decided against: what is told beside the question, and what does not end the session. */
import { expect, it } from 'vitest';
import type { CallApproval } from '../../lib/core/approval.ts';
import type { ToolResult } from '../../lib/core/session.ts';
import {
  afterSettle,
  assistant,
  call,
  claim,
  NOW,
  ready,
  reply,
  rested,
  saveOf,
  toolUse,
  user,
  when,
} from './given.ts';

const approval = { asks: ({ name }: { name: string }) => name === 'put', hash: (text: string) => text };
const agent = {
  ...{ name: 'assistant', system: '' },
  tools: ['bash', 'put'].map((name) => ({
    ...{ name, description: name, input_schema: { type: 'object' }, effect: 'once' as const },
  })),
};
const facts = { agent, approval };

/** A reply with a free call that ends so, and one that asks. */
const beside = (result: Partial<ToolResult>, errors = 0, escalations = 0) => {
  const tries = ['a', 'b'].slice(0, errors);
  const known = errors === 0 ? [] : [{ signature: 'bash:no such file', tries }];
  const guard = { last: null, streak: 0, peak: 0, errors: known, escalations };
  const acting = afterSettle(
    ready({ facts, memory: { guard } }),
    reply([toolUse('t1', 'bash', { n: 3 }), toolUse('t2', 'put')], 'tool_use'),
  );
  return saveOf(
    when(acting.session, {
      type: 'observed',
      results: [{ id: 't1', content: 'No such file', isError: true, ...result }],
    }),
  );
};

it('tells of a key that a server does not take, beside the question', () => {
  const { suspension, requests } = beside({ ran: false, waits: 'The key has expired.' });
  expect(requests).toMatchObject([{ id: 't2' }]);
  expect(suspension?.to).toEqual({
    ...{ state: 'waiting', kind: 'approval' },
    question:
      'A call of put waits for your decision. Your decision lets me go on; a message withdraws the question. There is something else:\n\nThe key has expired.',
  });
});

it('tells of errors that the agent cannot get past, and counts them', () => {
  const { suspension, journal, memory } = beside({}, 2);
  expect(suspension?.to).toMatchObject({
    kind: 'approval',
    question: expect.stringMatching(/^A call of put .*I tried bash in three different ways/s),
  });
  expect(journal).toContainEqual({
    type: 'agent.escalated',
    data: { tool: 'bash', error: 'No such file', escalations: 1 },
  });
  expect(memory.guard).toMatchObject({ errors: [], escalations: 1 });
});

it('ends after the fifth such time, though a call waits', () => {
  const { suspension, requests, open, turn } = beside({}, 2, 4);
  expect(suspension?.to).toMatchObject({ state: 'ended', outcome: 'escalation_threshold_exceeded' });
  expect([requests, open]).toEqual([undefined, undefined]);
  expect(turn).toMatchObject([{ tool_use_id: 't1' }, { tool_use_id: 't2', is_error: true }]);
});

it('asks for nothing else where all is well', () => {
  expect(beside({ isError: false }).suspension?.to).toMatchObject({
    question: 'A call of put waits for your decision.',
  });
});

/** A reply that made a call and finished; the person has decided on the call. */
const finishing = (decision: CallApproval['decision']) => {
  const question = { input: {}, edited: false, toolSha: '', expiresAt: NOW + 1, decision, reason: null };
  const open = [
    { ...call('t1', 'put'), approval: question },
    call('t2', 'finish', { result: 'It is paid.' }),
    call('t3', 'finish', { result: 3 }),
  ];
  const history = [user(1, 'Pay.'), assistant(2, ...open.map(({ id, name, input }) => toolUse(id, name, input)))];
  const memory = { replied: { stopReason: 'tool_use', noticed: false } };
  return saveOf(
    claim(
      rested({ state: 'waiting', question: null, kind: 'approval' }, { facts, open, history, memory, iteration: 1 }),
    ),
  );
};

it.each(['deny', 'expired', 'withdrawn'] as const)('does not finish over a call that did not run: %s', (decision) => {
  const { suspension, turn, memory } = finishing(decision);
  expect([suspension, memory.finished]).toEqual([null, null]);
  expect(turn).toMatchObject([
    { tool_use_id: 't1', content: expect.stringMatching(/^Not run/), is_error: true },
    { tool_use_id: 't2', content: expect.stringMatching(/^Not finished: another call/), is_error: true },
    { tool_use_id: 't3', content: expect.stringMatching(/^The arguments of finish do not fit/), is_error: true },
  ]);
});
