/** What must be true whenever the system answers, as a list of what is not. Everything is asked over HTTP, as a user would. */
import { isDeepStrictEqual } from 'node:util';
import type { Block, Message } from '../../../lib/core/session.ts';
import { faultsOf } from '../../kit/history.ts';
import { type Agent, type Provider, workOf } from './provider.ts';

export type Api = {
  get<T>(path: string): Promise<T>;
  text(path: string): Promise<string>;
  send<T>(method: 'POST' | 'PUT', path: string, body: object): Promise<T>;
};

export const apiOf = (url: string, key: string): Api => {
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const json = async <T>(response: Promise<Response>) => (await (await response).json()) as T;
  return {
    get: (path) => json(ask('GET', path)),
    text: async (path) => (await ask('GET', path)).text(),
    send: (method, path, body) => json(ask(method, path, body)),
  };
};

type Budget = {
  date: string;
  spent_microdollars: number;
  held_microdollars: number;
  hard_ceiling_microdollars: number;
};
type Usage = { data: { key: string; cost_microdollars: number }[] };
export type Entry = { seq: number; type: string };

/** Ceilings by day, and per session all of its journal and messages that was ever read. */
export type Read = { ceilings: Map<string, number>; journals: Map<string, Entry[]>; histories: Map<string, Message[]> };
export const nothingRead = (): Read => ({ ceilings: new Map(), journals: new Map(), histories: new Map() });

/** The provider's bill ≤ spent + held ≤ ceiling, on every day. The bill is read first, so that nothing can hide in between. */
export const moneyFaults = async (api: Api, provider: Provider, read: Read): Promise<string[]> => {
  const billed = provider.billed();
  const budget = await api.get<Budget>('/v1/budget');
  const spent = await costs(api, 'day');
  const ceiling = read.ceilings.get(budget.date) ?? budget.hard_ceiling_microdollars;
  read.ceilings.set(budget.date, ceiling);
  const today = budget.spent_microdollars + budget.held_microdollars;
  const faults =
    ceiling === budget.hard_ceiling_microdollars
      ? []
      : [`the ceiling of ${budget.date} was ${ceiling} and is ${budget.hard_ceiling_microdollars}`];
  for (const day of new Set([budget.date, ...billed.keys(), ...spent.keys()])) {
    const [bill, charged] = [billed.get(day) ?? 0, day === budget.date ? today : (spent.get(day) ?? 0)];
    if (bill > charged) faults.push(`${day}: ${bill} were billed, but only ${charged} are charged or held`);
    const most = read.ceilings.get(day);
    if (most === undefined && charged > 0)
      faults.push(`${day}: ${charged} are charged, and the day was never looked at`);
    if (most !== undefined && charged > most) {
      faults.push(`${day}: ${charged} are charged or held, above the ceiling of ${most}`);
    }
  }
  return faults;
};

export const costs = async (api: Api, by: 'day' | 'session'): Promise<Map<string, number>> => {
  const { data } = await api.get<Usage>(`/v1/usage?group_by=${by}`);
  return new Map(data.map(({ key, cost_microdollars }) => [key, cost_microdollars]));
};

/** Numbers rise without a gap, and what was read before is still there, unchanged. */
export const journalFaults = async (api: Api, id: string, read: Read): Promise<string[]> => {
  const { data } = await api.get<{ data: Entry[] }>(`/v1/sessions/${id}/events?limit=1000`);
  const before = read.journals.get(id) ?? [];
  read.journals.set(id, data);
  return [
    ...data.flatMap(({ seq }, i) => (seq === i + 1 ? [] : [`entry ${i + 1} of the journal has the number ${seq}`])),
    ...before.flatMap((entry, i) =>
      isDeepStrictEqual(entry, data[i])
        ? []
        : [`entry ${i + 1} was ${JSON.stringify(entry)} and is ${JSON.stringify(data[i])}`],
    ),
  ];
};

/** Valid for the Messages API, and nothing that was read before has changed; but the last message may have grown. */
export const historyFaults = async (api: Api, id: string, read: Read): Promise<string[]> => {
  const turns = await historyOf(api, id);
  const before = read.histories.get(id) ?? [];
  read.histories.set(id, turns);
  const kept = before.every(({ role, content }, i) => {
    const now = turns[i];
    const shown = i === before.length - 1 ? now?.content.slice(0, content.length) : now?.content;
    return role === now?.role && isDeepStrictEqual(content, shown);
  });
  return [...faultsOf(turns, true), ...(kept ? [] : ['messages that were read before have changed'])];
};

const historyOf = async (api: Api, id: string): Promise<Message[]> =>
  (await api.get<{ data: Message[] }>(`/v1/sessions/${id}/messages`)).data;

/** The workspace is what the finished steps did: no line lost, none doubled. It may move on while it is read. */
export const workFaults = async (api: Api, id: string, agent: Agent): Promise<string[]> => {
  const least = finished(await historyOf(api, id));
  const files = await filesOf(api, id);
  const most = finished(await historyOf(api, id));
  const lines = (files['/log.txt'] ?? '').split('\n').length - 1;
  const faults =
    lines < least.steps || lines > most.steps ? [`${lines} lines after ${least.steps}–${most.steps} steps`] : [];
  if ((files['/log.txt'] ?? '') !== (workOf(agent, lines)['/log.txt'] ?? '')) {
    faults.push(`log.txt is not what ${lines} steps write: ${files['/log.txt']}`);
  }
  const [sure, possible] = [workOf(agent, least.steps), workOf(agent, most.steps)];
  for (const path of Object.keys(sure)) if (!(path in files)) faults.push(`${path} is missing`);
  for (const [path, text] of Object.entries(files)) {
    if (!path.endsWith('log.txt') && possible[path] !== text) faults.push(`${path} holds ${JSON.stringify(text)}`);
  }
  return [...faults, ...most.errors];
};

const filesOf = async (api: Api, id: string): Promise<Record<string, string>> => {
  const { data } = await api.get<{ data: { path: string }[] }>(`/v1/sessions/${id}/files`);
  const read = data.map(async ({ path }) => [path, await api.text(`/v1/sessions/${id}/files${path}`)]);
  return Object.fromEntries(await Promise.all(read));
};

/** Steps of work whose calls all have their results. None of them may be an error: these tools can be repeated. */
const finished = (turns: Message[]): { steps: number; errors: string[] } => {
  const results = turns.flatMap(({ content }) => content.filter(({ type }) => type === 'tool_result'));
  const done = new Set(results.map((result) => (result as { tool_use_id?: string }).tool_use_id));
  const isUse = (block: Block): block is Block & { id: string; name: string } => block.type === 'tool_use';
  const steps = turns.filter(({ content }) => {
    const calls = content.filter(isUse);
    return calls.some(({ name }) => name === 'bash') && calls.every(({ id }) => done.has(id));
  });
  const errors = results.filter((result) => (result as { is_error?: boolean }).is_error);
  return { steps: steps.length, errors: errors.map((result) => `a tool failed: ${JSON.stringify(result)}`) };
};
