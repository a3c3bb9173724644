/**
 * What a user writes against the contract, with a client that knows its types. `contract.test.ts` compiles it beside the generated types,
 * and `test/local/system.test.ts` runs it. Nothing else reads `circadian-contract`, which exists only there.
 */
import type { components, paths } from 'circadian-contract';
import createClient from 'openapi-fetch';

type Code = components['schemas']['Problem']['code'];

const clientOf = (baseUrl: string, key: string) =>
  createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${key}` } });

export async function program(baseUrl: string, key: string) {
  const api = clientOf(baseUrl, key);
  const created = await api.POST('/v1/sessions', {
    params: { header: { 'Idempotency-Key': 'program-1' } },
    body: { goal: 'Count the moons.' },
  });
  if (!created.data) throw new Error(created.error.detail);
  const { id, status } = created.data;
  const session = await api.GET('/v1/sessions/{id}', { params: { path: { id } } });
  const events = await api.GET('/v1/sessions/{id}/events', { params: { path: { id }, query: { limit: 1 } } });
  const started = events.data?.data.find((event) => event.type === 'agent.started');
  const budget = await api.GET('/v1/budget');
  const missing = await api.GET('/v1/sessions/{id}', { params: { path: { id: 'none' } } });
  const read: {
    id: string;
    goal: string | undefined;
    working: boolean;
    types: string[] | undefined;
    model: string | undefined;
    left: number | undefined;
    problem: Code | undefined;
  } = {
    id,
    goal: session.data?.goal,
    working: status === 'working',
    types: events.data?.data.map(({ type }) => type),
    model: started?.model,
    left: budget.data?.remaining_microdollars,
    problem: missing.error?.code,
  };
  return read;
}

/** What a contract that says less would let through. It is never called. */
export function mistakes(api: ReturnType<typeof clientOf>, code: Code) {
  // @ts-expect-error: a goal is missing
  void api.POST('/v1/sessions', { body: {} });
  // @ts-expect-error: there is no such field
  const body: components['schemas']['NewSession'] = { goal: 'Go.', max_cost: 5 };
  void api.POST('/v1/sessions', { body });
  // @ts-expect-error: there is no such parameter
  void api.GET('/v1/sessions', { params: { query: { page: 2 } } });
  // @ts-expect-error: the path needs an id
  void api.GET('/v1/sessions/{id}', {});
  // @ts-expect-error: no such path
  void api.GET('/v1/session');
  // @ts-expect-error: no problem has this code
  return code === 'teapot';
}
