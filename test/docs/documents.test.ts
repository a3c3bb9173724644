/** The documents: short where they must be, and true where a program can tell. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  anchorsOf,
  elsewhereFaults,
  figureFaults,
  linkFaults,
  pathFaults,
  pictureFaults,
  proofFaults,
  scriptFaults,
  type Texts,
  tagFaults,
  words,
} from '../kit/documents.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MOST_WORDS = 1_300;
const INVARIANTS = 'docs/invariants.md';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const exists = (path: string): boolean => existsSync(join(root, path));

const under = (folder: string, pattern: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
const texts = (paths: string[]): Texts => Object.fromEntries(paths.map((path) => [path, read(path)]));

const documents = texts([
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...under('docs', /\.md$/),
]);
const sources = texts([
  ...['cli', 'client', 'functions', 'lib', 'schema', 'test'].flatMap((folder) => under(folder, /\.(ts|sql)$/)),
  'sst.config.ts',
]);
const { scripts } = JSON.parse(read('package.json'));
/** Of a project that npm creates. */
const { scripts: created } = JSON.parse(read('package/template/package.json'));

describe('the documents', () => {
  it('begin with a README that is read in five minutes', () => {
    expect(words(read('README.md'))).toBeLessThanOrEqual(MOST_WORDS);
  });

  it('link to files and headings that are there', () => {
    expect(linkFaults(documents, exists)).toEqual([]);
  });

  it('name paths that are there', () => {
    expect(pathFaults(documents, exists)).toEqual([]);
  });

  it('define every rule and guarantee that the code refers to', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(500);
    // In what is packed, any letters may stand beside each other.
    const others = Object.entries(sources).filter(
      ([file]) => file !== 'test/docs/documents.test.ts' && !/-assets\.ts$/.test(file),
    );
    expect(tagFaults(Object.fromEntries(others), read(INVARIANTS))).toEqual([]);
  });

  it('name a test for each rule and guarantee', () => {
    expect(proofFaults(read(INVARIANTS), exists)).toEqual([]);
    expect([...anchorsOf(read(INVARIANTS))]).toEqual(expect.arrayContaining(['g1', 'g12', 'r1', 'r15']));
  });

  it('name commands that there are', () => {
    const { 'docs/install.md': install, ...others } = documents;
    expect(scriptFaults(others, Object.keys(scripts))).toEqual([]);
    expect(scriptFaults({ 'docs/install.md': install! }, Object.keys({ ...scripts, ...created }))).toEqual([]);
  });

  it('claim only figures that were measured', () => {
    expect(figureFaults(read('README.md'), 'What is proven', read('docs/evidence.md'))).toEqual([]);
    expect(figureFaults(read('README.md'), 'Deploy', read('docs/operations.md'))).toEqual([]);
  });

  it('show a session as `npm start` prints it', () => {
    const picture = read('README.md')
      .split(/^## /m)
      .find((part) => part.startsWith('Quick start'))!;
    expect(picture).toContain('sleeping until');
    expect(pictureFaults(picture, /^ {2}(sleeping|\(|\d+ files)/, read('lib/local/sample.ts'))).toEqual([]);
  });

  it('are all that the code refers to', () => {
    expect(elsewhereFaults({ ...sources, ...documents })).toEqual([]);
  });
});

describe('the rules', () => {
  const never = () => false;
  const always = () => true;

  it('count words as wc does', () => {
    expect(words(' one  two\n\n- three ')).toBe(4);
  });

  it('know the anchors of headings, also of equal ones, and of none in code', () => {
    const text = '# A `word`, and: *two*\n## Same\n## Same\n```\n# no\n```\n### R7\n## [Linked](x.md) (here)';
    expect([...anchorsOf(text)]).toEqual(['a-word-and-two', 'same', 'same-1', 'r7', 'linked-here']);
  });

  it('find links that lead nowhere', () => {
    const planted = {
      'docs/a.md': '[x](../no.md) [y](b.md#gone) [z](#here) [w](https://x.example)\n# Here',
      'docs/b.md': '# B',
    };
    expect(linkFaults(planted, (path) => path === 'docs/b.md')).toEqual([
      'docs/a.md links to ../no.md, which is not there',
      'docs/a.md links to b.md#gone: no such heading',
    ]);
    expect(linkFaults({ 'a.md': '```\n[x](no.md)\n```\n' }, never)).toEqual([]);
  });

  it('find paths that are not there', () => {
    expect(pathFaults({ 'a.md': 'see `lib/no.ts` and `lib/`, not `x/y`' }, (path) => path === 'lib')).toEqual([
      'a.md names lib/no.ts, which is not there',
    ]);
  });

  it('find tags that nothing defines', () => {
    expect(tagFaults({ 'a.ts': '(R1, G13, R16)' }, '### R1\n')).toEqual([
      'a.ts refers to G13: no such rule',
      'a.ts refers to R16: no such rule',
    ]);
  });

  it('find rules without a test', () => {
    expect(proofFaults('### R1\n\nWords.\n\n### R2\n\nProof: [x](../test/no.ts), [y](../lib/x.ts)\n', always)).toEqual([
      'R1 names no test',
      'R2 names lib/x.ts, which is no test here',
    ]);
    expect(proofFaults('### R2\n\nProof: [x](../test/no.ts)\n', never)).toEqual([
      'R2 names test/no.ts, which is no test here',
    ]);
  });

  it('find commands that there are not', () => {
    expect(
      scriptFaults({ 'a.md': '`npm run load`, `npm run\nlaod`, `npm run bench:cold`' }, ['load', 'bench:cold']),
    ).toEqual(['a.md names npm run\nlaod: no such script']);
  });

  it('find figures without evidence', () => {
    const text = '## A\n9.9\n## B\n$1,000.5, 26 ms, 1,117 and 3 %\n## C\n7.7\n';
    expect(figureFaults(text, 'B', 'it was $1,000.5 then')).toEqual([
      'B: 1,117 stands nowhere in the evidence',
      'B: 3 % stands nowhere in the evidence',
    ]);
  });

  it('find what nothing prints', () => {
    const picture = '```\n  asleep till 2026-11-29T00:00:00Z: no money (iteration 3)\n  other line\n```\n';
    expect(pictureFaults(picture, /asleep/, 'asleep till …: no cash (iteration')).toEqual([
      'nothing prints "no money"',
    ]);
  });

  it('find references to what is elsewhere', () => {
    expect(elsewhereFaults({ 'a.ts': `see DES${'IGN'} 4.2`, 'b.ts': 'designed' })).toEqual([
      'a.ts refers to a document that is not here',
    ]);
  });
});
