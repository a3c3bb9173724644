/**
 * What a model may be talked into doing with its tools: paths that climb, names that lie, bombs. Every one of them ends in an observation of
 * bounded size, in bounded time, with the process alive and nothing outside the tree.
 */
import { describe, expect, it } from 'vitest';
import { BASH_BOUNDS, BASH_LIMITS, createBash, bash as patient } from '../../lib/tools/bash.ts';
import { editFile } from '../../lib/tools/edit-file.ts';
import { glob } from '../../lib/tools/glob.ts';
import { createGrep, grep } from '../../lib/tools/grep.ts';
import { readFile } from '../../lib/tools/read-file.ts';
import { workspace } from '../../lib/tools/workspace.ts';
import { writeFile } from '../../lib/tools/write-file.ts';
import { bytes, call, paths, textIn, tree } from '../tools/kit.ts';

const MOST_CHARACTERS = 30_000;
const LIMITS = { ...BASH_LIMITS, runMs: 1_000 };
const BOUNDS = { ...BASH_BOUNDS, wallMs: 8_000, heapMb: 256, advice: 'Do less.' };
const bash = createBash(LIMITS, BOUNDS);

describe('a path', () => {
  const OUT = [
    '..',
    '../x',
    '/..',
    '/../etc/passwd',
    'a/../../x',
    '/workspace/../../etc/passwd',
    './../x',
    'a/./../../x',
  ];
  const FLAWED = [
    'a\0b',
    'a/\0/x',
    '/etc/passwd\0.md',
    'a\nb',
    'a\u001bc',
    '\ud800',
    `${'d/'.repeat(600)}f`,
    'n'.repeat(256),
  ];
  /** What was wrong with the path, as the tools say it; any other reason would mean that they never looked at it. */
  const REASON =
    /leaves the workspace|holds a control character|is not valid Unicode|is longer than 1024 bytes|has a name longer than 255 bytes/;
  const tools = {
    write_file: (path: string, files = tree()) => call(writeFile, { path, content: 'x' }, files),
    read_file: (path: string, files = tree()) => call(readFile, { path }, files),
    edit_file: (path: string, files = tree()) => call(editFile, { path, old_string: 'a', new_string: 'b' }, files),
    grep: (path: string, files = tree()) => call(grep, { pattern: 'x', path }, files),
  };

  it.each(Object.entries(tools))(
    'that leaves the tree or cannot be kept is refused by %s, in few words',
    async (_, tool) => {
      for (const path of [...OUT, ...FLAWED, `${'a'.repeat(1_000_000)}/../..`, '../'.repeat(100_000)]) {
        const files = tree({ '/kept': 'x' });
        const { content, isError } = await tool(path, files);
        expect([isError, content.length < 2_000], path.slice(0, 40)).toEqual([true, true]);
        expect(content, path.slice(0, 40)).toMatch(REASON);
        expect(content, path.slice(0, 40)).not.toContain('root:');
        expect(files.changes(), path.slice(0, 40)).toEqual([]);
      }
    },
  );

  it.each([
    '%2e%2e/x',
    '..%2fx',
    '．．/x',
    '..\u200b/x',
    '‥/x',
    '..\\..\\x',
    'C:\\x',
    '~/x',
    '$HOME/x',
    '`id`',
    '.../x',
    '∕etc∕passwd',
    'file:///etc/passwd',
    '__proto__',
    'constructor/prototype',
  ])('%j is nothing but a name within the tree', async (path) => {
    const files = tree();
    expect((await tools.write_file(path, files)).isError).toBe(false);
    expect(paths(files)).toHaveLength(1);
    expect(paths(files)[0]).toBe(`/${path.replace(/\/+/g, '/')}`);
    expect((await tools.read_file(path, files)).content).toContain('x');
  });

  it('that looks the same is another file: names are bytes, and none stands for two', async () => {
    const [composed, decomposed] = ['é.md'.normalize('NFC'), 'é.md'.normalize('NFD')];
    const files = tree();
    await call(writeFile, { path: composed, content: 'one' }, files);
    await call(writeFile, { path: decomposed, content: 'two' }, files);
    expect([textIn(files, `/${composed}`), textIn(files, `/${decomposed}`)]).toEqual(['one', 'two']);
    const { content } = await call(bash, { command: 'ls | wc -l; cat *' }, files);
    expect(content).toBe('2\nonetwo'.replace('onetwo', content.split('\n')[1]!));
    expect(content.split('\n')[1]).toMatch(/^(onetwo|twoone)$/);
    await call(writeFile, { path: 'A.md', content: 'upper' }, files);
    await call(writeFile, { path: 'a.md', content: 'lower' }, files);
    expect([textIn(files, '/A.md'), textIn(files, '/a.md')]).toEqual(['upper', 'lower']);
  });

  it('cannot reach out through a link, made in the same call or an earlier one', async () => {
    const files = tree({ '/a': 'inside' });
    const command =
      'ln -s / root; cat root/etc/passwd; ln -s /proc/self/environ env; cat env; ln -s ../../../etc up; ls up; echo x > root/outside; ln -s root/tmp t; echo y > t/z';
    const { content } = await call(bash, { command }, files);
    expect(content).not.toMatch(/root:.:0:0|PATH=/);
    expect(paths(files)).toEqual(['/a']);
    for (const path of ['root/etc/passwd', 'env', 'up'])
      expect((await tools.read_file(path, files)).isError).toBe(true);
  });
});

