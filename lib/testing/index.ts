/**
 * `circadian/testing`: agents, tools and policies in a test, without network, ports, database or real time (docs/testing.md). The product's own core, loop,
 * tools, prices and API run on a world in memory that passes the same contract tests as Postgres. The model answers by a script, and time is moved.
 */
import { type BudgetDay, type Client, createClient, type NewSession } from '../../client/index.ts';
import { anthropic } from '../adapters/anthropic/index.ts';
import type { Config } from '../agents/config.ts';
import { drive } from '../engine/drive.ts';
import { wakeDue } from '../engine/wake.ts';
import { mintKey } from '../http/auth/api-keys.ts';
import type { Player } from '../local/model/answer.ts';
import { startProvider } from '../local/model/provider.ts';
import type { Step } from '../local/model/scripted.ts';
import { type Log, NO_MCP } from '../ports/index.ts';
import { instantOf, type Money, moneyOf, renewalOf, type Span, spanOf } from './amounts.ts';
import { deployed } from './deployment.ts';
import { memoryWorld } from './memory/index.ts';
import { providerFetch } from './provider-fetch.ts';
import { modelScript } from './script.ts';
import { sessionOf, type TestSession } from './session.ts';
import { type TestHttp, testWeb } from './web.ts';

export type { BudgetDay } from '../../client/index.ts';
export { dollars } from '../../client/index.ts';
export type { Answer, Player } from '../local/model/answer.ts';
export { call, ending, overloaded, rateLimited, reply, serverError, text } from '../local/model/answer.ts';
export type { Step } from '../local/model/scripted.ts';
export type { Money, Span } from './amounts.ts';
export type { TestSession } from './session.ts';
export { type HttpSaid, type TestHttp, type Unreachable, unreachable } from './web.ts';

export type TestingOptions = {
  /** The default export of circadian.config.ts; left out, the shipped agents alone. */
  config?: Config;
  /** Of one cycle: `$50`, or microdollars. $30 by default, which is a dollar a day. */
  budget?: Money;
  /** The date on which the budget begins anew, in UTC, or an instant of it with its zone; 30 days after the start by default. */
  renews?: string;
  /** When the clock starts, a date or an instant with its zone; 2026-12-01T00:00:00Z by default. */
  now?: string;
  /** The user's tier; `standard` by default. */
  tier?: string;
  /** Settings of the deployment by their names, such as `{ MAX_OUTPUT_TOKENS: '4000' }`. `PRICES` is in force for the whole process. */
  settings?: Record<string, string>;
  /** Secrets of the tools by their names; `testing-secret-NAME` where one is left out. */
  secrets?: Record<string, string>;
  /** Answers what tools ask of the web; left out, every request fails and says so. What it throws fails `run`. */
  http?: TestHttp;
  /** Is given the lines of the log. */
  log?: Log;
};

/** The user of a test. */
const USER = 'tester';
const START = '2026-12-01T00:00:00Z';
const CYCLE_DAYS = 30;
const DAY_MS = 86_400_000;
/** A minute: what is due and does not move is looked at again. */
const PATIENCE_MS = 60_000;
/** Of real time: longer than any iteration here takes. */
const REMAINING_MS = 300_000;
/** Iterations of one run: more than a day of money pays for. */
const MOST_ITERATIONS = 20_000;

