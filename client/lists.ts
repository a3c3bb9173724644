/** What starts sessions, is told of them, and outlives them. What is missing here is in `client.api`. */
import { type CallOptions, got, headers, type ListOptions, pages, type TypedApi } from './call.ts';
import type { components } from './contract.ts';

type Schemas = components['schemas'];
export type Schedule = Schemas['Schedule'];
export type ScheduleRun = Schemas['ScheduleRun'];
export type Trigger = Schemas['Trigger'];
export type Webhook = Schemas['Webhook'];
export type Memory = Schemas['Memory'];
export type MemoryEntry = Schemas['MemoryEntry'];

const at = (id: string) => ({ params: { path: { id } } });
const hook = (id: string) => ({ params: { path: { webhook_id: id } } });
const entry = (name: string, path: string) => ({ name, path: path.replace(/^\//, '') });

/** Sessions that begin by the clock. */
export const schedulesOf = (api: TypedApi) => ({
  create: (body: Schemas['NewSchedule'], options: CallOptions = {}) =>
    got(api.POST('/v1/schedules', { params: { header: headers(options) }, body })),
  list: (query: ListOptions<'listSchedules'> = {}) =>
    pages<Schedule>((cursor) => got(api.GET('/v1/schedules', { params: { query: { ...query, cursor } } }))),
  get: (id: string) => got(api.GET('/v1/schedules/{id}', at(id))),
  update: (id: string, body: Schemas['ScheduleChange']) => got(api.PATCH('/v1/schedules/{id}', { ...at(id), body })),
  delete: (id: string) => got(api.DELETE('/v1/schedules/{id}', at(id))),
  pause: (id: string) => got(api.POST('/v1/schedules/{id}/pause', at(id))),
  resume: (id: string) => got(api.POST('/v1/schedules/{id}/resume', at(id))),
  /** Now, besides its times. */
  run: (id: string, options: CallOptions = {}) =>
    got(api.POST('/v1/schedules/{id}/run', { params: { path: { id }, header: headers(options) } })),
  runs: (id: string, query: ListOptions<'listScheduleRuns'> = {}) =>
    pages<ScheduleRun>((cursor) =>
      got(api.GET('/v1/schedules/{id}/runs', { params: { path: { id }, query: { ...query, cursor } } })),
    ),
});

/** Addresses at which other systems start sessions, or tell them something. A secret is shown once. */
export const triggersOf = (api: TypedApi) => ({
  create: (body: Schemas['NewTrigger']) => got(api.POST('/v1/triggers', { body })),
  list: (query: ListOptions<'listTriggers'> = {}) =>
    pages<Trigger>((cursor) => got(api.GET('/v1/triggers', { params: { query: { ...query, cursor } } }))),
  get: (id: string) => got(api.GET('/v1/triggers/{id}', at(id))),
  update: (id: string, body: Schemas['TriggerChange']) => got(api.PATCH('/v1/triggers/{id}', { ...at(id), body })),
  delete: (id: string) => got(api.DELETE('/v1/triggers/{id}', at(id))),
});

/** Addresses that are told what happens. A secret is shown once. */
export const webhooksOf = (api: TypedApi) => ({
  create: (body: Schemas['NewWebhook']) => got(api.POST('/v1/webhooks', { body })),
  list: () => pages<Webhook>(() => got(api.GET('/v1/webhooks'))),
  get: (id: string) => got(api.GET('/v1/webhooks/{webhook_id}', hook(id))),
  update: (id: string, body: Schemas['WebhookChange']) =>
    got(api.PATCH('/v1/webhooks/{webhook_id}', { ...hook(id), body })),
  delete: (id: string) => got(api.DELETE('/v1/webhooks/{webhook_id}', hook(id))),
  test: (id: string) => got(api.POST('/v1/webhooks/{webhook_id}/test', hook(id))),
});

/** What sessions of the same memory know. */
export const memoriesOf = (api: TypedApi) => ({
  list: (query: ListOptions<'listMemories'> = {}) =>
    pages<Memory>((cursor) => got(api.GET('/v1/memories', { params: { query: { ...query, cursor } } }))),
  delete: (name: string) => got(api.DELETE('/v1/memories/{name}', { params: { path: { name } } })),
  entries: (name: string) =>
    pages<MemoryEntry>(() => got(api.GET('/v1/memories/{name}/entries', { params: { path: { name } } }))),
  text: (name: string, path: string): Promise<string> =>
    got(api.GET('/v1/memories/{name}/entries/{path}', { params: { path: entry(name, path) }, parseAs: 'text' })),
});