describe('sizes', () => {
  const WITHIN = { fileBytes: 1_000, treeBytes: 2_500, files: 4 };
  const refusal = (text: string) => expect.stringContaining(`Nothing was written: ${text}`);
  const small = () => workspace([{ path: '/a', content: bytes('x'.repeat(900)), mode: 0o644 }], WITHIN);

  it('of a file, a tree and their number are kept by every tool that writes', async () => {
    const files = small();
    const write = (path: string, length: number) => call(writeFile, { path, content: 'x'.repeat(length) }, files);
    const edit = (path: string, from: string, to: string) =>
      call(editFile, { path, old_string: from, new_string: to }, files);
    expect(await write('b', 1_001)).toMatchObject({ isError: true, content: refusal('b would have 1,001 bytes') });
    expect((await write('b', 1_000)).isError).toBe(false);
    expect(await write('c', 601)).toMatchObject({
      isError: true,
      content: refusal('the workspace would hold 2,501 bytes'),
    });
    expect(await edit('b', 'x'.repeat(1_000), 'y'.repeat(5_000))).toMatchObject({
      isError: true,
      content: refusal('b would have 5,000 bytes'),
    });
    for (const path of ['c', 'd']) expect((await write(path, 1)).isError).toBe(false);
    expect((await write('e', 0)).content).toContain('4 are allowed');
    const shell = await call(bash, { command: 'for i in 1 2 3 4 5 6; do echo > new$i; done' }, files);
    expect([shell.isError, paths(files)]).toEqual([true, ['/a', '/b', '/c', '/d']]);
    expect(shell.content).toContain('the workspace would hold 10 files, and 4 are allowed');
    expect(textIn(files, '/b')).toBe('x'.repeat(1_000));
  });

  it('of an edit that doubles a file each time end at the limit', async () => {
    const files = workspace([{ path: '/a', content: bytes('x'.repeat(100)), mode: 0o644 }], WITHIN);
    const double = { path: 'a', old_string: 'x', new_string: 'xx', replace_all: true };
    const lengths: number[] = [];
    for (let i = 0; i < 3; i++) {
      expect(await call(editFile, double, files)).toMatchObject({ isError: false });
      lengths.push(files.read('/a')!.length);
    }
    expect(lengths).toEqual([200, 400, 800]);
    expect(await call(editFile, double, files)).toMatchObject({
      isError: true,
      content: refusal('a would have 1,600 bytes'),
    });
    expect(files.read('/a')!.length).toBe(800);
  });

  it('of an edit are counted before the text is made', async () => {
    const files = tree({ '/a': 'x'.repeat(1_000_000) });
    const edit = { path: 'a', old_string: 'x', new_string: 'y'.repeat(1_000_000), replace_all: true };
    const { content, isError } = await call(editFile, edit, files);
    expect([isError, content]).toEqual([
      true,
      'Nothing was changed: a would have 1,000,000,000,000 characters, and a file may have 5,000,000 bytes.',
    ]);
    expect(files.changes()).toEqual([]);
  });
});

