/** Sends a message over HTTP, streamed or whole, and does to it what the fault says. */
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './answer.ts';
import { bodyOf, errorFrame, framesOf, type Message } from './events.ts';

export type Sending = {
  response: ServerResponse;
  message: Message;
  stream: boolean;
  requestId: string;
  delayMs: number;
  fault: Fault | null;
};

const STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

const gone = (response: ServerResponse): Promise<void> =>
  response.closed ? Promise.resolve() : new Promise((resolve) => response.once('close', resolve));

async function writeAll({ response, delayMs }: Sending, frames: string[]) {
  if (delayMs === 0) return void response.write(frames.join(''));
  for (const frame of frames) {
    if (response.closed) return;
    response.write(frame);
    await pause(delayMs);
  }
}

/** Cuts the connection, once what was written before has left. */
async function breakOff(response: ServerResponse, last: string | Buffer) {
  await new Promise((resolve) => response.write(last.length > 0 ? last : ': \n\n', resolve));
  response.destroy();
}

async function sendStream(sending: Sending) {
  const { response, message, fault, requestId } = sending;
  const frames = framesOf(message);
  response.writeHead(200, STREAM);
  if (!fault || fault.kind === 'status') {
    await writeAll(sending, frames);
    return void response.end();
  }
  if (fault.kind === 'cut' && fault.unit === 'bytes') {
    return breakOff(response, Buffer.from(frames.join('')).subarray(0, fault.after));
  }
  response.flushHeaders();
  await writeAll(sending, frames.slice(0, fault.after));
  if (fault.kind === 'hang') return gone(response);
  if (fault.kind === 'cut') return breakOff(response, '');
  if (fault.kind === 'malformed')
    return void response.end('event: content_block_delta\ndata: {"type":"content_block_delta","ind\n\n');
  response.end(errorFrame(fault.type, fault.message, requestId));
}

async function sendWhole({ response, message, fault }: Sending) {
  const body = JSON.stringify(bodyOf(message));
  response.writeHead(200, { 'content-type': 'application/json' });
  if (fault?.kind === 'hang') return gone(response);
  if (fault) return breakOff(response, body.slice(0, Math.floor(body.length / 2)));
  response.end(body);
}

/** Resolves when the last byte is written or the caller has hung up. */
export async function send(sending: Sending): Promise<void> {
  const { fault, stream, response } = sending;
  if (fault?.kind === 'hang' && fault.after === 0) return gone(response);
  await (stream ? sendStream(sending) : sendWhole(sending));
}
