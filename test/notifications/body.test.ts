/** What a notice says in a sentence, which has no word of an agent or a person. */
import { expect, it } from 'vitest';
import { bodyOf } from '../../lib/notifications/body.ts';
import type { DueDelivery } from '../../lib/ports/index.ts';

const said = (type: string, data: Record<string, unknown>): string => {
  const session = { id: 'ses_1', agent: 'assistant', seq: 7, data, goal: 'A poem.' };
  const due = { type, userId: 'u1', at: 0, format: 'standard', includeText: false, session } as unknown as DueDelivery;
  return JSON.parse(bodyOf(due)).data.message;
};

it('tells a question from a turn that ended, and an MCP server from the provider', () => {
  expect(said('session.question', { kind: 'question', question: 'Which one?' })).toBe(
    'Session ses_1 (assistant) asks a question. It waits for the answer, which costs nothing meanwhile.',
  );
  expect(said('session.question', { kind: 'question', question: null })).toBe(
    'Session ses_1 (assistant) has ended its turn and waits for your next message, which costs nothing meanwhile.',
  );
  const wake_at = '2026-11-10T08:00:05.000Z';
  expect(said('session.sleeping', { reason: 'server_away', wake_at })).toBe(
    `Session ses_1 (assistant) sleeps: an MCP server whose tools it has is away. It goes on at ${wake_at}.`,
  );
});
