/** The client against the real API, over loopback HTTP, with a fetch that tests can make fail. */
import { onTestFinished } from 'vitest';
import { type ClientOptions, createClient } from '../../client/index.ts';
import { type Api, api } from '../http/kit.ts';
import { loopback } from '../kit/loopback.ts';

export type Sent = { method: string; path: string; key: string | null; lastEventId: string | null };

/** `broken`: asked before each request is sent; what it returns or throws is the answer, and null sends it. */
export async function served(
  { t = api(), ...options }: Partial<ClientOptions> & { t?: Api } = {},
  broken: (request: Request, sent: Sent[]) => Response | null | Promise<Response | null> = () => null,
) {
  const server = await loopback((request) => t.hono.fetch(request));
  onTestFinished(() => server[Symbol.asyncDispose]());
  const key = await t.user('ada');
  const sent: Sent[] = [];
  async function fetchOrFail(request: Request): Promise<Response> {
    const header = (name: string) => request.headers.get(name);
    const { pathname, search } = new URL(request.url);
    sent.push({
      ...{ method: request.method, path: pathname + search },
      ...{ key: header('idempotency-key'), lastEventId: header('last-event-id') },
    });
    return (await broken(request, sent)) ?? (await fetch(request));
  }
  const client = createClient({ url: server.url, key, fetch: fetchOrFail as never, ...options });
  return { t, key, url: server.url, client, sent };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
