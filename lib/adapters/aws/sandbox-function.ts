/**
 * What the function `sandbox` does with its event, and how a job and its outcome travel: written by V8, packed by zstd, as a text in JSON. Lambda
 * takes and gives 6 MB at once.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (invocation payload, synchronous)
 */
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { RunOutcome, Sandbox, SandboxBounds, SandboxJob } from '../../ports/index.ts';

const MOST_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** More than any job and any outcome; a small text may unpack to gigabytes. */
const MOST_BYTES = 256_000_000;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** The event of the function. */
export type SandboxEvent = { job: string };
export type AskedOfSandbox = SandboxJob & { bounds: SandboxBounds };
/** Its answer. `tooLarge`: the bytes of the outcome, which Lambda would not have carried. */
export type SandboxAnswer = { outcome: string } | { tooLarge: number };

export const fits = (payload: SandboxEvent | SandboxAnswer): boolean =>
  Buffer.byteLength(JSON.stringify(payload)) <= MOST_PAYLOAD_BYTES;

export async function packed(value: AskedOfSandbox | RunOutcome): Promise<string> {
  return (await compress(serialize(value))).toString('base64');
}

/** Throws for a text that is none of these. */
export async function unpacked(text: string): Promise<unknown> {
  return deserialize(await decompress(Buffer.from(text, 'base64'), { maxOutputLength: MOST_BYTES }));
}

const NEVER = new AbortController().signal;

/** Has the job of an event done by `sandbox`. Nothing of it is kept, and nothing is logged. */
export const answering =
  (sandbox: Sandbox) =>
  async ({ job }: SandboxEvent): Promise<SandboxAnswer> => {
    const { bounds, ...asked } = (await unpacked(job)) as AskedOfSandbox;
    const outcome = await packed(await sandbox.run(asked, bounds, NEVER));
    return fits({ outcome }) ? { outcome } : { tooLarge: outcome.length };
  };
