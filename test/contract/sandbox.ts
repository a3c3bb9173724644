/** What every sandbox promises: an answer or the reason why there is none, and nothing of one job for the next. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEnd, RunOutcome, Sandbox, SandboxBounds } from '../../lib/ports/index.ts';
import { BASH_LIMITS } from '../../lib/tools/bash.ts';
import type { BashLimits, Jobs } from '../../lib/tools/sandbox/jobs.ts';

const BOUNDS: SandboxBounds = { wallMs: 20_000, heapMb: 256, processMb: 400 };
const NEVER = new AbortController().signal;

export const bashJob = (command: string, files: Record<string, Uint8Array> = {}, limits: Partial<BashLimits> = {}) => ({
  name: 'bash',
  ask: {
    command,
    files: Object.entries(files).map(([path, content]) => ({ path, content, mode: 0o600 })),
    limits: { ...BASH_LIMITS, ...limits },
    network: false,
  } satisfies Jobs['bash']['ask'],
});

export const answerOf = (outcome: RunOutcome): Jobs['bash']['answer'] =>
  (outcome as { sent: { answer: Jobs['bash']['answer'] } }).sent.answer;

type Subject = { sandbox: Sandbox; close(): Promise<void> };

export const sandboxContract = (name: string, start: () => Promise<Subject>) =>
  describe(`sandbox: ${name}`, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject?.close());

    const run = (job: { name: string; ask: unknown }, bounds: Partial<SandboxBounds> = {}, signal = NEVER) =>
      subject.sandbox.run(job, { ...BOUNDS, ...bounds }, signal);
    const endOf = async (running: Promise<RunOutcome>): Promise<RunEnd> =>
      ((await running) as { ending: RunEnd }).ending;

    it('answers with what a job did, every byte and mode of it', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
      const job = bashJob('cp in out; chmod 755 out; rm gone; echo wörld; exit 3', { '/in': bytes, '/gone': bytes });
      expect(answerOf(await run(job))).toMatchObject({
        ...{ stdout: 'wörld\n', exitCode: 3 },
        changes: [
          { path: '/gone', content: null },
          { path: '/out', content: bytes, mode: 0o755 },
        ],
      });
    });

    it('says in words for the model what it refuses', async () => {
      const ask: Jobs['grep']['ask'] = { pattern: '(', ignoreCase: false, context: 0, files: [], glob: null };
      expect(await run({ name: 'grep', ask })).toMatchObject({ sent: { refused: expect.any(String) } });
    });

    it('ends a job that takes more memory than its process may', async () => {
      const bomb = 'x = []\nwhile True: x.append(bytearray(8 << 20))';
      const ending = await endOf(run(bashJob(`python3 -c '${bomb}'`), { processMb: 200 }));
      expect(ending).toBe('memory');
    });

    it('tells a full heap', async () => {
      // Many small words: one text that is doubled is kept as a tree, and meets the shell's own limit first.
      const fill = 'while :; do a+=($(seq 1 50000)); done';
      const outcome = await run(bashJob(fill), { heapMb: 48 });
      if ('ending' in outcome) expect(outcome.ending).toBe('heap');
      else expect(outcome.sent).toEqual({ full: true });
    });

    it('ends a job whose time is up', async () => {
      expect(await endOf(run(bashJob('while :; do :; done'), { wallMs: 600 }))).toBe('time');
    });

    it('lets go of a job that is called off', async () => {
      const control = new AbortController();
      const running = endOf(run(bashJob('while :; do :; done'), { wallMs: 3_000 }, control.signal));
      control.abort();
      expect(await running).toBe('called off');
      expect(await endOf(run(bashJob('echo on'), {}, control.signal))).toBe('called off');
    });

    it('says that an answer is larger than can be carried', async () => {
      const job = bashJob('seq 1 3000 > a');
      expect(await endOf(run(job, { answerBytes: 10_000 }))).toBe('answer');
      expect(answerOf(await run(job, { answerBytes: 20_000 })).changes).toHaveLength(1);
    });

    it('leaves nothing of a job for the next', async () => {
      await run(bashJob('echo 1 > /tmp/left; cp mine /tmp; export LEFT=1', { '/mine': Uint8Array.of(1) }));
      expect(answerOf(await run(bashJob('ls /tmp . ; echo "[$LEFT]"'))).stdout).toBe('.:\n\n/tmp:\n[]\n');
    });
  });
