/**
 * A stage for acceptance tests: the whole local system, a model server that plays a script per session, and users who use it over HTTP.
 * Iterations run in real child processes. One stage per test file; each test has users of its own.
 */
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import type { Answer } from '../../../lib/local/model/answer.ts';
import type { BillLine } from '../../../lib/local/model/bill.ts';
import { conversationOf } from '../../../lib/local/model/prompt.ts';
import { type Script, type Step, scripted } from '../../../lib/local/model/scripted.ts';
import { type ModelServer, startModelServer } from '../../../lib/local/model/server.ts';
import type { LocalOptions } from '../../../lib/local/options.ts';
import { type LocalSystem, startLocal } from '../../../lib/local/system.ts';
import { installedServers } from '../../kit/servers.ts';
import { journalOf } from './journal.ts';

/** Where the clock starts. The renewal date makes 20 days, so that an allowance of A takes a budget of 20 A. */
export const START = '2026-11-10T08:00:00Z';
export const RENEWAL = '2026-11-30';
export const DAYS = 20;

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export type Json = any;
export type Reply = { status: number; headers: Headers; text: string; json: Json };
type Headed = Record<string, string>;
type Ask = { key?: string | null; body?: unknown; raw?: string | Uint8Array<ArrayBuffer>; headers?: Headed };

/** The output that a call holds and the least that is worth one: the tests' amounts of money are made for these. */
const LIMITS = { MAX_OUTPUT_TOKENS: '16000', LEAST_OUTPUT_TOKENS: '1024' };

/** How long a test waits for what must come, on a machine that is busy. */
export const PATIENCE = { timeout: 100_000, interval: 60 };

export type Person = Awaited<ReturnType<ReturnType<typeof stage>['person']>>;
export type Played = Script & { goal: string; bill: () => BillLine[] };

/**
 * Starts before the file's tests and stops after them. `failures`: the errors that the functions logged, and whatever else they printed. A
 * test during which the Messages API would have refused a request has failed, whatever it looked at. `account`: whose key the system has.
 */
