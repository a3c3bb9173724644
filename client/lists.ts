/** What starts sessions, is told of them, and outlives them. What is missing here is in `client.api`. */
import { type CallOptions, got, headers, type ListOptions, pages, type Signalled, type TypedApi } from './call.ts';
import type { components } from './contract.ts';

type Schemas = components['schemas'];
export type Schedule = Schemas['Schedule'];
export type ScheduleRun = Schemas['ScheduleRun'];
export type Trigger = Schemas['Trigger'];
export type Webhook = Schemas['Webhook'];
export type Memory = Schemas['Memory'];
export type MemoryEntry = Schemas['MemoryEntry'];

const at = (id: string, { signal }: Signalled) => ({ params: { path: { id } }, signal });
const hook = (id: string, { signal }: Signalled) => ({ params: { path: { webhook_id: id } }, signal });
const once = ({ signal, ...options }: CallOptions) => ({ params: { header: headers(options) }, signal });
const entry = (name: string, path: string) => ({ name, path: path.replace(/^\//, '') });

/** Sessions that begin by the clock. */
export const schedulesOf = (api: TypedApi) => ({
  create: (body: Schemas['NewSchedule'], options: CallOptions = {}) =>
    got(api.POST('/v1/schedules', { ...once(options), body })),
  list: ({ signal, ...query }: ListOptions<'listSchedules'> = {}) =>
    pages<Schedule>((cursor) => got(api.GET('/v1/schedules', { params: { query: { ...query, cursor } }, signal }))),
  get: (id: string, options: Signalled = {}) => got(api.GET('/v1/schedules/{id}', at(id, options))),
  update: (id: string, body: Schemas['ScheduleChange'], options: Signalled = {}) =>
    got(api.PATCH('/v1/schedules/{id}', { ...at(id, options), body })),
  delete: (id: string, options: Signalled = {}) => got(api.DELETE('/v1/schedules/{id}', at(id, options))),
  pause: (id: string, options: Signalled = {}) => got(api.POST('/v1/schedules/{id}/pause', at(id, options))),
  resume: (id: string, options: Signalled = {}) => got(api.POST('/v1/schedules/{id}/resume', at(id, options))),
  /** Now, besides its times. */
  run: (id: string, { signal, ...options }: CallOptions = {}) =>
    got(api.POST('/v1/schedules/{id}/run', { params: { path: { id }, header: headers(options) }, signal })),
  runs: (id: string, { signal, ...query }: ListOptions<'listScheduleRuns'> = {}) =>
    pages<ScheduleRun>((cursor) =>
      got(api.GET('/v1/schedules/{id}/runs', { params: { path: { id }, query: { ...query, cursor } }, signal })),
    ),
});

/** Addresses at which other systems start sessions, or tell them something. A secret is shown once. */
export const triggersOf = (api: TypedApi) => ({
  create: (body: Schemas['NewTrigger'], options: CallOptions = {}) =>
    got(api.POST('/v1/triggers', { ...once(options), body })),
  list: ({ signal, ...query }: ListOptions<'listTriggers'> = {}) =>
    pages<Trigger>((cursor) => got(api.GET('/v1/triggers', { params: { query: { ...query, cursor } }, signal }))),
  get: (id: string, options: Signalled = {}) => got(api.GET('/v1/triggers/{id}', at(id, options))),
  update: (id: string, body: Schemas['TriggerChange'], options: Signalled = {}) =>
    got(api.PATCH('/v1/triggers/{id}', { ...at(id, options), body })),
  delete: (id: string, options: Signalled = {}) => got(api.DELETE('/v1/triggers/{id}', at(id, options))),
});

/** Addresses that are told what happens. A secret is shown once. */
export const webhooksOf = (api: TypedApi) => ({
  create: (body: Schemas['NewWebhook'], options: CallOptions = {}) =>
    got(api.POST('/v1/webhooks', { ...once(options), body })),
  list: ({ signal }: Signalled = {}) => pages<Webhook>(() => got(api.GET('/v1/webhooks', { signal }))),
  get: (id: string, options: Signalled = {}) => got(api.GET('/v1/webhooks/{webhook_id}', hook(id, options))),
  update: (id: string, body: Schemas['WebhookChange'], options: Signalled = {}) =>
    got(api.PATCH('/v1/webhooks/{webhook_id}', { ...hook(id, options), body })),
  delete: (id: string, options: Signalled = {}) => got(api.DELETE('/v1/webhooks/{webhook_id}', hook(id, options))),
  test: (id: string, options: Signalled = {}) => got(api.POST('/v1/webhooks/{webhook_id}/test', hook(id, options))),
});

/** What sessions of the same memory know. */
export const memoriesOf = (api: TypedApi) => ({
  list: ({ signal, ...query }: ListOptions<'listMemories'> = {}) =>
    pages<Memory>((cursor) => got(api.GET('/v1/memories', { params: { query: { ...query, cursor } }, signal }))),
  delete: (name: string, { signal }: Signalled = {}) =>
    got(api.DELETE('/v1/memories/{name}', { params: { path: { name } }, signal })),
  entries: (name: string, { signal }: Signalled = {}) =>
    pages<MemoryEntry>(() => got(api.GET('/v1/memories/{name}/entries', { params: { path: { name } }, signal }))),
  text: async (name: string, path: string, { signal }: Signalled = {}): Promise<string> =>
    (await got(
      api.GET('/v1/memories/{name}/entries/{path}', { params: { path: entry(name, path) }, parseAs: 'text', signal }),
    )) ?? '',
});
