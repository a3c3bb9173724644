/** A tool of an operator's own, as circadian.config.ts defines it: what its `run` is given, and how it becomes a tool like every other. */
import type * as z from 'zod';
import type { EffectClass } from '../core/session.ts';
import type { Http, HttpAnswer, HttpRequest, Machine, Sandbox, ToolContext } from '../ports/index.ts';
import type { ConfiguredCredential } from './credentials.ts';
import { defineTool, type Tool, type ToolOutcome } from './define.ts';
import { ToolFailure } from './failure.ts';
import type { SearchFacility } from './web-search.ts';

/** What `run` may use. All of it ends with the call. */
export type RunContext = ToolContext & {
  /** The one way out that refuses the networks behind the runtime. It ends with `signal`. See the port `Http`. */
  http: (url: string, request?: HttpRequest) => Promise<HttpAnswer>;
  /** The value of a secret that the tool declared. It is taken out of whatever is written down. Throws for any other name. */
  secret: (name: string) => string;
};

/**
 * `ask`: every call waits for a person. A function is given the arguments as the model wrote them, not checked yet, and answers whether this call does; it must be
 * pure, and where it throws, the call waits.
 */
export type ApprovalRule = 'never' | 'ask' | ((input: Record<string, unknown>) => boolean);

/** `run` returns what the model is to see. Throw a `ToolFailure` for what the model should do otherwise. */
export type ConfiguredTool<S extends z.ZodObject = z.ZodObject> = {
  /** Letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** For the model: what the tool does, what it does not, in which units. */
  description: string;
  input: S;
  /** How often the effect may happen: `pure` freely, `idempotent` with the same `idempotencyKey`, `once` never again after a crash. */
  effect: EffectClass;
  /**
   * The most that one call can cost, microdollars: $0.005 is 5_000. So much is held before the call runs, and the call does not run where the money
   * is not there. Left out: nothing.
   */
  price?: number;
  /** Whether a person must approve a call before it runs; left out: never, unless the agent, the deployment or the session says so. */
  approval?: ApprovalRule;
  /** Names such as `GITHUB_TOKEN`. The values come from the variables `TOOL_SECRET_…`. */
  secrets?: readonly string[];
  run(input: z.output<S>, context: RunContext): Promise<string | Answer> | string | Answer;
};

/** `cost`: what the call of a paid tool did cost, microdollars; left out, its price. A call that throws is charged its price. */
export type Answer = { content: string; isError?: boolean; cost?: number };

/** What the runtime gives to all of them. */
export type Facilities = {
  http: Http;
  /** Null: this deployment has no search service. */
  search: SearchFacility | null;
  /** Where programs of a model run. */
  sandbox: Sandbox;
  /** Null: `run_code` is not offered. */
  machine: Machine | null;
  secret: (name: string) => string | undefined;
  redact: (text: string) => string;
  /** What may be put into requests of sessions, by the name of its secret. */
  credentials: readonly ConfiguredCredential[];
};

export const runsNone = () => Promise.reject(new Error('this process runs no tools'));

/** Of a process that describes tools and runs none. */
export const NO_FACILITIES: Facilities = {
  http: runsNone,
  search: null,
  sandbox: { run: runsNone },
  machine: null,
  secret: () => undefined,
  redact: (text) => text,
  credentials: [],
};

export const configuredTool = (tool: ConfiguredTool, { http, secret, redact }: Facilities): Tool =>
  defineTool({
    ...{ name: tool.name, description: tool.description, effect: tool.effect, input: tool.input, redact },
    ...(tool.price !== undefined && { price: BigInt(tool.price) }),
    run(input, context) {
      const { signal } = context;
      const given: RunContext = {
        ...context,
        http: (url, request) => http(url, request, signal),
        secret: (name) => declared(tool, name, secret),
      };
      return untilStopped(tool, signal, async () => observed(tool, await tool.run(input, given)));
    },
  });

function declared({ secrets = [] }: ConfiguredTool, name: string, secret: Facilities['secret']): string {
  const value = secrets.includes(name) ? secret(name) : undefined;
  if (value !== undefined) return value;
  throw new Error(`it has no secret ${JSON.stringify(name)}: its definition declares ${secrets.join(', ') || 'none'}`);
}

/** Types are gone when a definition runs. */
function observed({ name }: ConfiguredTool, answer: string | Answer): string | ToolOutcome {
  if (typeof answer === 'string') return answer;
  if (typeof answer?.content === 'string')
    return { content: answer.content, isError: answer.isError === true, ...costOf(answer.cost) };
  throw new Error(`${name} returned no text, so there is nothing to show`);
}

/** No money is made by a call, and a cost that is no number is not known: the price is charged. */
const costOf = (cost: unknown): { cost?: bigint } =>
  typeof cost === 'number' && Number.isSafeInteger(Math.ceil(cost)) && cost >= 0
    ? { cost: BigInt(Math.ceil(cost)) }
    : {};

/** How long a tool may take to end after it was told to. */
export const GRACE_MS = 2_000;

/** One that does not listen to its signal would hold its session until the whole worker is ended. */
async function untilStopped<T>(
  { name, effect }: ConfiguredTool,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      timer = setTimeout(() => reject(new ToolFailure(lateText(name, effect))), GRACE_MS);
    };
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

const lateText = (name: string, effect: EffectClass): string =>
  `${name} was called off and did not end in time. ${
    effect === 'pure'
      ? 'Call it again if it is still needed.'
      : 'Its outcome is unknown: check before you call it again.'
  }`;
