/** The Messages API's rules for a history (G6), as a list of what is wrong. */
import type { Block, Message, ModelRequest } from '../../lib/core/session.ts';

const results = (turn: Message | undefined): string[] => {
  const ids: string[] = [];
  for (const block of turn?.role === 'user' ? turn.content : []) {
    if (block.type !== 'tool_result') break;
    ids.push((block as { tool_use_id: string }).tool_use_id);
  }
  return ids;
};

const uses = (turn: Message): string[] =>
  turn.content.flatMap((b: Block) => (b.type === 'tool_use' ? [(b as { id: string }).id] : []));

/**
 * `open`: the last turn's calls may still be without results. Adjacent user turns are joined first, and so is a system message with the user's
 * that it must follow. `pauses`: a paused turn may be gone on with, so that two replies in a row are one.
 */
export const faultsOf = (turns: ModelRequest['messages'], open = false, { pauses = false } = {}): string[] => {
  const joined: Message[] = [];
  const faults: string[] = [];
  turns.forEach(({ role, content }, i) => {
    const last = joined.at(-1);
    if (role === 'system' && i === 0) faults.push('begins with a system message');
    const goesOn = role === 'assistant' ? pauses && last?.role === role : last?.role === 'user';
    if (last && goesOn) last.content = [...last.content, ...content];
    else joined.push({ role: role === 'assistant' ? role : 'user', content: [...content] });
  });
  if (joined[0]?.role !== 'user') faults.push('does not begin with a user turn');
  joined.forEach((turn, i) => {
    const before = joined[i - 1];
    if (before?.role === turn.role) faults.push(`turn ${i} repeats the role ${turn.role}`);
    if (turn.content.length === 0) faults.push(`turn ${i} is empty`);
    if (turn.role !== 'assistant') return;
    const [asked, answered] = [uses(turn), results(joined[i + 1])];
    if (open && i === joined.length - 1) return;
    if (asked.join() !== answered.join())
      faults.push(`turn ${i} asked ${asked.join()} and was answered ${answered.join()}`);
  });
  const all = joined.flatMap((turn) => (turn.role === 'assistant' ? uses(turn) : []));
  if (new Set(all).size !== all.length) faults.push('a tool_use id appears twice');
  return faults;
};
