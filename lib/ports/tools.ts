/** The tools of a session, and what they may touch. */
import type { EffectClass } from '../core/session.ts';
import type { Workspace } from './workspace.ts';

/** What a tool may touch. */
export type ToolContext = {
  /** Same value for every attempt of one tool call. */
  idempotencyKey: string;
  files: () => Promise<Workspace>;
  signal: AbortSignal;
};
export type Tools = {
  effectOf(name: string): EffectClass | null;
  /**
   * A failure, an unknown tool or wrong arguments are a result that tells the model. Long output is cut in the middle. Throws only what
   * `context.files()` threw: then the world is broken, not the tool.
   */
  run(
    call: { id?: string; name: string; input: unknown },
    context: ToolContext,
  ): Promise<{ content: string; isError: boolean }>;
};