export const stage = ({ account = 'test', ...options }: LocalOptions & { account?: string } = {}) => {
  vi.setConfig({ testTimeout: 120_000 });
  let system: LocalSystem;
  let model: ModelServer;
  const scripts: Script[] = [];
  const failures: string[] = [];

  beforeAll(async () => {
    const now = () => system?.clock.now() ?? Date.parse(START);
    const { modelDelayMs: delayMs } = options;
    model = await startModelServer({
      now,
      delayMs,
      player: (request, index) => scriptOf(request).player(request, index),
    });
    // What is no line of a log is what a process said when it died.
    const onLog = (line: string) => void (/"level":"error"|^[^{]/.test(line) && failures.push(line));
    const named = { apiKey: account, baseUrl: model.url };
    const fixed = { startAt: Date.parse(START), concurrency: 2, model: named, env: LIMITS };
    system = await startLocal({ ...fixed, ...(await installedServers()), onLog, ...options });
  });
  afterAll(async () => {
    await system?.close();
    await model?.close();
  });

  afterEach(() => {
    const refused = model?.takeRefusals().map(({ path, message }) => `${path}: ${message}`);
    expect(refused, 'requests that the Messages API would have refused').toEqual([]);
  });

  const scriptOf = (request: unknown): Script => {
    const [, number] = /\[script (\d+)\]/.exec(JSON.stringify((request as { messages: unknown[] }).messages[0])) ?? [];
    return scripts[Number(number)] ?? expect.unreachable(`no script for ${JSON.stringify(request).slice(0, 300)}`);
  };

  const ask = async (method: string, path: string, { key, body, raw, headers }: Ask = {}): Promise<Reply> => {
    const response = await fetch(system.url + path, {
      method,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
      ...(raw !== undefined ? { body: raw } : body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
  };

  const admin = (method: string, path: string, body?: unknown) =>
    ask(method, `/v1/admin${path}`, { key: system.adminKey, body });

  const billOf = ({ requests }: Script) => {
    const firsts = new Set(requests.map(conversationOf));
    return model.bill().filter(({ conversation }) => firsts.has(conversation));
  };

  /** What the model says to the session whose goal this is. */
  const script = (steps: Step[], goal = 'Do as the script says.'): Played => {
    const said = scripted(steps);
    const number = scripts.push(said) - 1;
    return { ...said, goal: `${goal} [script ${number}]`, bill: () => billOf(said) };
  };

  /** The same to a session that comes from another system, with the goal that it has there. */
  const play = (goal: string, steps: Step[]): Played => {
    const said = scripted(steps);
    scripts[Number(/\[script (\d+)\]/.exec(goal)?.[1])] = said;
    return { ...said, goal, bill: () => billOf(said) };
  };

  let people = 0;
  /** A user with so much a day, in microdollars, from today to the renewal. */
  const person = async ({ daily = 10_000_000, ...more }: { daily?: number } & Record<string, unknown> = {}) => {
    const id = `person-${++people}`;
    const settings = { subscription_budget_microdollars: daily * DAYS, subscription_renewal_date: RENEWAL, ...more };
    const put = async (change: object) => {
      const { status, json } = await admin('PUT', `/users/${id}`, change);
      expect(status, JSON.stringify(json)).toBe(200);
      return json;
    };
    await put({ tier: 'standard', ...settings });
    const { key } = (await admin('POST', `/users/${id}/api-keys`, {})).json as { key: string };

    const call = (method: string, path: string, body?: unknown, headers?: Headed) =>
      ask(method, `/v1${path}`, { key, body, headers });
    const get = async (session: string): Promise<Json> => (await call('GET', `/sessions/${session}`)).json;
    const start = async (steps: Step[], wanted: object = {}) => {
      const played = script(steps);
      const { status, json } = await call('POST', '/sessions', { goal: played.goal, ...wanted });
      expect(status, JSON.stringify(json)).toBe(201);
      return { id: json.id as string, ...played };
    };
    /** Waits until the session shows this. */
    const until = (session: string, shown: object): Promise<Json> =>
      vi.waitFor(async () => {
        const now = await get(session);
        expect(now).toMatchObject(shown);
        return now;
      }, PATIENCE);
    /** The same, moving the clock on whenever the session sleeps. */
    const carried = async (session: string, shown: object): Promise<Json> => {
      for (;;) {
        const view = await vi.waitFor(async () => {
          const now = await get(session);
          if (now.status !== 'sleeping') expect(now).toMatchObject(shown);
          return now;
        }, PATIENCE);
        if (view.status !== 'sleeping') return view;
        await moveClock({ now: view.wake_at });
      }
    };
    const journal = (session: string) => journalOf(call, session);
    const wish = async (session: string, what: string, body?: unknown) => {
      const { status, json } = await call('POST', `/sessions/${session}/${what}`, body);
      expect(status, JSON.stringify(json)).toBe(what === 'messages' ? 202 : 200);
      return json;
    };
    const budget = async (): Promise<Json> => (await call('GET', '/budget')).json;
    return { id, key, put, call, get, start, until, carried, journal, wish, budget };
  };

  const moveClock = (body: object) => ask('POST', '/local/clock', { body });
  const rows = async (query: string, values: unknown[] = []): Promise<Json[]> =>
    (await system.database.query(query, values)).rows;

  return {
    ...{ ask, admin, script, play, person, moveClock, rows, failures },
    get system() {
      return system;
    },
    get model() {
      return model;
    },
  };
};

/** An answer that costs exactly so many microdollars on claude-sonnet-5-5, all of it output ($10 per million tokens). */
export const costing = (microdollars: number, answer: Answer): Answer => ({
  ...answer,
  usage: {
    input_tokens: 0,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: microdollars / 10,
  },
});
