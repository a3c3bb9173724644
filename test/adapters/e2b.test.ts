/** The rented machine by E2B's own client, over HTTP on loopback. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { e2bMachine } from '../../lib/adapters/e2b.ts';
import type { MachineOutcome, MachineRun } from '../../lib/ports/index.ts';
import { KEY, type Play, startE2b } from '../kit/e2b.ts';

const NEVER = new AbortController().signal;
const WORK = '/home/user/workspace';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const script = (keep: string[] = []) => ({
  command: 'make',
  files: [{ path: 'src/wörld.txt', content: bytes('héllo') }],
  keep,
});

async function start(play: Play, { seconds = 20, apiKey = KEY } = {}) {
  const e2b = await startE2b(play);
  onTestFinished(() => e2b.close());
  const terms = { seconds, most: BigInt(seconds * 31) };
  const machine = e2bMachine({ apiKey, template: 'base', terms, apiUrl: e2b.url, sandboxUrl: e2b.url });
  return { e2b, machine };
}
const runOf = (outcome: MachineOutcome): MachineRun => (outcome as { run: MachineRun }).run;
const never = () => new Promise<never>(() => {});

describe('a machine of E2B', () => {
  it('gets the script and its files, reaches no network, gives back what is to be kept, and is gone', async () => {
    const { e2b, machine } = await start((files) => {
      files.set(`${WORK}/out.bin`, Uint8Array.of(0, 255, 10));
      files.set('/tmp/stdout', bytes('done\n'));
      files.set('/tmp/stderr', bytes('a warning\n'));
      return 3;
    });
    const outcome = await machine.run(script(['out.bin', 'gone.txt']), NEVER);
    expect(runOf(outcome)).toEqual({
      ...{ exitCode: 3, stdout: 'done\n', stderr: 'a warning\n' },
      files: [{ path: 'out.bin', content: Uint8Array.of(0, 255, 10) }],
      lost: [{ path: 'gone.txt', why: 'absent' }],
    });
    expect(e2b.made).toMatchObject([
      { templateID: 'base', timeout: 20, allow_internet_access: false, autoPause: false },
    ]);
    expect(Buffer.from(e2b.files.get(`${WORK}/src/wörld.txt`)!).toString()).toBe('héllo');
    expect(Buffer.from(e2b.files.get('/tmp/script.sh')!).toString()).toBe('make');
    expect(e2b.given).toHaveLength(1);
    // Whole seconds of 31 microdollars, from before it was there until after it was gone.
    expect(outcome.cost! % 31n).toBe(0n);
    expect(outcome.cost).toBeGreaterThanOrEqual(31n);
    expect(outcome.cost).toBeLessThan(machine.most);
  });

  it('takes no more of a file or a stream than may be', async () => {
    const { machine } = await start((files) => {
      files.set(`${WORK}/large`, new Uint8Array(5_000_001));
      files.set(`${WORK}/fits`, new Uint8Array(5_000_000));
      files.set('/tmp/stdout', new Uint8Array(300_000).fill(65));
      files.set('/tmp/stderr', bytes(''));
      return 0;
    });
    const { files, lost, stdout } = runOf(await machine.run(script(['large', 'fits']), NEVER));
    expect(files.map(({ path, content }) => [path, content.length])).toEqual([['fits', 5_000_000]]);
    expect(lost).toEqual([{ path: 'large', why: 'too large' }]);
    expect(stdout).toHaveLength(100_000);
  });

  it('is not read on when a file of it has no end', async () => {
    const { e2b, machine } = await start(() => 0);
    e2b.files.set('/tmp/stdout', bytes('')).set('/tmp/stderr', bytes(''));
    e2b.endless = `${WORK}/zeros`;
    expect(runOf(await machine.run(script(['zeros']), NEVER)).lost).toEqual([{ path: 'zeros', why: 'too large' }]);
  }, 10_000);

  it('is let go when it floods the command’s own streams', async () => {
    const { e2b, machine } = await start(never);
    e2b.flood = true;
    expect(await machine.run(script(), NEVER)).toMatchObject({
      failed: expect.stringContaining('nothing is to be written'),
    });
    expect(e2b.given).toHaveLength(1);
  });

  it('that is called off is given back, and its seconds are paid for', async () => {
    const control = new AbortController();
    const { e2b, machine } = await start(() => {
      control.abort();
      return never();
    });
    const outcome = await machine.run(script(), control.signal);
    expect(outcome).toMatchObject({ failed: 'it was called off' });
    expect(outcome.cost).toBeGreaterThanOrEqual(31n);
    expect(outcome.cost).toBeLessThan(machine.most);
    expect(e2b.given).toHaveLength(1);
    expect(await machine.run(script(), control.signal)).toEqual({ failed: 'it was called off', cost: 0n });
    expect(e2b.made).toHaveLength(1);
  });

  it('whose time is up gives no file back', async () => {
    // All but a moment of its time is kept for fetching.
    const { e2b, machine } = await start(
      (files) => {
        files.set('/tmp/stdout', bytes('so far'));
        files.set('/tmp/stderr', bytes(''));
        return never();
      },
      { seconds: 6 },
    );
    expect(runOf(await machine.run(script(['a']), NEVER))).toMatchObject({
      exitCode: null,
      stdout: 'so far',
      files: [],
    });
    expect(e2b.given).toHaveLength(1);
  });

  it.each([401, 400, 404, 429])('that was refused with %d costs nothing, and is asked for once', async (status) => {
    const { e2b, machine } = await start(never);
    e2b.refuse = status;
    expect(await machine.run(script(), NEVER)).toMatchObject({
      ...{ failed: expect.stringContaining('no machine could be had'), cost: 0n },
    });
    expect([e2b.asks, e2b.given]).toEqual([1, []]);
  });

  it.each([500, 503, 0])('of which nobody knows whether it is there (%d) is charged in full', async (status) => {
    const { e2b, machine } = await start(never);
    e2b.refuse = status;
    expect(await machine.run(script(), NEVER)).toMatchObject({
      ...{ failed: expect.stringContaining('no machine could be had'), cost: null },
    });
  });

  it('that could not be given back is charged in full, since it may be there to its end', async () => {
    const { e2b, machine } = await start((files) => {
      files.set('/tmp/stdout', bytes('done'));
      files.set('/tmp/stderr', bytes(''));
      return 0;
    });
    e2b.keep = true;
    const outcome = await machine.run(script(), NEVER);
    expect(runOf(outcome).stdout).toBe('done');
    expect(outcome.cost).toBeNull();
  });

  it('never says its key', async () => {
    const { machine } = await start(never, { apiKey: 'e2b_ffffffffffffffffffffffffffffffffffffffff' });
    const outcome = await machine.run(script(), NEVER);
    expect(outcome).toMatchObject({ cost: 0n });
    expect(JSON.stringify({ ...outcome, cost: 0 })).not.toContain('e2b_f');
  });
});