describe('a bomb in bash ends in an observation:', () => {
  const YAML = `a0: &a0 x\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`).join('\n')}\n`;
  const XML = `<!DOCTYPE x [<!ENTITY e0 "ha">${Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`).join('')}]><x>&e12;</x>`;
  const files = () =>
    tree({ '/bomb.yaml': YAML, '/bomb.xml': XML, '/deep.json': `${'['.repeat(200_000)}${']'.repeat(200_000)}` });

  it.each([
    [
      'gzip',
      'head -c 50000000 /dev/zero | gzip > z; for i in 1 2 3 4 5 6; do cat z z z z z z z z > y; mv y z; done; gunzip -c < z | wc -c',
    ],
    [
      'tar',
      'mkdir d; for i in $(seq 1 1500); do echo $i > d/$i; done; for j in 1 2 3 4; do tar -czf d/all$j.tgz d; tar -xzf d/all$j.tgz -C d; done',
    ],
    ['a file without end', 'while :; do echo more; done > f'],
    ['a device without end', 'cat /dev/zero /dev/urandom | wc -c'],
    ['doubled files', 'echo x > a; for i in $(seq 1 40); do cat a a > b; mv b a; done'],
    ['a fork bomb with a name', 'bomb() { bomb | bomb & }; bomb'],
    ['a fork bomb of files', "echo 'sh ./f & sh ./f' > f; sh ./f"],
    ['jobs in the background', 'for i in $(seq 1 100000); do (while :; do :; done) & done; wait'],
    ['xargs', 'seq 1 100000 | xargs -P 1000 -n 1 sh -c "while :; do :; done"'],
    ['find -exec', 'mkdir -p $(seq -s / 1 200); while :; do find . -exec find . \\; ; done'],
    ['jq', `jq -n '[range(1000000000)] | length'`],
    ['jq without end', `jq -n 'def f: f; f'`],
    ['jq that repeats', `jq -n '"x" * 1000000000 | length'`],
    ['awk that doubles', `awk 'BEGIN { a = "x"; while (1) a = a a }'`],
    ['awk with an array', `awk 'BEGIN { for (i = 0; ; i++) a[i] = i }'`],
    ['sed without end', `echo x | sed ':a; s/x/xx/; ta'`],
    [
      'a regular expression',
      `[[ ${'a'.repeat(40)} =~ ^(a+)+b$ ]]; echo ${'a'.repeat(40)}b | grep -E '^(a|a)*c$'; echo ${'a'.repeat(40)} | sed -E 's/^(a+)+$/b/; s/(a*)*c/d/'`,
    ],
    [
      'SQL without end',
      `sqlite3 :memory: 'with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c'`,
    ],
    ['SQL with a blob', `sqlite3 :memory: 'select length(zeroblob(2000000000)), length(hex(randomblob(900000000)))'`],
    [
      'SQL that attaches',
      `sqlite3 :memory: "attach '/etc/passwd' as p; select * from p.sqlite_master"; sqlite3 /etc/passwd .tables`,
    ],
    ['YAML that refers', 'yq . bomb.yaml | wc -c; yq -o json . bomb.yaml | wc -c'],
    ['XML that refers', 'yq -p xml . bomb.xml | wc -c'],
    ['JSON that is deep', 'jq . deep.json | wc -c'],
    ['numbers', 'echo $((2**10000)); echo $((9**9**9)); seq 1 1e12 | tail -1; printf "%.999999999f" 1 | wc -c'],
    ['an array', 'a=(); for ((i = 0; ; i++)); do a[i]=$i; done'],
    ['an index', 'a[2147483647]=x; a[999999999999]=y; echo $a; declare -p a'],
    [
      'names that are special',
      'declare -A a; a[__proto__]=x; a[constructor]=y; __proto__=1; constructor=2; toString() { echo pwned; }; toString; echo $a; for ((;;)); do :; done',
    ],
    ['sorting', 'seq 1 100000 | sort -r | sort | sort -n | uniq | tail -1; while :; do seq 1 100000 | sort; done'],
    ['diff', 'seq 1 50000 > a; seq 50000 -1 1 > b; diff a b | wc -l; while :; do diff a b; done'],
    ['a variable that doubles', 'a=x; while :; do a="$a$a"; done'],
    ['eval', 'a=\'eval "$a"\'; eval "$a"'],
    ['source', 'echo ". ./s" > s; . ./s'],
    ['a here-document', 'cat <<EOF\n$(while :; do echo x; done)\nEOF'],
  ])(
    '%s',
    async (_, command) => {
      const given = files();
      const started = performance.now();
      const { content } = await call(bash, { command }, given);
      expect(performance.now() - started).toBeLessThan(BOUNDS.wallMs + 25_000);
      expect(content.length).toBeLessThanOrEqual(MOST_CHARACTERS);
      expect(content).not.toMatch(/root:.:0:0/);
      // It went off: a word that our bash does not know would be none.
      expect(content).not.toMatch(/command not found|do not fit/);
      expect(given.read('/bomb.yaml')).not.toBeNull();
      // The process is alive, and the next call works.
      expect((await call(patient, { command: 'echo on' }, given)).content).toBe('on');
    },
    120_000,
  );
});

describe('a pattern', () => {
  const ASAP = { wallMs: 800, heapMb: 64, processMb: 300, advice: 'Simplify.' };

  it.each(['(a+)+$', '(a|aa)*b', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)*x', '([a!]+)+#', '(a{1,1000}){1,1000}b'])(
    '%j that goes back for ever ends in an observation',
    async (pattern) => {
      const files = tree({ '/a': `${'a'.repeat(60)}!\n`.repeat(50) });
      const { content } = await call(createGrep(ASAP), { pattern }, files);
      expect(content).toBe('It was ended after 0.8 s. Simplify.');
    },
  );

  it('of names does not climb', async () => {
    for (const pattern of ['../**', '/etc/*', '**/../../*', '{..,.}/*', '/workspace/../../**']) {
      expect((await call(glob, { pattern }, tree({ '/a': '' }))).content).not.toMatch(/passwd|hostname/);
    }
  });

  it('of names that explodes ends in an observation', async () => {
    for (const pattern of [
      '{a,b}'.repeat(24),
      '*'.repeat(500),
      '**/'.repeat(166),
      '+(a|aa)'.repeat(30),
      '['.repeat(500),
    ]) {
      const { content } = await call(glob, { pattern }, tree({ [`/${'a'.repeat(100)}`]: '', '/b/c/d': '' }));
      expect(content).not.toContain('do not fit');
      expect(content.length).toBeLessThan(MOST_CHARACTERS);
    }
  }, 120_000);
});
