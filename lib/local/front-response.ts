/** The response stream that a handler writes to, over an HTTP response of this process. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { sendProblem } from './front-problem.ts';
import { onPrelude, type Prelude } from './lambda/streaming.ts';

/** What only concerns one connection is this server's to say, not the handler's. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'content-length']);

function headersOf({ headers, cookies }: Prelude): Record<string, string | string[]> {
  const own = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase()));
  return { ...Object.fromEntries(own), ...(cookies.length > 0 && { 'set-cookie': cookies }) };
}

/**
 * Status and headers go out with the first write or the end, each chunk as it is written. When the client hangs up the stream is
 * destroyed, which tells a handler that pipes into it to stop.
 */
export function responseStream(request: IncomingMessage, response: ServerResponse): Writable {
  let prelude: Prelude | null = null;
  const begin = (): void => {
    if (response.headersSent) return;
    response.writeHead(
      prelude?.statusCode ?? 200,
      prelude ? headersOf(prelude) : { 'content-type': 'application/octet-stream' },
    );
    response.flushHeaders();
  };
  const bodiless = () => request.method === 'HEAD' || response.statusCode === 204 || response.statusCode === 304;
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      begin();
      if (chunk.length === 0 || bodiless() || response.write(chunk)) return done();
      response.once('drain', () => done());
    },
    final: (done) => {
      begin();
      response.end(done);
    },
    destroy: (error, done) => {
      // Broken off by the handler: a response that has begun must not look complete, and one that has not still needs an answer.
      if (error && !response.writableEnded) sendProblem(response, error);
      done(error);
    },
  });
  stream.on('error', () => {});
  onPrelude(stream, (given) => {
    prelude = given;
  });
  response.on('close', () => {
    if (!response.writableFinished) stream.destroy(new Error('The client has gone.'));
  });
  return stream;
}
