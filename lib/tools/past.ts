/**
 * What a summary stands for, readable again: the turns before it as files in a folder of the workspace. They are made when a tool call names
 * the folder, are never stored, and cannot be changed. Thinking is left out: it was not said.
 */
import { withoutMedia } from '../core/media.ts';
import { HISTORY_FOLDER } from '../core/runtime-messages.ts';
import type { Block, StoredMessage, TextBlock, ToolResultBlock, ToolUseBlock } from '../core/session.ts';
import type { Workspace, WorkspaceFile } from '../ports/index.ts';
import { ToolFailure } from './failure.ts';
import { isWithin } from './paths.ts';

const FOLDER = `/${HISTORY_FOLDER}`;
const READ_ONLY = 0o444;
/** Characters and turns of one file: small enough to be read in a few calls. */
const LONGEST_FILE = 200_000;
const MOST_TURNS = 100;

/** Whether a call's input can mean the folder at all. */
export const namesPast = (input: unknown): boolean => JSON.stringify(input).includes(HISTORY_FOLDER);

function shown(block: Block): string {
  switch (block.type) {
    case 'text':
      return (block as TextBlock).text;
    case 'tool_use': {
      const { name, input } = block as ToolUseBlock;
      return `[called ${name} with ${JSON.stringify(input)}]`;
    }
    case 'tool_result': {
      const { content, is_error } = block as ToolResultBlock;
      return `[${is_error ? 'error' : 'result'}]\n${content}`;
    }
    default:
      return '';
  }
}

function rowText({ n, role, content }: StoredMessage): string {
  const parts = withoutMedia(content)
    .map(shown)
    .filter((text) => text !== '');
  return `## Turn ${n}, ${role === 'assistant' ? 'you' : 'told to you'}\n\n${parts.join('\n\n')}\n`;
}

const numbered = (n: number): string => String(n).padStart(6, '0');

/** Rows in order → files in order, named by the first and the last turn in them. */
export function pastFiles(rows: StoredMessage[]): WorkspaceFile[] {
  const files: { from: number; to: number; text: string; turns: number }[] = [];
  for (const row of rows) {
    const text = rowText(row);
    const last = files.at(-1);
    if (last && last.turns < MOST_TURNS && last.text.length + text.length <= LONGEST_FILE) {
      files[files.length - 1] = { from: last.from, to: row.n, text: `${last.text}\n${text}`, turns: last.turns + 1 };
    } else files.push({ from: row.n, to: row.n, text, turns: 1 });
  }
  return files.map(({ from, to, text }) => ({
    path: `${FOLDER}/${numbered(from)}-${numbered(to)}.md`,
    content: new TextEncoder().encode(text),
    mode: READ_ONLY,
  }));
}

/** The workspace with these files beside its own. */
export function withPast(own: Workspace, past: WorkspaceFile[]): Workspace {
  const byPath = new Map(past.map((file) => [file.path, file]));
  const guard = (path: string) => {
    if (isWithin(path, FOLDER))
      throw new ToolFailure(`Nothing was written: ${HISTORY_FOLDER} can only be read. Write to another folder.`);
  };
  return {
    read: (path) => byPath.get(path)?.content ?? own.read(path),
    write(path, content, mode) {
      guard(path);
      own.write(path, content, mode);
    },
    remove(path) {
      guard(path);
      own.remove(path);
    },
    apply(changes) {
      for (const { path } of changes) guard(path);
      own.apply(changes);
    },
    list: () =>
      [
        ...own.list().filter(({ path }) => !byPath.has(path)),
        ...past.map(({ path, content, mode }) => ({ path, bytes: content.length, mode })),
      ].sort((a, b) => (a.path < b.path ? -1 : 1)),
    changes: own.changes,
  };
}
