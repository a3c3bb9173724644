/** The client side of the Lambda Runtime API: plain calls, and responses that are streamed while the handler writes them. */
import { Agent, type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import { Writable } from 'node:stream';
import { encodePrelude, onPrelude, PRELUDE_TYPE, type Prelude } from './streaming.ts';

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const agent = new Agent({ keepAlive: true });

type Answer = { headers: IncomingHttpHeaders; body: string };

function open(
  method: string,
  path: string,
  headers: Record<string, string>,
): { sent: ClientRequest; answer: Promise<Answer> } {
  const sent = request(base + path, { method, headers, agent });
  const answer = new Promise<Answer>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', async (response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of response) chunks.push(chunk);
        resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() });
      } catch (error) {
        reject(error);
      }
    });
  });
  return { sent, answer };
}

export function call(method: string, path: string, body = ''): Promise<Answer> {
  const { sent, answer } = open(method, path, {});
  sent.end(body);
  return answer;
}

/** An error in the form in which the Runtime API reports it. */
export function describe(error: unknown): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({ errorType: name, errorMessage: message, trace: (stack ?? '').split('\n') });
}

function openStreaming(id: string, prelude: Prelude | null) {
  const opened = open('POST', `/invocation/${id}/response`, {
    'lambda-runtime-function-response-mode': 'streaming',
    'transfer-encoding': 'chunked',
    'content-type': prelude ? PRELUDE_TYPE : 'application/octet-stream',
    trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
  });
  if (prelude) opened.sent.write(encodePrelude(prelude));
  return opened;
}

function reportFailure(sent: ClientRequest, error: unknown): void {
  sent.addTrailers({
    'Lambda-Runtime-Function-Error-Type': error instanceof Error ? error.name : 'Error',
    'Lambda-Runtime-Function-Error-Body': Buffer.from(describe(error)).toString('base64'),
  });
}

/**
 * Runs a streaming handler. Nothing is sent before its first write or its end. So a handler that fails earlier is reported as an error of the
 * invocation (it throws here). A handler that fails later, or destroys the stream, ends the response with error trailers.
 */
export async function answerStreaming(id: string, run: (stream: Writable) => unknown): Promise<void> {
  const state: { prelude: Prelude | null; opened: ReturnType<typeof openStreaming> | null; failure: unknown } = {
    prelude: null,
    opened: null,
    failure: null,
  };
  const response = () => {
    state.opened ??= openStreaming(id, state.prelude);
    return state.opened;
  };
  const stream = new Writable({
    write: (chunk, _encoding, done) => void response().sent.write(chunk, done),
    destroy: (error, done) => {
      state.failure = error;
      done(null);
    },
  });
  onPrelude(stream, (prelude) => {
    state.prelude = prelude;
  });
  stream.on('error', () => {});
  const closed = new Promise((resolve) => stream.once('close', resolve));
  try {
    await run(stream);
    stream.end();
    await closed;
  } catch (error) {
    state.failure = error;
  }
  if (state.failure && !state.opened) throw state.failure;
  const { sent, answer } = response();
  if (state.failure) reportFailure(sent, state.failure);
  sent.end();
  await answer;
}
