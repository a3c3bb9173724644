/** The Messages API for the SDK, in the same process: a `fetch` that leads to no network. */
import { randomBytes } from 'node:crypto';
import { errorFrame, framesOf } from '../local/model/events.ts';
import { problemOf } from '../local/model/http.ts';
import { errorBody, type Provider, type Served } from '../local/model/provider.ts';

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8' };
const ACCOUNT = 'the account of the test';

/** `now`: milliseconds, by which models are there or have been retired. */
export const providerFetch =
  (provider: Provider, now: () => number): typeof fetch =>
  async (input, init) => {
    const requestId = `req_${randomBytes(12).toString('hex')}`;
    try {
      const request = new Request(input, init);
      const betas = (request.headers.get('anthropic-beta') ?? '').split(',').map((beta) => beta.trim());
      const asked = { account: ACCOUNT, betas, now: now() };
      const body: unknown = await request.json();
      return new URL(request.url).pathname.endsWith('/count_tokens')
        ? Response.json({ input_tokens: provider.count(body, asked) })
        : answerOf(await provider.messages(body, asked, requestId), requestId);
    } catch (error) {
      const { status, type, message } = problemOf(error);
      return Response.json(errorBody({ type, message }, requestId), { status });
    }
  };

function answerOf(served: Served, requestId: string): Response {
  if ('refused' in served) {
    const { status, headers = {}, ...fault } = served.refused;
    return Response.json(errorBody(fault, requestId), { status, headers });
  }
  const { message, fault } = served;
  const frames = framesOf(message);
  if (fault === null) return new Response(frames.join(''), { headers: STREAM });
  const whole = Buffer.from(frames.join(''));
  const came =
    fault.kind === 'cut' && fault.unit === 'bytes'
      ? whole.subarray(0, fault.after)
      : Buffer.from(frames.slice(0, fault.after).join(''));
  if (fault.kind === 'malformed')
    return new Response(`${came}event: content_block_delta\ndata: {"ind\n\n`, { headers: STREAM });
  if (fault.kind === 'error_event')
    return new Response(`${came}${errorFrame(fault.type, fault.message, requestId)}`, { headers: STREAM });
  return new Response(brokenAfter(came), { headers: STREAM });
}

/** A silence would last for as long as a call may take: here the line breaks at once. */
function brokenAfter(came: Uint8Array): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(new Error('the connection was lost'));
      sent = true;
      controller.enqueue(came);
    },
  });
}
