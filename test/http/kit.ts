/** The API on a world in memory, and what tests say to it. Time is the test's: sleeping takes none. */

import type { EventType } from '../../lib/core/events.ts';
import { freshMemory } from '../../lib/core/memory.ts';
import type { StoredState } from '../../lib/core/session.ts';
import { app } from '../../lib/http/app.ts';
import { sha256 } from '../../lib/http/auth/api-keys.ts';
import type { Deps, RateLimits } from '../../lib/http/deps.ts';
import { newId } from '../../lib/ids.ts';
import type { JournalRow } from '../../lib/ports/index.ts';
import { memoryWorld } from '../../lib/testing/memory/index.ts';
import { anEntry } from '../kit/events.ts';

export const ADMIN = 'operator-key-of-the-tests';
export const BUDGET = 21_000_000;

type Ask = {
  key?: string | null;
  body?: unknown;
  raw?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
};
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export type Answer = { status: number; headers: Headers; text: string; json: any };

export type Api = ReturnType<typeof api>;

/** Made once, since it takes a tenth of a second and is the same for every world. */
let described: Promise<Document> | null = null;

/** `onSleep` runs whenever the API waits, `elapsed` ms after it began: there the test lets something happen. */
export function api(change: (deps: Deps) => Partial<Deps> = () => ({}), limits: Partial<RateLimits> = {}) {
  const world = memoryWorld({ now: '2026-11-10T08:00:00Z' });
  const lines: Record<string, unknown>[] = [];
  const state = { elapsed: 0, onSleep: (_elapsed: number): unknown => undefined };
  const deps: Deps = {
    ...world,
    adminKeyHash: sha256(ADMIN),
    agents: ['assistant', 'builder'].map((name) => ({ name, description: `The ${name}.`, tools: [] })),
    defaultsOf: () => ({ model: 'claude-sonnet-5-5', effort: 'medium', maxOutputTokens: 8_000 }),
    isKnownModel: (model) => ['claude-haiku-5-5', 'claude-sonnet-5-5'].includes(model),
    knownModels: ['claude-haiku-5-5', 'claude-sonnet-5-5'],
    tierModels: { economy: 'claude-haiku-5-5', standard: 'claude-sonnet-5-5' },
    tierBudgets: { economy: 20_000_000n },
    tierSessions: { economy: 2 },
    log: (line) => lines.push(line),
    limits,
    time: {
      now: () => world.store.real,
      elapsed: () => state.elapsed,
      async sleep(ms) {
        state.elapsed += ms;
        await state.onSleep(state.elapsed);
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
  };
  const hono = app({ ...deps, ...change(deps) });

  const document = () => {
    described ??= Promise.resolve(hono.request('/openapi.json')).then(
      (response) => response.json() as Promise<Document>,
    );
    return described;
  };

  const call = async (method: string, path: string, { key = null, body, raw, headers }: Ask = {}): Promise<Answer> => {
    const response = await hono.request(path, {
      method,
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
      ...(raw !== undefined ? { body: raw } : body !== undefined ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    expectDescribed(await document(), method, path, response);
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
  };

  /** A user with a budget for 21 days of 1,000,000 each, and a key. */
  const user = async (id: string, budget = BUDGET): Promise<string> => {
    const body = {
      tier: 'standard',
      subscription_budget_microdollars: budget,
      subscription_renewal_date: '2026-12-01',
    };
    await call('PUT', `/v1/admin/users/${id}`, { key: ADMIN, body });
    return (await call('POST', `/v1/admin/users/${id}/api-keys`, { key: ADMIN, body: {} })).json.key;
  };

  const start = async (key: string, body: object = {}): Promise<string> =>
    (await call('POST', '/v1/sessions', { key, body: { goal: 'Count the moons.', ...body } })).json.id;

  /** A worker takes the session, writes the journal and lets it rest so. */
  const rest = async (
    id: string,
    to: Exclude<StoredState, { state: 'ready' }>,
    journal: [EventType, object?][] = [],
  ) => {
    const claim = await world.sessions.claim(id, newId('inv'));
    if ('claimed' in claim) throw new Error(`${id} could not be claimed`);
    const memory = freshMemory();
    const due = to.state === 'sleeping' || to.state === 'exceeded' ? to.until : Number.POSITIVE_INFINITY;
    const entries = journal.map(([type, data]) => anEntry(type, data));
    const saved = await world.sessions.save(
      id,
      claim.fence,
      {
        turn: null,
        inboxTaken: 0,
        memory,
        journal: [],
        paid: [],
        due,
        suspension: { to, due, memory, journal: entries },
      },
      [{ path: '/notes/a b.md', content: new TextEncoder().encode('# Moons'), mode: 0o644 }],
    );
    await world.live.mirror(saved.view);
  };

  const complete = (id: string) =>
    rest(id, { state: 'ended', outcome: 'completed', result: '95', error: null }, [
      ['agent.completed', { result: '95' }],
    ]);
  const asleep = (id: string) =>
    rest(id, { state: 'sleeping', until: Date.parse('2026-11-11T00:00:00Z'), reason: 'allowance' }, [
      ['agent.sleeping', { reason: 'allowance', wake_at: '2026-11-11T00:00:00.000Z' }],
    ]);

  return { world, deps, hono, call, user, start, rest, complete, asleep, lines, state };
}

type Described = { content?: object; headers?: object };
type Document = { paths: Record<string, Record<string, { responses: Record<string, Described> }>> };

/** Headers that belong to some answers only. */
const HEADERS = [
  ...['as-of', 'etag', 'idempotent-replayed', 'location', 'ratelimit', 'ratelimit-policy', 'retry-after'],
  ...['www-authenticate', 'x-request-id'],
];

/** The contract must be true: whatever a described route answers, status, content type and headers, its description has. */
function expectDescribed({ paths }: Document, method: string, path: string, response: Response): void {
  const [address = ''] = path.split('?');
  const template = Object.keys(paths)
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .find((one) => new RegExp(`^${one.replace('{path}', '.+').replace(/\{\w+\}/g, '[^/]+')}$`).test(address));
  const route = template && paths[template]?.[method.toLowerCase()];
  if (!route) return;
  const answer = route.responses[response.status];
  if (!answer) throw new Error(`${method} ${template} does not describe ${response.status}`);
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  if (answer.content && !(type in answer.content)) throw new Error(`${method} ${template} does not describe ${type}`);
  const described = Object.keys(answer.headers ?? {}).map((name) => name.toLowerCase());
  const untold = HEADERS.filter((name) => response.headers.has(name) && !described.includes(name));
  if (untold.length > 0) throw new Error(`${method} ${template} does not describe ${untold} of ${response.status}`);
}

export type Frame = { id?: string; event?: string; data?: JournalRow & Record<string, unknown>; retry?: string };

/** Frames of a stream; comments are left out. */
export const framesOf = (text: string): Frame[] =>
  text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
      return fields.data === undefined ? fields : { ...fields, data: JSON.parse(fields.data) };
    });
