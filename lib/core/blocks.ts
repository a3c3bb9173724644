/** What a conversation is made of: blocks, and the messages that hold them, in the Messages API's form. */

/** `runtime`: the runtime's own words. They go out as a system message where the model takes one, without the mark in any case. */
export type TextBlock = { type: 'text'; text: string; runtime?: true };
export type ToolUseBlock = { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };
export type ToolResultBlock = { type: 'tool_result'; tool_use_id: string; content: string; is_error?: true };
/** Blocks that the runtime hands back to the model untouched (thinking, server tools, …). */
export type OpaqueBlock = { type: string } & Record<string, unknown>;
/** One image or PDF as a turn holds it. `file` is for the runtime and never sent; its sizes are those found in the bytes. */
export type MediaBlock = OpaqueBlock & {
  type: 'image' | 'document';
  source: { type: 'base64'; media_type: string; data: string };
  file: { path: string; bytes: number } & ({ width: number; height: number } | { pages: number; textBytes: number });
};
export type Block = TextBlock | ToolUseBlock | ToolResultBlock | OpaqueBlock;

export type Message = { role: 'user' | 'assistant'; content: Block[] };
/** A turn with its place in the session: `n` starts at 1 (the goal) and has no gaps. */
export type StoredMessage = Message & { n: number };
