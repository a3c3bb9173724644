/** The model (index.ts says the rules of all ports). */
import type { Failure } from '../core/input.ts';
import type { ModelRequest, Reply } from '../core/session.ts';

/** The reason of a `signal` that cuts a model call or a tool because a user asked for it (pause, cancel). `FenceLost` serves likewise. */
export class Stopped extends Error {
  override name = 'Stopped';
}

export type Thought = { type: 'replied'; reply: Reply } | { type: 'failed'; failure: Failure };
export type OnText = (text: string, kind?: 'thought') => void;
/**
 * The model. One attempt per call, never a retry. Never throws for what the provider or the network does: that is a `failed` thought
 * with its proof. `signal` aborts the stream: `cut` if it had begun, `stopped` when its reason is `Stopped` or
 * `FenceLost`. `onText` gets each piece of text as it comes, never the text so far; `kind` is there for those of a thought.
 */
export type Model = {
  think(request: ModelRequest, options: { signal: AbortSignal; onText?: OnText }): Promise<Thought>;
  /** Prompt tokens as the provider counts them (free of charge), or null if it does not say. An estimate: may be a little low. */
  count(request: ModelRequest): Promise<number | null>;
};
