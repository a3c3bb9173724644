/**
 * Messages over a pipe: four bytes of length, then the value as V8 writes it. The length comes first, so that the reader knows what it
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
 * Gives the body of each message, in a buffer of its own. `failed`: one has more than `mostBytes`; nothing of it is kept, and nothing is given
 * after it. Where the stream ends within a message, nothing is said: whose end that is, the caller knows better.
 */
export function readBodies(
  stream: Readable,
  mostBytes: number,
  given: (body: Buffer) => void,
  failed: (error: Error) => void,
): void {
  const head = Buffer.alloc(HEAD_BYTES);
  let body: Buffer | null = null;
  let at = 0;
  const take = (chunk: Buffer) => {
    for (let rest = chunk; rest.length > 0; ) {
      const into = body ?? head;
      const copied = rest.copy(into, at);
      at += copied;
      rest = rest.subarray(copied);
      if (at < into.length) return;
      at = 0;
      if (body !== null) {
        const whole = body;
        body = null;
        given(whole);
        continue;
      }
      const length = head.readUInt32LE();
      if (length > mostBytes) {
        stream.off('data', take);
        return failed(new RangeError(`a message of ${length} bytes, and ${mostBytes} are allowed`));
      }
      body = Buffer.allocUnsafeSlow(length);
    }
  };
  stream.on('data', take);
}
