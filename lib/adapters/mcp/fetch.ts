/**
 * `fetch` for the SDK on the guarded Http port: whole answers, with limits. It asks one origin and puts the secret in for that origin alone. The stream
 * that a client may open by GET is answered here: it would stay open for as long as the process lives.
 */
import { type Http, isRedirect, NoAnswer } from '../../ports/index.ts';
import { grouped } from '../../text.ts';

/** An answer is not read beyond. */
export const MOST_BYTES = 5_000_000;
/** Of an answer that is none. */
const ERROR_BYTES = 2_000;

type Asked = { url: string; headers: Record<string, string> };
/** What holds for the requests that are made now. */
export type Terms = { signal: AbortSignal; timeoutMs: number };

/** Answers that have no body. */
const NO_BODY = new Set([202, 204, 205, 304]);

/** `terms` is asked at each request. `sent`: is told the id of each JSON-RPC request before it goes out. Throws `NoAnswer`, or the reason of a signal. */
export function oneServer(http: Http, server: Asked, terms: () => Terms, sent: (id: unknown) => void): typeof fetch {
  const { origin } = new URL(server.url);
  return async (input, init = {}) => {
    const url = String(input instanceof Request ? input.url : input);
    const method = init.method ?? 'GET';
    if (method === 'GET') return new Response(null, { status: 405 });
    if (method !== 'POST' && method !== 'DELETE') throw new NoAnswer(`${origin} was not asked by ${method}.`, false);
    const body = typeof init.body === 'string' ? init.body : undefined;
    const { id, rpc } = requestIn(body);
    if (id !== null) sent(id);
    const { signal, timeoutMs } = terms();
    const answer = await http(
      url,
      {
        ...{ method, timeoutMs, maxBytes: MOST_BYTES, redirect: 'manual' },
        headers: Object.fromEntries(new Headers(init.headers ?? {})),
        ...(body !== undefined && { body }),
        ...(id !== null && { enough: answersTo(id) }),
        judge(address) {
          if (new URL(address).origin === origin) return server.headers;
          throw new NoAnswer(`${origin} leads to another host, which was not asked.`, false);
        },
      },
      init.signal ? AbortSignal.any([signal, init.signal]) : signal,
    );
    const { status, headers, cut } = answer;
    if (cut)
      throw new NoAnswer(`${origin} answered with more than ${grouped(MOST_BYTES)} bytes, which were not read.`, null);
    if (rpc === 'tools/call' && isRedirect(status))
      throw new NoAnswer(`${origin} redirects the call. It was not sent a second time.`, null);
    const isStream = /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
    if (status === 200 && id !== null && isStream && !answersTo(id)(answer.body, true))
      throw new NoAnswer(`${origin} ended its answer before the result. The request may have arrived.`, null);
    const ok = status >= 200 && status < 300;
    const bytes = ok ? answer.body : answer.body.subarray(0, ERROR_BYTES);
    return new Response(NO_BODY.has(status) ? null : Uint8Array.from(bytes), { status, headers });
  };
}

/** `id` null: the message waits for no answer. */
function requestIn(body: string | undefined): { id: unknown; rpc: unknown } {
  const { id, method: rpc } = (body === undefined ? {} : JSON.parse(body)) as { id?: unknown; method?: unknown };
  return { id: id !== undefined && rpc !== undefined ? id : null, rpc };
}

/** Whether the events that have come by now answer the request. So no server holds a call by leaving its stream open. */
function answersTo(id: unknown): (chunk: Uint8Array, isLast?: boolean) => boolean {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let tail = '';
  return (chunk, isLast = false) => {
    const part = decoder.decode(chunk, { stream: true });
    parts.push(part);
    const seam = tail + part;
    tail = seam.slice(-3);
    // Only where an event ends is there anything to look at: to look at all of a long one each time would take its square.
    if (!isLast && !END.test(seam)) return false;
    const events = parts.splice(0).join('').split(END);
    if (!isLast) parts.push(events.pop() ?? '');
    return events.some((event) => isAnswer(event, id));
  };
}

/** Of an event: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
const END = /\r\n\r\n|\n\n|\r\r/;

function isAnswer(event: string, id: unknown): boolean {
  const data = event.split(/\r\n|\n|\r/).flatMap((line) => (line.startsWith('data:') ? [line.slice(5)] : []));
  try {
    const message = JSON.parse(data.join('\n')) as { id?: unknown };
    return message.id === id && ('result' in message || 'error' in message);
  } catch {
    return false;
  }
}
