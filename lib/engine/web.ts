/** What a session may ask of the web in this iteration: its rules, and the addresses that its stored turns name. */
import type { Session, ToolCall } from '../core/session.ts';
import type { SessionWeb, World } from '../ports/index.ts';
import { knownIn } from '../web/known.ts';

/** Arguments that a person gave in place of the agent's are their words, as a message is. */
const given = (open: ToolCall[]): string[] =>
  open.flatMap(({ approval }) => (approval?.edited ? [JSON.stringify(approval.input)] : []));

/**
 * Known is what rows name, not what a prompt shows: a summary takes nothing away and adds nothing. Rows before the summary are read only for an
 * address that the newer ones do not name. `from`: the first row of `history`.
 */
export function sessionWeb(
  { sessions }: Pick<World, 'sessions'>,
  { facts, history, pending, open }: Session,
  from: number,
): SessionWeb {
  const said = [facts.goal, facts.system ?? '', ...pending.inbox.map(({ content }) => content), ...given(open)];
  let newer: Set<string> | null = null;
  let older: Set<string> | null = null;
  return {
    access: facts.web,
    async knows(address) {
      newer ??= knownIn(history, said);
      if (newer.has(address) || from === 1) return newer.has(address);
      older ??= knownIn([...(await sessions.past(facts.id, from)), ...history], said);
      return older.has(address);
    },
  };
}
