/** git in the sandbox, against a real server: what is cloned, changed, committed and pushed; and what no command can get or repeat. */
import { Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { guardedHttp } from '../../lib/adapters/http.ts';
import { redactor } from '../../lib/observe/redact.ts';
import type { Http, Workspace } from '../../lib/ports/index.ts';
import { bash } from '../../lib/tools/bash.ts';
import { gitTools } from '../../lib/tools/git.ts';
import { gitWeb } from '../../lib/tools/git-web.ts';
import { glob } from '../../lib/tools/glob.ts';
import { workspace } from '../../lib/tools/workspace.ts';
import type { GitRule, WebAccess } from '../../lib/web/access.ts';
import { gitServer, TOKEN } from '../kit/git-server.ts';
import { bytes, context, paths, textIn, tree } from './kit.ts';

const RULE: GitRule = { host: '127.0.0.1/r', push: true, secret: 'TOKEN' };

function using(rules: GitRule[] = [RULE], token = TOKEN) {
  const [git, push] = gitTools({
    ...{ http: guardedHttp({ loopback: true }), redact: redactor([TOKEN, token]), secret: () => token },
    credentials: [{ secret: 'TOKEN', hosts: ['127.0.0.1'] }],
  });
  const access: WebAccess = { allow: null, deny: [], git: rules };
  const around = (files: Workspace) => ({ ...context(files), web: { access, knows: async () => false } });
  return {
    git: (files: Workspace, input: object) => git!.call({ dir: 'site', ...input }, around(files)),
    push: (files: Workspace, input: object = {}) => push!.call({ dir: 'site', ...input }, around(files)),
  };
}

/** As the next iteration finds it. */
const saved = (files: Workspace): Workspace =>
  workspace(files.list().map(({ path, mode }) => ({ path, mode, content: files.read(path)! })));

const FILES = {
  'README.md': 'Hello.\n',
  'src/a.txt': 'one\ntwo\nthree\n',
  'run.sh': '#!/bin/sh\n',
  '.gitignore': 'out/\n',
};
/** Links, and a repository within the repository. */
const PREPARE = `chmod +x run.sh; ln -s README.md link; ln -s /etc outside; mkdir sub
git update-index --add --cacheinfo 160000,4b825dc642cb6eb9a060e54bf8d69288fbee4904,sub`;

function written(): () => string {
  const pieces: Buffer[] = [];
  const write = Socket.prototype.write;
  const spy = vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args: unknown[]) {
    if (this.remoteAddress === undefined && args[0] instanceof Uint8Array) pieces.push(Buffer.from(args[0]));
    return (write as (...all: unknown[]) => boolean).apply(this, args);
  });
  onTestFinished(() => spy.mockRestore());
  return () => Buffer.concat(pieces).toString('latin1');
}

