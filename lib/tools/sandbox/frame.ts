/**
 * One message over a pipe: four bytes of length, then the value as V8 writes it. The length comes first, so that the reader knows what it
 * gets before it gives room to it.
 */
import type { Readable } from 'node:stream';
import { deserialize, serialize } from 'node:v8';

const HEAD_BYTES = 4;

/** A value as bytes, in a buffer of their own. */
export const bodyOf = (value: unknown): Buffer => serialize(value);

/** The pieces to write, in order. */
export function framed(body: Uint8Array): Uint8Array[] {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(body.length);
  return [head, body];
}

/** The value of a body. Throws for bytes that are none. */
export const contentOf = (body: Uint8Array): unknown => deserialize(body);

/**
 * The body of the next message, in a buffer of its own. Rejects for one of more than `mostBytes`, before anything of it is kept, and never
 * settles if the stream ends first: whose end that is, the caller knows better.
 */
export const readBody = (stream: Readable, mostBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const head = Buffer.alloc(HEAD_BYTES);
    let body: Buffer | null = null;
    let at = 0;
    const stop = () => stream.off('data', take);
    const take = (chunk: Buffer) => {
      let rest = chunk;
      if (body === null) {
        const part = rest.subarray(0, HEAD_BYTES - at);
        at += part.copy(head, at);
        rest = rest.subarray(part.length);
        if (at < HEAD_BYTES) return;
        const length = head.readUInt32LE();
        if (length > mostBytes) {
          stop();
          return reject(new RangeError(`a message of ${length} bytes, and ${mostBytes} are allowed`));
        }
        body = Buffer.allocUnsafeSlow(length);
        at = 0;
      }
      at += rest.copy(body, at);
      if (at < body.length) return;
      stop();
      resolve(body);
    };
    stream.on('data', take);
  });
