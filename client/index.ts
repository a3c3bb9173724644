/**
 * `circadian/client`: the API of a deployment, typed by its own contract. It runs in Node, browsers and workers, and needs no more than `fetch`
 * and WebCrypto. Amounts are whole microdollars.
 */
import createFetch from 'openapi-fetch';
import { got, type ListOptions, pages, type Signalled, type TypedApi } from './call.ts';
import type { components, paths } from './contract.ts';
import { type AllEventsOptions, type CursoredEvent, followAll } from './events.ts';
import { filesOf } from './files.ts';
import { memoriesOf, schedulesOf, triggersOf, webhooksOf } from './lists.ts';
import { budgetOf, usageOf } from './money.ts';
import { type Session, sessionsOf } from './sessions.ts';
import { type ClientOptions, transportOf } from './transport.ts';

export type { CallOptions, Signalled } from './call.ts';
export type { components, operations, paths } from './contract.ts';
export { dollars } from './dollars.ts';
export { CircadianError, type ErrorCode, errorOf } from './error.ts';
export type {
  AllEventsOptions,
  AllResyncEvent,
  CursoredEvent,
  DeltaEvent,
  EventsOptions,
  JournalEvent,
  ResyncEvent,
  SessionEvent,
} from './events.ts';
export type { Content, Precondition, WorkspaceFile } from './files.ts';
export type { Memory, MemoryEntry, Schedule, ScheduleRun, Trigger, Webhook } from './lists.ts';
export type { Budget, BudgetDay, TopUp, Usage, UsageOptions } from './money.ts';
export type {
  ApprovalDecision,
  Attachment,
  Message,
  NewSession,
  Session,
  SessionChange,
  SessionFile,
  SessionStatus,
  WaitOptions,
} from './sessions.ts';
export type { ClientOptions } from './transport.ts';
export { SignatureError, verifyWebhook, type WebhookMessage } from './webhook.ts';

export type Me = components['schemas']['Me'];
export type Client = ReturnType<typeof createClient>;

/**
 * The API at `url`. Refusals are `CircadianError`s. A change carries one Idempotency-Key over all of its tries, and is tried again only where that is
 * harmless: after 429 each, and after 502 to 504 or a lost answer what happens once however often it is sent.
 */
export function createClient(options: ClientOptions) {
  const url = options.url.replace(/\/+$/, '');
  if (!URL.canParse(url)) throw new TypeError(`${options.url} is no URL: give the API's address, with https://.`);
  const transport = transportOf({ ...options, url });
  const api: TypedApi = createFetch<paths>({ baseUrl: url, fetch: transport.ask });
  return {
    /** Every route, typed by the contract. It has the key and the tries, and answers `{ data, error, response }`. */
    api,
    sessions: sessionsOf(api, transport),
    files: filesOf(api),
    budget: budgetOf(api),
    usage: usageOf(api),
    /** What happens in all of your sessions, from now or a cursor on: each event once, over as many connections as it takes. */
    events: (options: AllEventsOptions = {}): AsyncGenerator<CursoredEvent> => followAll(transport, options),
    /** Sessions that wait for a person: for an answer, or for a decision about a call. */
    inbox: ({ signal, ...query }: ListOptions<'listInbox'> = {}): AsyncGenerator<Session> =>
      pages((cursor) => got(api.GET('/v1/inbox', { params: { query: { limit: 100, ...query, cursor } }, signal }))),
    schedules: schedulesOf(api),
    triggers: triggersOf(api),
    webhooks: webhooksOf(api),
    memories: memoriesOf(api),
    /** The user of the key. */
    me: ({ signal }: Signalled = {}): Promise<Me> => got(api.GET('/v1/me', { signal })),
  };
}
