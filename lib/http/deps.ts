import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Effort } from '../budget/index.ts';
import type { EffectClass } from '../core/session.ts';
import type {
  Accounts,
  BudgetAlerts,
  Live,
  Log,
  Memories,
  NewSession,
  Operator,
  PaidPlans,
  Payments,
  Queue,
  Triggers,
  User,
  UserSchedules,
  UserSessions,
  Webhooks,
} from '../ports/index.ts';
import type { Limiter } from '../ports/rate-limiter.ts';
import type { Transfer } from '../ports/transfer.ts';

/** What the API is made of. `lib/world.ts` has it all; tests give a world in memory. */
export type Deps = {
  userSessions: UserSessions;
  userSchedules: UserSchedules;
  triggers: Triggers;
  accounts: Accounts;
  operator: Operator;
  payments: Payments;
  transfer: Transfer;
  memories: Memories;
  alerts: BudgetAlerts;
  webhooks: Webhooks;
  live: Live;
  queue: Queue;
  log: Log;
  /** SHA-256 of the operator's key, as 64 hexadecimal digits (`sha256` of keys.ts). */
  adminKeyHash: string;
  /** The agents that sessions may run; `assistant` is the default of a request. */
  agents: readonly AgentChoice[];
  /** The names of secrets that sessions may have put into what their shell asks. Absent: none. */
  credentials?: readonly string[];
  /** The MCP servers that sessions may name. Absent: none. */
  mcpServers?: readonly string[];
  /** What a session of this agent and this tier gets where it names nothing. `model` null: the tier has none. */
  defaultsOf: (agent: string, tier: string) => SessionDefaults;
  isKnownModel: (model: string) => boolean;
  /** The priced models, to be named where an unknown one is refused. */
  knownModels: readonly string[];
  /**
   * What the first step of a session costs, in microdollars: no cost cap below `possible` lets it be taken, and each from `enough` on does.
   * Absent: caps are not looked at.
   */
  firstStepCost?: (userId: string, session: NewSession) => { possible: bigint; enough: bigint };
  /** Tier → the model its sessions get when they name none. */
  tierModels: Readonly<Record<string, string>>;
  /** What a new user of a tier gets per cycle where the operator names no amount; microdollars. */
  tierBudgets: Readonly<Record<string, bigint>>;
  /** How many sessions that have not ended a user of a tier may have. */
  tierSessions: Readonly<Record<string, number>>;
  /** Absent: no limits. Fails open: they guard the service, never money. */
  limiter?: Limiter | undefined;
  /** A token of the identity provider → its user's id; throws the problem to answer with. Absent: API keys only. */
  jwt?: ((token: string) => Promise<string>) | undefined;
  /** Origins whose web pages may call the API; absent: none. */
  corsOrigins?: readonly string[] | undefined;
  /** Whether a user's alerts may be sent to this machine by plain http: for localhost only. */
  notifyLoopback?: boolean;
  /** Where this deployment takes events of Stripe. Absent: it takes none. */
  stripe?: StripeAccess | undefined;
  /** What every request must carry that comes through CloudFront, which alone may ask then. Absent: everybody asks directly. */
  frontSecret?: string | undefined;
  time?: Partial<Time>;
  limits?: Partial<RateLimits>;
};

/** `secrets`: who knows one of them may say what was paid. `livemode` false: events of Stripe's test mode count, and no others. */
export type StripeAccess = { secrets: readonly string[]; livemode: boolean; plans: PaidPlans };

/**
 * An agent as it is shown to who chooses one. `tools`: what it can do besides steering itself. `model`: of its sessions that name none; left
 * out: their tier's.
 */
export type AgentChoice = {
  name: string;
  description: string;
  model?: string | undefined;
  tools: readonly { name: string; description: string; effect: EffectClass; price: bigint | null }[];
};

export type SessionDefaults = { model: string | null; effort: Effort | null; maxOutputTokens: number };

/** The request's own time, so that tests need not wait. Milliseconds. */
export type Time = {
  /** UTC now, for the marker that keeps the recovery cron awake (R10). */
  now: () => number;
  /** Real time that only grows. */
  elapsed: () => number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
};

/** Sizes in bytes, durations in milliseconds. */
export type RateLimits = {
  bodyBytes: number;
  /** A stream ends before the function that serves it does; the client comes back with its last id. */
  streamMs: number;
  /** How often a stream asks the live view, and how often Postgres when the live view cannot answer. */
  pollMs: number;
  fallbackMs: number;
  heartbeatMs: number;
  /** A client that takes nothing for so long has gone; Lambda does not say so. */
  stallMs: number;
  /** What the client is told to wait before it comes back. */
  retryMs: number;
  /** How long the answer to a command waits for a worker to have taken it. */
  settleMs: number;
};

/** `Deps` with every default filled in. */
export type Ready = Omit<Deps, 'time' | 'limits'> & { time: Time; limits: RateLimits };

/** What it takes to tell whether a session may be had, and with what. */
export type Ordering = Pick<
  Deps,
  | 'accounts'
  | 'agents'
  | 'credentials'
  | 'mcpServers'
  | 'isKnownModel'
  | 'knownModels'
  | 'tierModels'
  | 'tierSessions'
  | 'firstStepCost'
>;

/** Whether what opened a request holds while its answer goes on. `asksPostgres`: to say so may wake it. Throws where it cannot be told. */
export type KeyCheck = { asksPostgres: boolean; holds: () => Promise<boolean> };

export type HttpEnv = {
  /**
   * `caller`: whose requests are counted together, see `Limiter`. `user` and `keyCheck` are not there on routes that the live view may
   * answer (auth/authenticate.ts). `userId` and `viewAnswers` are everywhere but below /v1/admin; the latter is false while the view is away.
   */
  Variables: {
    user: User;
    keyCheck: KeyCheck;
    userId: string;
    viewAnswers: boolean;
    caller: string;
    requestId: string;
    /** The client's, where it is known (auth/front.ts). */
    address: string | undefined;
  };
  /** What Lambda's adapter hands over; nothing elsewhere. */
  Bindings: {
    context?: { getRemainingTimeInMillis(): number };
    /** `sourceIp`: who Lambda itself saw; a header could say anything. */
    requestContext?: { http?: { sourceIp?: string } };
  };
};
export type App = OpenAPIHono<HttpEnv>;

const LIMITS: RateLimits = {
  bodyBytes: 1_048_576,
  streamMs: 14 * 60_000,
  pollMs: 300,
  fallbackMs: 1_000,
  heartbeatMs: 15_000,
  stallMs: 15_000,
  retryMs: 1_000,
  settleMs: 1_500,
};

const TIME: Time = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done, { once: true });
    }),
};

export const ready = (deps: Deps): Ready => ({
  ...deps,
  time: { ...TIME, ...deps.time },
  limits: { ...LIMITS, ...deps.limits },
});
