import { describe, expect, it } from 'vitest';
import { BASH_BOUNDS, BASH_LIMITS, bash, createBash } from '../../lib/tools/bash.ts';
import { call, paths, textIn, tree } from './kit.ts';

const HOME = '/workspace';
const LIMITS = BASH_LIMITS;
const BOUNDS = { ...BASH_BOUNDS, advice: 'Do less.' };

const run = async (command: string, files = tree()) => ({ ...(await call(bash, { command }, files)), files });

describe('bash on the workspace', () => {
  it('starts in it, sees its files and keeps what it does to them', async () => {
    const files = tree({ '/a.txt': 'one\ntwo\n', '/old.txt': 'x', '/same.txt': 's' });
    const command =
      'pwd; wc -l < a.txt; echo three >> a.txt; rm old.txt; mkdir -p d/e; sort -r a.txt > d/e/f; cat same.txt > same.txt.2; mv same.txt.2 same.txt; chmod +x a.txt';
    const { content, isError } = await run(command, files);
    expect({ content, isError }).toEqual({ content: `${HOME}\n2`, isError: false });
    expect(files.changes().map(({ path, mode, content: bytes }) => [path, mode, bytes?.length ?? null])).toEqual([
      ['/a.txt', 0o755, 14],
      ['/d/e/f', 0o644, 14],
      ['/old.txt', 0o644, null],
    ]);
    expect(textIn(files, '/d/e/f')).toBe('two\nthree\none\n');
  });

  it('keeps bytes and the indentation of here-documents', async () => {
    const files = tree({ '/bytes': new Uint8Array([0, 255, 200, 10]) });
    await run(
      'cp bytes copy; gzip -c bytes | gunzip > back; \n  cat > f.py <<EOF\ndef f():\n    return "é"\n  # end\nEOF',
      files,
    );
    expect(files.read('/copy')).toEqual(files.read('/bytes'));
    expect(files.read('/back')).toEqual(files.read('/bytes'));
    expect(textIn(files, '/f.py')).toBe('def f():\n    return "é"\n  # end\n');
  });

  it('does not carry directory, variables or functions over', async () => {
    const files = tree();
    await run('cd /tmp; A=1; export A; f() { echo f; }; echo x > /tmp/y', files);
    const { content } = await run('pwd; echo "[$A]"; f; ls /tmp', files);
    expect(content).toBe(`${HOME}\n[]\n[stderr]\nbash: f: command not found`);
  });

  it('tells a status, and takes it for an error only with a message', async () => {
    const files = tree({ '/a': 'x' });
    expect(await run('grep y a', files)).toMatchObject({ content: '[exit status 1]', isError: false });
    expect(await run('echo out; cat b', files)).toMatchObject({
      content: 'out\n[stderr]\ncat: b: No such file or directory\n[exit status 1]',
      isError: true,
    });
    expect(await run('echo fine >&2')).toMatchObject({ content: '[stderr]\nfine', isError: false });
    expect(await run('true')).toMatchObject({ content: '(no output)', isError: false });
    expect((await run('if then')).content).toContain('syntax error');
  });

  it('has the tools that data needs', async () => {
    const files = tree({ '/d.json': '{"n":[1,2]}', '/d.csv': 'a,b\n1,2\n' });
    const { content } = await run(
      "jq -c .n d.json; awk -F, 'NR>1{print $1+$2}' d.csv; sqlite3 t.db 'create table t(x); insert into t values(7); select x from t'",
      files,
    );
    expect(content).toBe('[1,2]\n3\n7');
    expect(paths(files)).toContain('/t.db');
  });

  it('passes over arguments that it does not know', async () => {
    const input = { command: 'echo on', description: 'Says on', timeout: 60, restart: false };
    expect(await call(bash, input)).toEqual({ content: 'on', isError: false });
    expect((await call(bash, { cmd: 'echo' })).content).toContain('do not fit');
    expect(bash.inputSchema).toMatchObject({ additionalProperties: false });
  });

  it('returns from sleep at once', async () => {
    expect((await run('sleep 3600; echo awake')).content).toBe('awake');
  });
});

describe('bash cannot reach', () => {
  it('the host: no environment, no disk, no process', async () => {
    process.env.CIRCADIAN_CANARY = 'canary-in-the-environment';
    try {
      const { content } = await run(
        'cat /proc/self/environ /proc/1/environ /etc/passwd /root/.ssh/id_rsa; env; ls -R /proc /etc /home /root; echo $CIRCADIAN_CANARY; cat ../../../../etc/hostname',
      );
      expect(content).not.toContain('canary');
      expect(content).not.toMatch(/root:.:0:0/);
      expect(content).toContain('cat: /proc/self/environ: No such file or directory');
      expect(content).toContain('cat: /etc/passwd: No such file or directory');
    } finally {
      delete process.env.CIRCADIAN_CANARY;
    }
  });

  it('the network or another interpreter', async () => {
    const commands = ['curl -s http://127.0.0.1/', 'wget x', 'node -v', 'npm ci', 'pip list', 'git status'];
    const { content } = await run(`${commands.join('; ')}; echo > /dev/tcp/127.0.0.1/80`);
    for (const command of commands) expect(content).toContain(`${command.split(' ')[0]}: not available in this shell`);
  });

  it('out of the tree through links', async () => {
    const files = tree({ '/a': 'inside' });
    const { content } = await run(
      'ln -s a copy; echo s > /tmp/s; ln -s /tmp/s s; ln -s /proc/version v; ln -s /etc/passwd l; ln -s ../.. up; ln -s . loop; ln -s self self; ln -s up/etc u2',
      files,
    );
    expect(content).toContain('symbolic links are not kept: ');
    expect(content).toContain('s, v, l, up, loop');
    expect(paths(files)).toEqual(['/a', '/copy']);
    expect(textIn(files, '/copy')).toBe('inside');
  });

  it('beyond the workspace: what is written there is gone, and it says so', async () => {
    const { content, files } = await run('echo x > /out.txt; echo y > /tmp/scratch; echo z > kept');
    expect(content).toBe('[only files under /workspace are kept; gone: /out.txt]');
    expect(paths(files)).toEqual(['/kept']);
  });
});

