/** The tools of a session, and what they may touch. */
import type { EffectClass, MediaBlock } from '../core/session.ts';
import type { Method, WebAccess } from '../web/access.ts';
import type { Workspace } from './workspace.ts';

/** One line of the log, beside the session's own. `fields`: what JSON can say. Never throws. */
export type ToolLog = (message: string, fields?: Record<string, unknown>) => void;

/** What a session may ask of the web. */
export type SessionWeb = {
  /** Null: it has no rules of its own. */
  access: WebAccess | null;
  /** Whether the goal, a message or a result of the web has named the address, which is one of `addressOf` (lib/web/known.ts). */
  knows(address: string): Promise<boolean>;
};

/** What every tool may touch. */
export type ToolContext = {
  /** Same value for every attempt of one tool call. */
  idempotencyKey: string;
  /** The session's id. */
  session: string;
  web: SessionWeb;
  files: () => Promise<Workspace>;
  /**
   * Marks the call before an effect that must not happen twice: from then on it is never run again, as one of a `once` tool. False: the effect must
   * not be begun, since a person wants the session to stop, or since an earlier attempt may have had it, before the session was imported.
   */
  once: () => Promise<boolean>;
  /** Aborts when the iteration's time is used up, when a user stops the session, or when another worker owns it. */
  signal: AbortSignal;
  log: ToolLog;
};
export type Tools = {
  effectOf(name: string): EffectClass | null;
  /** The most that one call can cost, microdollars; null: nothing. */
  priceOf(name: string): bigint | null;
  /**
   * A failure, an unknown tool or wrong arguments are a result that tells the model. Long output is cut in the middle. Throws only what
   * `context.files()` or `context.once()` threw: then the world is broken, not the tool. `cost`: of a paid tool, microdollars; null where nobody knows it, since the
   * answer of its vendor was lost. `media`: images and PDFs that the model is shown beside the text, within `MEDIA_LIMITS`.
   */
  run(
    call: { id?: string; name: string; input: unknown },
    context: ToolContext,
  ): Promise<{ content: string; isError: boolean; media?: MediaBlock[]; cost?: bigint | null }>;
};

export type HttpMethod = Method;

export type HttpRequest = {
  /** GET by default. */
  method?: HttpMethod;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** For all of it, redirects included; milliseconds. 30,000 by default, 300,000 at most. */
  timeoutMs?: number;
  /** What is beyond is not read. 5,000,000 by default, 20,000,000 at most. */
  maxBytes?: number;
  /** Is given each piece of the body as it comes. True: that is all that is needed, and the rest is not read. */
  enough?: (piece: Uint8Array) => boolean;
  /** `manual`: a redirect is the answer, for a caller that judges where it leads. Followed by default. */
  redirect?: 'follow' | 'manual';
  /** Is told of each request before it is made, the first and each redirect. It throws to refuse one; what it returns is sent to that address alone. */
  judge?: (url: string, method: HttpMethod) => Record<string, string>;
};

/** An answer of any status. `url`: where the last redirect led. Names of headers are in lower case. `cut`: there was more than `maxBytes`. */
export type HttpAnswer = {
  status: number;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
  cut: boolean;
  /** The body as UTF-8. */
  text(): string;
  /** Throws for what is no JSON. */
  json(): unknown;
};

/** More in a row lead nowhere. */
export const MOST_REDIRECTS = 5;

/** Source: https://fetch.spec.whatwg.org/#redirect-status */
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

/** There was no answer. The message is a sentence. `arrived`: false, the request was not sent; null, nobody knows. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
  readonly arrived: false | null;

  constructor(message: string, arrived: false | null) {
    super(message);
    this.arrived = arrived;
  }
}

/**
 * Asks a public address over https. Addresses of networks behind the runtime are refused, also behind a redirect or a name. Up to five redirects
 * are followed. To another origin they take no header along but `accept`, `accept-language` and `user-agent`, and no body. Throws `NoAnswer` for
 * an address that is refused, for an answer that did not come in time, and for a connection that broke. Of the latter two it is unknown whether the
 * request arrived.
 */
export type Http = (url: string, request?: HttpRequest, signal?: AbortSignal) => Promise<HttpAnswer>;
