/**
 * The process around a job of the sandbox: whatever the job does with memory or time ends that process and not the host, which stays small
 * meanwhile; nothing of it is left, however the host ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { describe, expect, it, vi } from 'vitest';
import type { RunOutcome } from '../../lib/ports/index.ts';
import { BASH_BOUNDS, BASH_LIMITS, bash, createBash } from '../../lib/tools/bash.ts';
import { contained, memoryMb } from '../../lib/tools/contained.ts';
import { call, paths, tree } from './kit.ts';

const LIMITS = { ...BASH_LIMITS, runMs: 1500 };
const WATCH = { ...BASH_BOUNDS, wallMs: 3000, processMb: 350 };

/** Between two glances at it a process may grow once more. */
const MOST_PEAK_MB = WATCH.processMb + 200;
const MOST_HOST_GROWTH_MB = 60;

const NEVER = new AbortController().signal;
const run = (command: string, watch = WATCH, signal = NEVER): Promise<RunOutcome> =>
  contained('bash', { command, files: [], limits: LIMITS }, watch, signal);

/** Processes whose parent is `pid`, by proc(5): the parent stands second behind the name, which is in parentheses. */
const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && partOf(name, 'stat').replace(/^.*\)/s, '').split(' ')[2] === String(pid))
    .map(Number);