export type Testing = {
  model: {
    /** The next replies, in order, to whichever session asks: a text, `reply(…)`, `call(…)` in a reply, a failure, or a function of the request. */
    script(...steps: Step[]): void;
    /** Answers every request after the script, for tests of many days; null: none any more. Its `index` is the number of replies to that session so far. */
    play(player: Player | null): void;
    /** All that it was asked, in order, summaries too. */
    readonly requests: ReturnType<typeof modelScript>['requests'];
    /** What the provider would have billed, microdollars. */
    readonly bill: number;
  };
  clock: {
    /** Milliseconds UTC. */
    now(): number;
    /** Moves on, and runs all that comes due on the way, each at its time. */
    advance(span: Span): Promise<void>;
    /** The same up to an instant. */
    to(instant: string): Promise<void>;
  };
  /** The user's API, as its client has it. Do not wait for a session or follow its events there: nothing moves until `run`. */
  client: Client;
  /** Starts a session. It moves with the next `run`. */
  start(session: NewSession | string): Promise<TestSession>;
  /**
   * Runs until nobody has anything to do at this time. Throws where the model was asked something that the script does not have, and what a function of
   * the script or the option `http` threw.
   */
  run(): Promise<void>;
  /** The days that a call or a question to the API opened, with their allowance and what was spent, oldest first. */
  days(): Promise<BudgetDay[]>;
  /** Throws where steps of the script were not used. The end of `await using` does the same. */
  done(): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A deployment of its own, with one user who has a budget. Throws a sentence for definitions that cannot be used. */
export async function testing(options: TestingOptions = {}): Promise<Testing> {
  const { config = {}, settings = {}, secrets = {}, tier = 'standard', log = () => {} } = options;
  const start = instantOf(options.now ?? START);
  const memory = memoryWorld({ now: start });
  const script = modelScript();
  const provider = startProvider({ player: script.player, now: memory.now });
  const model = anthropic({
    apiKey: 'testing',
    baseURL: 'https://testing.invalid',
    fetch: providerFetch(provider, memory.now),
  });
  const { http, assertAnswered } = testWeb(options.http);
  const { world, wake, deliver } = deployed({ memory, model, config, settings, secrets, http, mcp: NO_MCP, log });

  const renewalDate = renewalOf(options.renews ?? iso(start + CYCLE_DAYS * DAY_MS));
  await memory.accounts.putUser(USER, {
    tier,
    budget: moneyOf(options.budget ?? '$30'),
    renewalDate,
    wakePolicy: 'auto',
  });
  const { key, ...row } = mintKey();
  await memory.accounts.addKey(USER, { ...row, name: 'testing' });
  const client = createClient({
    url: 'https://testing.invalid',
    key,
    fetch: (request, init) => deliver(new Request(request, init)),
  });
  const sessions: TestSession[] = [];

  let isBroken = false;
  async function run(): Promise<void> {
    try {
      await settle();
    } catch (error) {
      isBroken = true;
      throw error;
    }
    await Promise.all(sessions.map((session) => session.refresh()));
  }

  async function settle(): Promise<void> {
    for (let iterations = 0; ; ) {
      memory.passLease();
      await wakeDue(wake, { cron: 'schedule', now: memory.now });
      const hints = new Map(memory.queue.take().map((hint) => [hint.sessionId, hint]));
      // A hint for later may come early here: what is due the session's row says.
      const due = [...hints.values()].filter(({ sessionId: id }) => memory.store.sessions.get(id)!.due <= memory.now());
      if (due.length === 0) return;
      for (const hint of due) {
        script.answerTo(hint.sessionId);
        await drive(world, hint, { remaining: () => REMAINING_MS });
        assertAnswered();
        script.assertExpected(provider.takeRefusals());
        iterations += 1;
      }
      if (iterations > MOST_ITERATIONS)
        throw new Error(
          `The sessions made ${MOST_ITERATIONS} steps without an end at ${iso(memory.now())}. Give them less money, or let the model end.`,
        );
    }
  }

  async function to(at: number): Promise<void> {
    if (at < memory.now()) throw new Error(`The clock cannot go back: it is ${iso(memory.now())} already.`);
    for (;;) {
      await run();
      const { nextDue } = await memory.sweeper.sweep(0);
      const next = Math.max(nextDue ?? Infinity, memory.now() + 1);
      if (next > at) break;
      memory.advance((nextDue! > memory.now() ? next : Math.min(at, memory.now() + PATIENCE_MS)) - memory.now());
    }
    memory.advance(at - memory.now());
    await run();
  }

  return {
    model: {
      script: (...steps) => script.add(steps),
      play: script.play,
      requests: script.requests,
      get bill() {
        return provider.bill().reduce((sum, line) => sum + line.cost_microdollars, 0);
      },
    },
    clock: {
      now: memory.now,
      advance: async (span) => to(memory.now() + spanOf(span)),
      to: async (instant) => to(instantOf(instant)),
    },
    client,
    async start(wanted) {
      const session = sessionOf(
        client,
        await client.sessions.create(typeof wanted === 'string' ? { goal: wanted } : wanted),
      );
      sessions.push(session);
      return session;
    },
    run,
    async days() {
      const days: BudgetDay[] = [];
      for await (const day of client.budget.days()) days.unshift(day);
      return days;
    },
    done: script.assertUsed,
    async [Symbol.asyncDispose]() {
      // What was thrown before says more.
      if (!isBroken) script.assertUsed();
    },
  };
}

const iso = (at: number): string => new Date(at).toISOString();