/** Each command is a process of its own. */
describe('git', () => {
  it('clones, shows, commits and pushes what the workspace has, and the server is sound', async () => {
    const { url, shell, asked } = await gitServer(FILES, PREPARE);
    const seen = written();
    const { git, push } = using();
    let files = tree({ '/kept.txt': 'x' });
    const cloned = await git(files, { action: 'clone', url });
    expect(cloned.content).toMatch(
      /^Cloned branch main at [0-9a-f]{40}, its newest commit alone: 7 files\.\nLinks are not shown .*: link, outside\.$/,
    );
    expect(paths(files).filter((path) => !path.startsWith('/.git-state/'))).toEqual([
      ...['/kept.txt', '/site/.gitignore', '/site/README.md', '/site/run.sh', '/site/src/a.txt'],
    ]);
    expect(files.list().find(({ path }) => path === '/site/run.sh')?.mode).toBe(0o755);

    files = saved(files);
    expect((await git(files, { action: 'status' })).content).toMatch(
      /^On branch main at \S{40}\.\nNothing has changed since\.$/,
    );
    files.write('/site/src/a.txt', bytes('one\n2\nthree\n'));
    files.write('/site/new/b.txt', bytes('new\n'));
    files.write('/site/out/c.txt', bytes('ignored\n'));
    files.remove('/site/run.sh');
    files = saved(files);
    const { content: status } = await git(files, { action: 'status' });
    expect(status.split('\n').slice(1).sort()).toEqual(['added: new/b.txt', 'deleted: run.sh', 'modified: src/a.txt']);
    expect((await git(files, { action: 'diff', path: 'src' })).content).toBe(
      '--- a/src/a.txt\n+++ b/src/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n',
    );
    const committed = await git(files, { action: 'commit', message: 'By an agent' });
    expect(committed.content).toMatch(/^Committed 3 files as \S{40} on branch main\. It is not pushed\.$/);
    const early = await push(files);
    expect([early.isError, early.content]).toEqual([
      true,
      'Not pushed: the commit is not saved yet. Push it in your next reply.',
    ]);

    files = saved(files);
    const [, oid] = /as (\S{40})/.exec(committed.content)!;
    expect((await push(files)).content).toBe(`Pushed ${oid} to branch main.`);
    expect(
      shell(
        'git -C r.git fsck 2>&1; git -C r.git log --format=%s%n%an main | head -2; git -C r.git ls-tree -r --name-only main',
      ),
    ).toBe('By an agent\nCircadian agent\n.gitignore\nREADME.md\nlink\nnew/b.txt\noutside\nsrc/a.txt\nsub');
    expect(shell('git -C r.git ls-tree main link outside | cut -c1-6')).toBe('120000\n120000');
    // What an attempt before did, whose outcome is not known here.
    expect((await push(saved(files))).content).toBe(
      `Branch main on the server holds ${oid} already, so nothing was pushed.`,
    );
    expect(asked.filter((one) => one === 'POST /git-receive-pack')).toHaveLength(1);
    expect((await git(files, { action: 'log' })).content).toMatch(/Circadian agent: By an agent\n.* Ada: The second$/);
    expect(seen()).not.toContain(TOKEN);
    expect(seen()).not.toContain(Buffer.from(`x-access-token:${TOKEN}`).toString('base64'));
  });

  it('does not push over what others pushed, and says what to do; a branch of its own it pushes', async () => {
    const { url, shell, around } = await gitServer(FILES);
    const { git, push } = using();
    let files = tree();
    await git(files, { action: 'clone', url });
    files.write('/site/README.md', bytes('Mine.\n'));
    await git(files, { action: 'commit', message: 'Mine' });
    files = saved(files);
    const others = "cd work; echo theirs > t.txt; git add .; git commit -qm 'Theirs'; git push -q origin main";
    shell(others);
    const outrun = await push(files);
    expect([outrun.isError, outrun.content]).toEqual([
      true,
      expect.stringMatching(/^Not pushed: the branch on the server has commits that are not here\. Clone it/),
    ]);
    expect(shell('git -C r.git log -1 --format=%s main')).toBe('Theirs');
    expect((await push(files, { branch: 'agent/mine' })).content).toMatch(/^Pushed \S{40} to branch agent\/mine\.$/);
    expect(shell('git -C r.git log -1 --format=%s agent/mine; git -C r.git fsck')).toBe('Mine');
    // Between the look and the push.
    shell('git -C r.git update-ref refs/heads/late main~1');
    around.before = (path) => {
      if (path.endsWith('/git-receive-pack')) shell('git -C r.git update-ref refs/heads/late main');
    };
    const late = await push(saved(files), { branch: 'late' });
    expect([late.isError, shell('git -C r.git log -1 --format=%s late')]).toEqual([true, 'Theirs']);
  });

  it('makes branches and goes to them, and loses no change on the way', async () => {
    const { url } = await gitServer(FILES);
    const { git } = using();
    let files = tree();
    await git(files, { action: 'clone', url });
    files.write('/site/README.md', bytes('Mine.\n'));
    expect((await git(files, { action: 'branch', branch: 'mine' })).content).toBe(
      'On the new branch mine. Your changes are still there.',
    );
    expect((await git(files, { action: 'checkout', branch: 'main' })).content).toContain(
      'README.md among them. Commit them first.',
    );
    await git(files, { action: 'commit', message: 'Mine' });
    files = saved(files);
    expect((await git(files, { action: 'checkout', branch: 'main' })).content).toMatch(/^On branch main at /);
    expect(textIn(files, '/site/README.md')).toBe('Hello.\nmore\n');
    expect((await git(files, { action: 'checkout', branch: 'none' })).content).toContain('there are main, mine.');
  });

  it('is refused by a server for a wrong token, and by the session for a repository or a push that no rule names', async () => {
    const { url, asked } = await gitServer(FILES);
    const wrong = await using([RULE], 'wrong-token-0123456789').git(tree(), { action: 'clone', url });
    expect([wrong.isError, wrong.content]).toEqual([
      true,
      expect.stringMatching(/^The server refused the credential \(401\)/),
    ]);
    for (const rules of [[], [{ ...RULE, host: '127.0.0.1/other' }]])
      expect((await using(rules).git(tree(), { action: 'clone', url })).content).toContain('this session may not take');
    expect(asked).toEqual([]);
    const files = tree();
    const { git, push } = using([{ ...RULE, push: false }]);
    await git(files, { action: 'clone', url });
    expect((await push(saved(files))).content).toContain('this session may not push to');
    expect(asked.filter((one) => one.includes('receive-pack'))).toEqual([]);
  });

  it('takes no repository with unsafe paths, and changes nothing where it fails', async () => {
    const { url, shell } = await gitServer(FILES);
    shell(`cd r.git; blob=$(echo evil | git hash-object -w --stdin)
inner=$(printf '100644 blob %s\\tconfig\\n' $blob | git mktree); tree=$(printf '040000 tree %s\\t.git\\n' $inner | git mktree)
git update-ref refs/heads/main $(git commit-tree -m evil $tree)`);
    const files = tree({ '/kept.txt': 'x' });
    const { git } = using();
    const refused = await git(files, { action: 'clone', url });
    expect([refused.isError, refused.content]).toEqual([
      true,
      'The repository holds a path that is not safe, so nothing of it was taken.',
    ]);
    expect(paths(files)).toEqual(['/kept.txt']);
    for (const input of [
      { action: 'status' },
      { action: 'clone' },
      { action: 'clone', url, dir: '..' },
      { action: 'clone', url, dir: '.git' },
    ])
      expect([input, (await git(files, input)).isError]).toEqual([input, true]);
    files.write('/.git-state/site/state', bytes('nonsense'));
    const broken = await git(files, { action: 'status' });
    expect(broken.content).toContain('cannot be read. Clone it again into another folder.');
  });

  it('keeps what is its own from scripts, and takes away what is left of a repository whose folder is gone', async () => {
    const { url } = await gitServer(FILES);
    const files = tree({ '/kept.txt': 'x', '/.git-state/site/state': 'old', '/.git-state/gone/pack-0': 'old' });
    const script = 'ls -A; mkdir -p .git-state/site; echo x > .git-state/site/state; echo y > z';
    expect((await bash.call({ command: script }, context(files))).content).toBe('kept.txt');
    expect((await glob.call({ pattern: '{*,.*/**}' }, context(files))).content).toBe('kept.txt (1)\nz (2)');
    expect([textIn(files, '/.git-state/site/state'), textIn(files, '/z')]).toEqual(['old', 'y\n']);
    expect((await using().git(files, { action: 'clone', url })).content).toMatch(/^Cloned branch main/);
    expect(paths(files).filter((path) => path.startsWith('/.git-state/'))).toEqual([
      ...['/.git-state/site/pack-0', '/.git-state/site/state'],
    ]);
    expect(textIn(files, '/.git-state/site/state')).not.toBe('old');
  });

  it('asks nothing but its two services of repositories that rules name, at each redirect, and signs in to no other', async () => {
    const rules = [
      { host: 'a.test/me', push: true, secret: 'TOKEN' },
      { host: 'b.test', push: false, secret: null },
    ];
    const access: WebAccess = { allow: null, deny: ['b.test/private'], git: [...rules, { ...RULE, host: 'c.test' }] };
    const sent: Record<string, string>[] = [];
    const asking = async (url: string, { to = url, method = 'GET', mayPush = false } = {}) => {
      const http: Http = async (address, { judge } = {}) => {
        for (const one of new Set([address, to])) sent.push(judge!(one, method as 'GET'));
        return {
          status: 200,
          url: to,
          headers: {},
          body: bytes(`ok ${TOKEN}`),
          cut: false,
          text: () => '',
          json: () => null,
        };
      };
      const credentials = [{ secret: 'TOKEN', hosts: ['a.test'], user: 'robot' }];
      const reach = { http, redact: redactor([TOKEN]), secret: () => TOKEN, credentials };
      const web = gitWeb(reach, { web: { access, knows: async () => false } }, mayPush);
      const asked = { url, method, headers: {}, body: null, redirects: 5, timeoutMs: null };
      const answer = await web(asked, new AbortController().signal);
      return 'refused' in answer ? answer.refused : Buffer.from(answer.body).toString();
    };
    const refs = (at: string, kind = 'upload') => `https://${at}/info/refs?service=git-${kind}-pack`;
    expect(await asking(refs('a.test/me/x.git'), { to: refs('b.test/x') })).toBe('ok [redacted]');
    expect(sent).toEqual([{ authorization: `Basic ${Buffer.from(`robot:${TOKEN}`).toString('base64')}` }, {}]);
    expect(await asking('https://a.test/me/git-receive-pack', { method: 'POST', mayPush: true })).toBe('ok [redacted]');
    for (const [url, more] of [
      [refs('a.test/you/x')],
      [refs('a.test/me/x'), { to: refs('evil.test/x') }],
      [refs('a.test/me/x'), { to: 'https://a.test/me/x/settings' }],
      [refs('b.test/private/x.git')],
      [refs('a.test/me/x', 'receive')],
      [refs('b.test/x', 'receive'), { mayPush: true }],
      [refs('c.test/x')],
      ['https://a.test/me/x/git-upload-pack'],
      [refs('a.test/me/x'), { method: 'POST' }],
      [refs('a.test/me/x'), { method: 'DELETE' }],
    ] as [string, object?][])
      expect([url, more, await asking(url, more)]).toEqual([
        url,
        more,
        expect.stringMatching(/was not asked: |cannot ask/),
      ]);
  });

  it('is offered to sessions whose rules name repositories, and pushing to those that may', () => {
    const tools = gitTools({
      http: async () => Promise.reject(),
      redact: (text) => text,
      secret: () => '',
      credentials: [],
    });
    const offered = (git?: GitRule[]) =>
      tools.map(({ offer }) => offer!({ allow: null, deny: [], ...(git && { git }) }) !== null);
    expect([offered(), offered([]), offered([{ ...RULE, push: false }]), offered([RULE])]).toEqual([
      ...[
        [false, false],
        [false, false],
        [true, false],
        [true, true],
      ],
    ]);
  });
});