const partOf = (pid: number | string, part: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${part}`, 'utf8');
  } catch {
    return '';
  }
};

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** What each must end in: an answer that is an error, or the end of the process for one of these reasons. */
const BOMBS: [string, string][] = [
  [
    'a table of blobs in sqlite3',
    'sqlite3 :memory: "create table t as with recursive c(i) as (select 1 union all select i+1 from c where i<5000) select zeroblob(4000000) as b from c"',
  ],
  [
    'a file of sqlite3 that grows',
    'sqlite3 a.db "create table t(b); with recursive c(i) as (select 1 union all select i+1 from c where i<3000) insert into t select zeroblob(1000000) from c"',
  ],
  [
    'one string of sqlite3',
    'sqlite3 :memory: "with recursive c(i) as (select 1 union all select i+1 from c) select count(*), group_concat(hex(randomblob(100000))) from c"',
  ],
  ['a variable that doubles', 'x=a; while true; do x="$x$x"; done'],
  ['an array that grows', 'for ((i=0;;i++)); do a[i]="$(printf %9999s x)"; done'],
  ['a string of awk that doubles', 'awk \'BEGIN { x = "aaaaaaaa"; while (1) x = x x }\''],
  ['an array of awk that grows', 'awk \'BEGIN { while (1) a[i++] = sprintf("%9999s", i) }\''],
  ['a list of jq without end', "jq -n '[repeat(1)] | length'"],
  ['a string of jq that doubles', 'jq -n \'reduce range(60) as $i ("aaaa"; . + .) | length\''],
  ['a line of sed that doubles', "echo a | sed ':a;s/.*/&&/;ta'"],
  ['a fork bomb', ':(){ :|:& };:'],
  ['an endless loop', 'while :; do :; done'],
  ['endless output', 'while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done'],
  ['a huge field', 'printf "%2000000000s" x | wc -c'],
  ['a huge count', 'seq 1 1000000000 | sort -n | tail -1'],
  ['files until the disk is full', 'for ((i=0;;i++)); do seq 1 100000 > "f$i" || exit 1; done'],
  ['an archive of itself', 'seq 1 900000 > a; while tar cf b a; do cat a b > c; mv c a; done; exit 1'],
  [
    'a pattern that goes back for ever',
    `echo ${'a'.repeat(40)}! | grep -E '^(a+)+$'; awk 'BEGIN { exit !match("${'a'.repeat(40)}!", /^(a|aa)+$/) }'; exit 1`,
  ],
];

const hasAnswer = (sent: unknown): sent is { answer: unknown } => 'answer' in (sent as object);

/** What `sh` itself sets before it becomes the process. */
const HOUSEKEEPING = [expect.stringMatching(/^PWD=/)];

const folder = new URL('.', import.meta.url);
/** A host of its own: does one call, and stays. */
const HOST = `
import { bash } from '${new URL('../../lib/tools/bash.ts', folder)}';
import { context, tree } from '${new URL('kit.ts', folder)}';
setInterval(() => {}, 1000);
const command = process.argv[1];
if (command !== 'echo done') console.log('begun');
console.log((await bash.call({ command }, context(tree()))).content);
`;

describe('a process of the sandbox', () => {
  it.each(BOMBS)(
    'bounds %s',
    async (_, command) => {
      const before = memoryMb(process.pid);
      const outcome = await run(command);
      expect(outcome.peakMb).toBeLessThan(MOST_PEAK_MB);
      expect(memoryMb(process.pid) - before).toBeLessThan(MOST_HOST_GROWTH_MB);
      if ('ending' in outcome) expect(['memory', 'heap', 'time']).toContain(outcome.ending);
      else if (hasAnswer(outcome.sent)) expect(outcome.sent.answer).not.toMatchObject({ exitCode: 0 });
      else expect(outcome.sent).toEqual({ full: true });
    },
    30_000,
  );

  it('that is ended for its memory leaves a sentence and an unchanged workspace, and the next call works', async () => {
    const files = tree({ '/kept': 'x' });
    const command = `rm kept; sqlite3 :memory: "create table t as with recursive c(i) as (select 1 union all select i+1 from c where i<5000) select zeroblob(4000000) as b from c"`;
    // As small as a busy machine fills within the time of sqlite3.
    const small = createBash(BASH_LIMITS, { ...BASH_BOUNDS, processMb: 200 });
    expect(await call(small, { command }, files)).toEqual({
      content:
        'It used more than 200 MB of memory and was ended. No file was changed. Do less in one call: fewer rows, smaller pieces, files in place of variables.',
      isError: true,
    });
    expect(paths(files)).toEqual(['/kept']);
    expect(await call(bash, { command: 'echo on' }, files)).toEqual({ content: 'on', isError: false });
  });

  it('has no environment, reads and starts nothing else, leaves no core, goes first, and is gone when it is called off', async () => {
    const control = new AbortController();
    const running = run('while :; do :; done', WATCH, control.signal);
    const pid = await vi.waitFor(() => {
      const [found] = childrenOf(process.pid).filter((one) => partOf(one, 'cmdline').startsWith(process.execPath));
      expect(found).toBeDefined();
      return found!;
    });
    expect(partOf(pid, 'environ').split('\0').filter(Boolean)).toEqual(HOUSEKEEPING);
    const flags = partOf(pid, 'cmdline')
      .split('\0')
      .filter((flag) => flag.startsWith('--'));
    expect(flags.map((flag) => flag.replace(/=.*\/(\w+)\/\*$/, '=$1'))).toEqual([
      ...['--permission', '--allow-worker', '--allow-fs-read=sandbox', '--allow-fs-read=node_modules'],
    ]);
    expect(partOf(pid, 'oom_score_adj')).toBe('1000\n');
    expect(partOf(pid, 'limits')).toMatch(/Max cpu time +120 +120 .*Max core file size +0 +0 /s);
    control.abort();
    expect(await running).toMatchObject({ ending: 'called off' });
    expect(isThere(pid)).toBe(false);
  });

  it('is used once: nothing of a call is there for the next', async () => {
    await call(bash, { command: 'echo 1 > /tmp/left; export LEFT=1' });
    const first = childrenOf(process.pid);
    expect(first).toHaveLength(1);
    expect((await call(bash, { command: 'ls /tmp; echo "[$LEFT]"' })).content).toBe('[]');
    expect(isThere(first[0]!)).toBe(false);
  });

  it.each([
    ['busy with its job', 'while :; do :; done'],
    ['ready for a job', 'echo done'],
  ])('%s, ends when its host is killed', async (_, command) => {
    const host = spawn(process.execPath, ['--input-type=module-typescript', '-e', HOST, command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = await once(createInterface(host.stdout), 'line');
      expect(line).toBe(command === 'echo done' ? 'done' : 'begun');
      const [child, ...others] = await vi.waitFor(() => {
        const found = childrenOf(host.pid!).filter((one) => partOf(one, 'cmdline').includes('/sandbox/main'));
        expect(found.length).toBeGreaterThan(0);
        return found;
      });
      expect(others).toEqual([]);
      host.kill('SIGKILL');
      await vi.waitFor(() => expect(isThere(child!)).toBe(false), { timeout: 10_000 });
    } finally {
      host.kill('SIGKILL');
    }
  });
});