describe('bash ends in an observation', () => {
  it.each([
    ['an endless loop', 'while true; do :; done'],
    ['endless output', 'while true; do echo y; done'],
    ['a fork bomb', ':(){ :|:& };:'],
    ['recursion', 'f(){ f; }; f'],
    ['recursion in subshells', 'f(){ (f); }; f'],
    ['a string that doubles', 'a=x; while true; do a=$a$a; done'],
    ['a huge expansion', 'echo {1..10000}{1..10000}{1..10000} | wc -c'],
    ['a huge field', 'printf "%2000000000s" x | wc -c'],
    ['a loop in awk', "awk 'BEGIN { while (1); }'"],
    ['deep nesting', 'eval "$(printf "(%.0s" $(seq 1 50000))"'],
    ['a script that calls itself', 'echo "bash s.sh" > s.sh; bash s.sh'],
  ])(
    'from %s',
    async (_, command) => {
      const { content, isError } = await run(command);
      expect(isError).toBe(true);
      expect(content.length).toBeLessThanOrEqual(30_000);
      expect(content).toMatch(/ended after|exceeded|limit|too many|memory|call stack|error/i);
      expect(content).not.toContain('executionLimits');
    },
    60_000,
  );

  it('from 50 MB of output, cut in the middle', async () => {
    const big = 'x'.repeat(4_999_999);
    const files = tree(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`/${i}`, `${big}\n`])));
    const { content, isError } = await run('cat [0-9]', files);
    expect(isError).toBe(false);
    expect(content.length).toBeLessThanOrEqual(30_000);
    expect(content).toMatch(/49,972,\d{3} of 50,000,000 characters were cut here/);
  });

  it('from a heap that is full', async () => {
    const small = createBash(LIMITS, { ...BOUNDS, heapMb: 48 });
    const files = tree({ '/big': 'some words to sort\n'.repeat(200_000) });
    const result = await call(
      small,
      { command: 'echo lost > f; cat big | sort | tr a-z b-za | rev | base64 | sort | wc' },
      files,
    );
    expect(result).toEqual({ content: 'It ran out of memory (48 MB). Do less.', isError: true });
    expect(files.changes()).toEqual([]);
  });

  it('from the time of the shell, with the files so far', async () => {
    const short = createBash({ ...LIMITS, runMs: 1500 }, BOUNDS);
    const files = tree();
    const command = 'echo begun > f; for i in {1..20000}; do x=$(echo $i | sort | tr 1 2); done';
    const { content, isError } = await call(short, { command }, files);
    expect(isError).toBe(true);
    expect(textIn(files, '/f')).toBe('begun\n');
    expect(content).toContain('deadline (1500ms)');
  });

  it('from the time of the process, with nothing kept and the host at work meanwhile', async () => {
    const short = createBash(LIMITS, { ...BOUNDS, wallMs: 700 });
    const files = tree();
    let beats = 0;
    const heart = setInterval(() => beats++, 20);
    const command =
      'echo x > f; for i in {1..90000}; do x=$((i*i)); y=$((x+i)); done; while true; do x=$(echo $x); done';
    const result = await call(short, { command }, files);
    clearInterval(heart);
    expect(result).toEqual({ content: 'It was ended after 0.7 s. Do less.', isError: true });
    expect(files.changes()).toEqual([]);
    expect(beats).toBeGreaterThan(3);
  });

  it('from being called off, before and while it runs', async () => {
    expect((await call(bash, { command: 'echo' }, tree(), AbortSignal.abort())).content).toContain('called off');
    const control = new AbortController();
    const running = call(bash, { command: 'echo x > f; while true; do :; done' }, tree(), control.signal);
    setImmediate(() => control.abort());
    expect(await running).toMatchObject({ isError: true, content: expect.stringContaining('called off') });
  });

  it('from a tree that would be too large, with the old one kept whole', async () => {
    const files = tree({ '/a': 'x' });
    const many = await run('rm a; for i in $(seq 1 2001); do echo > f$i; done; echo done', files);
    expect(many.isError).toBe(true);
    expect(many.content).toMatch(/^done\n\[no file was changed\] .*2,001 files, and 2,000 are allowed/);
    const large = await run('rm a; printf "%5000001s" x > large', files);
    expect(large.content).toContain('large would have 5,000,001 bytes');
    expect(files.changes()).toEqual([]);
  });

  it('from a name that cannot be stored', async () => {
    const { content, files } = await run('echo > "$(printf \'a\\nb\')"; echo > ok');
    expect(content).toContain('holds a control character');
    expect(files.changes()).toEqual([]);
  });
});
