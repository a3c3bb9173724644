/**
 * Is the history one that the Messages API would take (G6), and do the parts of a document agree? As sentences about what is wrong; only
 * the first few matter to the reader. Expects the shapes of document.ts.
 */
import { joined } from '../core/context.ts';
import type { Message, ToolUseBlock } from '../core/session.ts';
import { WORKSPACE_LIMITS } from '../core/workspace.ts';
import type { FieldError } from '../problem.ts';
import type { Document } from './document.ts';

/** So many wrong turns are told of; the rest is not looked at. */
const FEW = 5;

export function faultsIn(doc: Document): FieldError[] {
  return [...numbersOf(doc), ...turnsOf(doc), ...callsOf(doc), ...agreementOf(doc), ...filesOf(doc)];
}

const fault = (path: string, message: string): FieldError => ({ path, message });

function numbersOf({ messages, journal }: Document): FieldError[] {
  const gap = messages.findIndex(({ n }, i) => n !== i + 1);
  const hole = journal.findIndex(({ seq }, i) => seq !== i + 1);
  return [
    ...(gap < 0 ? [] : [fault(`messages.${gap}.n`, `Must be ${gap + 1}: messages are numbered from 1 without a gap`)]),
    ...(hole < 0 ? [] : [fault(`journal.${hole}.seq`, `Must be ${hole + 1}: the journal has no gap`)]),
  ];
}

const usesOf = (turn: Message): ToolUseBlock[] => turn.content.filter((b): b is ToolUseBlock => b.type === 'tool_use');

/** The results that a user turn begins with; one that stands later answers nothing. */
function answersOf(turn: Message): { ids: string[]; late: boolean } {
  const ids = turn.content.map((b) => (b.type === 'tool_result' ? (b as { tool_use_id: string }).tool_use_id : null));
  const end = ids.indexOf(null);
  const first = end < 0 ? ids : ids.slice(0, end);
  return { ids: first as string[], late: ids.slice(first.length).some((id) => id !== null) };
}

/** Roles alternate once adjacent user turns are joined; every call but those of the last turn has its result right after it, in order. */
function turnsOf({ messages }: Document): FieldError[] {
  const faults: FieldError[] = [];
  const doubled = messages.findIndex((m, i) => m.role === 'assistant' && messages[i - 1]?.role === m.role);
  if (doubled >= 0) faults.push(fault(`messages.${doubled}`, 'Two replies in a row'));
  if (messages[0]?.role !== 'user') faults.push(fault('messages.0', 'Must be the user’s goal'));
  let open: ToolUseBlock[] = [];
  const turns = joined(messages as Message[]);
  for (const [i, turn] of turns.entries()) {
    const { ids, late } = turn.role === 'user' ? answersOf(turn) : { ids: [], late: false };
    const asked = open.map(({ id }) => id);
    // Of the last reply calls may wait for a person still.
    const answered = i === turns.length - 1 && ids.length > 0 ? asked.filter((id) => ids.includes(id)) : asked;
    if (answered.join('\n') !== ids.join('\n') || late) {
      faults.push(fault('messages', `The tool calls ${list(asked)} were answered by ${list(ids)}`));
    }
    if (faults.length >= FEW) break;
    open = turn.role === 'assistant' ? usesOf(turn) : [];
  }
  const all = messages.flatMap((m) => (m.role === 'assistant' ? usesOf(m as Message) : [])).map(({ id }) => id);
  if (new Set(all).size !== all.length) faults.push(fault('messages', 'A tool call’s id appears twice'));
  return faults;
}

const list = (ids: string[]): string => (ids.length === 0 ? 'none' : ids.slice(0, 5).join(', '));

/** One entry for each tool call of the messages, done if it has a result. */
function callsOf({ messages, tool_calls: calls }: Document): FieldError[] {
  const results = new Set(
    messages.flatMap(({ content }) =>
      content.map((b) => (b.type === 'tool_result' ? (b as { tool_use_id: string }).tool_use_id : null)),
    ),
  );
  const expected = messages.flatMap((m) =>
    usesOf(m as Message).map(({ id, name }, i) => [id, name, m.n, i + 1, !results.has(id)].join('\n')),
  );
  const found = calls.map((c) => [c.id, c.name, c.message_n, c.position, c.done_at === null].join('\n'));
  const wrong = Math.max(expected.length, found.length);
  for (let i = 0; i < wrong; i++) {
    if (expected[i] !== found[i]) return [fault(`tool_calls.${i}`, 'Must be the tool calls of the messages, in order')];
  }
  return [];
}

/** What two parts say of the same. */
function agreementOf({ session, messages, iteration, journal, checkpoint, tool_calls: calls }: Document): FieldError[] {
  const faults: FieldError[] = [];
  const [first] = messages[0]?.content ?? [];
  if (first?.type !== 'text' || first.text !== session.goal)
    faults.push(fault('session.goal', 'Must be what the first message says'));
  const replies = messages.filter(({ role }) => role === 'assistant').length;
  if (iteration < replies) faults.push(fault('iteration', `Must be at least ${replies}, as many as there are replies`));
  if (journal[0]?.type !== 'agent.started') faults.push(fault('journal.0.type', 'Must be agent.started'));
  const { from, summary, compactedAt } = checkpoint.context;
  if (messages[(summary ?? from) - 1]?.role !== 'user')
    faults.push(
      fault(
        `checkpoint.context.${summary === null ? 'from' : 'summary'}`,
        'Must be the number of a message that is no reply',
      ),
    );
  if (summary !== null && from !== summary && !(from < summary && messages[from - 1]?.role === 'assistant'))
    faults.push(fault('checkpoint.context.from', 'Must be the number of the summary, or of a reply before it'));
  if (calls.some((call) => call.done_at === null) && checkpoint.finished !== null)
    faults.push(fault('checkpoint.finished', 'Must be null while tool calls have no result'));
  if (compactedAt > iteration) faults.push(fault('checkpoint.context.compactedAt', 'Must not be after the iteration'));
  return faults;
}

function filesOf({ files }: Document): FieldError[] {
  const paths = new Set<string>();
  let bytes = 0;
  for (const [i, { path, content }] of files.entries()) {
    const size = Buffer.byteLength(content, 'base64');
    bytes += size;
    if (paths.has(path)) return [fault(`files.${i}.path`, 'Is there twice')];
    if (size > WORKSPACE_LIMITS.fileBytes) return [fault(`files.${i}.content`, 'Is larger than a file may be')];
    paths.add(path);
  }
  for (const path of paths) {
    const folder = foldersOf(path).find((one) => paths.has(one));
    if (folder) return [fault('files', `${folder} is both a file and a folder`)];
  }
  return bytes > WORKSPACE_LIMITS.treeBytes ? [fault('files', 'Are together larger than a workspace may be')] : [];
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}
