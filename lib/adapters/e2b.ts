/**
 * The machine as a sandbox of E2B, by its own client, which is loaded with the first script. A sandbox is billed by the second while it is there.
 * Source: https://e2b.dev/docs/billing
 */
import type { Sandbox } from 'e2b';
import {
  MACHINE_LIMITS,
  type Machine,
  type MachineRun,
  type MachineScript,
  type MachineTerms,
} from '../ports/index.ts';

/** `template`: of E2B, whose size the price is for. `apiUrl`, `sandboxUrl`: only where they are not E2B's own. */
export type E2bOptions = {
  apiKey: string;
  template: string;
  terms: MachineTerms;
  apiUrl?: string;
  sandboxUrl?: string;
};

const WORK = '/home/user/workspace';
const SCRIPT = '/tmp/script.sh';
const STREAMS = { stdout: '/tmp/stdout', stderr: '/tmp/stderr' };
const COMMAND = `mkdir -p ${WORK} && cd ${WORK} && bash ${SCRIPT} > ${STREAMS.stdout} 2> ${STREAMS.stderr} < /dev/null`;

/** Of the machine's time, for fetching what the script left. */
const FETCH_MS = 5_000;
const START_MS = 20_000;
const STOP_MS = 5_000;

export function e2bMachine({ apiKey, template, terms, ...where }: E2bOptions): Machine {
  const { seconds } = terms;
  /** Not by the signal: a machine whose id nobody was told could not be given back. */
  const rent = async (): Promise<Sandbox> => {
    const { Sandbox } = await import('e2b');
    return Sandbox.create(template, {
      ...{ apiKey, ...where, allowInternetAccess: false, lifecycle: { onTimeout: 'kill' } },
      ...{ timeoutMs: seconds * 1_000, requestTimeoutMs: START_MS, retries: 0 },
    });
  };

  return {
    ...terms,
    async run(script, signal) {
      if (signal.aborted) return { failed: CALLED_OFF, cost: 0n };
      const began = performance.now();
      let sandbox: Sandbox;
      try {
        sandbox = await rent();
      } catch (error) {
        return { failed: `no machine could be had (${saidBy(error)})`, cost: isRefusal(error) ? 0n : null };
      }
      const ends = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1_000)]);
      const result = await runOn(sandbox, script, { ends, seconds }).catch((error: unknown) => ({
        failed: signal.aborted ? CALLED_OFF : `the machine failed (${saidBy(error)})`,
      }));
      const returned = await giveBack(sandbox);
      return { ...result, cost: returned ? costOf(performance.now() - began, terms) : null };
    },
  };
}

const CALLED_OFF = 'it was called off';

/** From before the machine was there until after it was gone: never less than what is billed. */
function costOf(ms: number, { seconds, most }: MachineTerms): bigint {
  const cost = BigInt(Math.ceil((Number(most) * Math.ceil(ms / 1_000)) / seconds));
  return cost < most ? cost : most;
}

async function runOn(
  sandbox: Sandbox,
  { command, files, keep }: MachineScript,
  { ends, seconds }: { ends: AbortSignal; seconds: number },
): Promise<{ run: MachineRun }> {
  const began = performance.now();
  const asked = { signal: ends };
  const entries = files.map(({ path, content }) => ({ path: `${WORK}/${path}`, data: bufferOf(content) }));
  await sandbox.files.write([...entries, { path: SCRIPT, data: command }], asked);
  const left = seconds * 1_000 - FETCH_MS - (performance.now() - began);
  const exitCode = await exitOf(sandbox, Math.max(1, left), ends);
  const run: MachineRun = { exitCode, stdout: '', stderr: '', files: [], lost: [] };
  for (const name of ['stdout', 'stderr'] as const) {
    const found = await read(sandbox, STREAMS[name], MACHINE_LIMITS.streamBytes, ends);
    run[name] = new TextDecoder().decode(found?.bytes);
  }
  for (const path of exitCode === null ? [] : keep) {
    const found = await read(sandbox, `${WORK}/${path}`, MACHINE_LIMITS.fileBytes, ends);
    if (found === null || found.cut) run.lost.push({ path, why: found ? 'too large' : 'absent' });
    else run.files.push({ path, content: found.bytes });
  }
  return { run };
}

/** Null: its time was up. Nothing is written to the streams of the command itself; a machine that writes all the same is let go. */
async function exitOf(sandbox: Sandbox, timeoutMs: number, ends: AbortSignal): Promise<number | null> {
  const { CommandExitError, TimeoutError } = await import('e2b');
  const flood = new AbortController();
  let seen = 0;
  const count = (text: string) => {
    seen += text.length;
    if (seen > MACHINE_LIMITS.streamBytes) flood.abort();
  };
  try {
    const { exitCode } = await sandbox.commands.run(COMMAND, {
      ...{ timeoutMs, signal: AbortSignal.any([ends, flood.signal]), onStdout: count, onStderr: count },
    });
    return exitCode;
  } catch (error) {
    if (error instanceof CommandExitError) return error.exitCode;
    if (flood.signal.aborted) throw new Error('it wrote where nothing is to be written');
    if (error instanceof TimeoutError && !ends.aborted) return null;
    throw error;
  }
}

type Read = { bytes: Uint8Array; cut: boolean };

/** No more than `most` bytes, whatever is sent. Null: there is no such file. */
async function read(sandbox: Sandbox, path: string, most: number, signal: AbortSignal): Promise<Read | null> {
  const { NotFoundError, InvalidArgumentError } = await import('e2b');
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    const stream = await sandbox.files.read(path, { format: 'stream', signal });
    for await (const piece of stream as unknown as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      size += piece.length;
      if (size > most) break;
    }
  } catch (error) {
    // The latter for a folder.
    if (error instanceof NotFoundError || error instanceof InvalidArgumentError) return null;
    throw error;
  }
  return { bytes: new Uint8Array(Buffer.concat(pieces).subarray(0, most)), cut: size > most };
}

async function giveBack(sandbox: Sandbox): Promise<boolean> {
  try {
    // False: it is gone already.
    await sandbox.kill({ requestTimeoutMs: STOP_MS });
    return true;
  } catch {
    return false;
  }
}

const bufferOf = (content: Uint8Array): ArrayBuffer => Uint8Array.from(content).buffer;

/** The request was understood and not granted, so there is no machine. */
function isRefusal(error: unknown): boolean {
  const { name, statusCode = 0 } = error as { name?: string; statusCode?: number };
  return ['AuthenticationError', 'RateLimitError'].includes(name ?? '') || (statusCode >= 400 && statusCode < 500);
}

/** Never more than a line, and never what was sent. */
const saidBy = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);
