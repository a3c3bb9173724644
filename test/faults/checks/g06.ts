/** G6: the message history is always valid for the Messages API; and the provider never had to say that it is not. */
import type { Message } from '../../../lib/core/session.ts';
import { apiFaults } from './messages-api.ts';
import { type Finder, few } from './run.ts';

const CHECK = 'G6';

export const g06: Finder = async ({ rows, refusals }) => {
  const histories = new Map<string, Message[]>();
  for (const { session_id, role, content } of await rows(
    'select session_id, role, content from agent_messages order by session_id, n',
  )) {
    const turns = histories.get(session_id!) ?? [];
    turns.push({ role: role as Message['role'], content: JSON.parse(content!) });
    histories.set(session_id!, turns);
  }
  const ended = new Set((await rows(`select id from agent_sessions where state = 'ended'`)).map(({ id }) => id));
  const invalid = [...histories].flatMap(([id, turns]) =>
    apiFaults(turns, true)
      .concat(ended.has(id) && endsOpen(turns) ? ['it ends on calls without results'] : [])
      .map((fault) => ({ what: `${id}: ${fault}` })),
  );
  const refused = refusals
    .filter(({ status }) => status === 400 || status === 413 || status === 422)
    .map(({ session, status, message }) => ({
      what: `${session}: the provider refused a request with ${status}: ${message}`,
    }));
  return [...few(CHECK, invalid), ...few(CHECK, refused)];
};

const endsOpen = (turns: Message[]): boolean => turns.at(-1)?.content.some(({ type }) => type === 'tool_use') ?? false;
