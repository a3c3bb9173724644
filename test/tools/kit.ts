/** A workspace from texts, and a way to call a tool on it. */
import type { ToolContext, Workspace } from '../../lib/ports/index.ts';
import type { Tool } from '../../lib/tools/index.ts';
import { workspace } from '../../lib/tools/workspace.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const tree = (files: Record<string, string | Uint8Array> = {}): Workspace =>
  workspace(
    Object.entries(files).map(([path, content]) => ({
      path,
      content: typeof content === 'string' ? bytes(content) : content,
      mode: 0o644,
    })),
  );

export const context = (files: Workspace, signal: AbortSignal = new AbortController().signal): ToolContext => ({
  idempotencyKey: 'key',
  session: 'ses_1',
  web: { access: null, knows: async () => false },
  files: async () => files,
  once: async () => true,
  signal,
  log: () => {},
});

export const call = (tool: Tool, input: unknown, files: Workspace = tree(), signal?: AbortSignal) =>
  tool.call(input, context(files, signal));

export const textIn = (files: Workspace, path: string): string | null => {
  const content = files.read(path);
  return content === null ? null : new TextDecoder().decode(content);
};

export const paths = (files: Workspace): string[] => files.list().map((file) => file.path);
