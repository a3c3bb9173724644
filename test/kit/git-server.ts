/** A real git server on loopback: `git http-backend` behind a small bridge, for one repository that asks for a token. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export const TOKEN = 'git-token-0123456789abcdef';
const BASIC = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`;
const WHO = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@a.test',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@a.test',
};

/** `shell`: runs a script beside the repository, whose working copy is `work`. `asked`: method and path of each request that was let in. */
export async function gitServer(files: Record<string, string | Buffer>, prepare = '') {
  const root = mkdtempSync(join(tmpdir(), 'git-server-'));
  const env = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1', ...WHO };
  const shell = (script: string): string =>
    execFileSync('/bin/sh', ['-ec', script], { cwd: root, env, stdio: 'pipe' }).toString().trim();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'work', path)), { recursive: true });
    writeFileSync(join(root, 'work', path), content);
  }
  shell(`cd work; git init -q -b main; ${prepare}
git add .; git commit -qm 'The first'; echo more >> README.md; git commit -qam 'The second'; cd ..
git clone -q --bare work r.git; git -C r.git config http.receivepack true; git -C work remote add origin "$PWD/r.git"; git -C work fetch -q`);

  const asked: string[] = [];
  const around: { before?: (path: string) => void } = {};
  const server = createServer((request, response) => {
    if (request.headers.authorization !== BASIC)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('Who are you?');
    asked.push(`${request.method} ${request.url!.replace(/^\/r\.git/, '')}`);
    around.before?.(request.url!);
    backend(request, response, { ...env, GIT_PROJECT_ROOT: root });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(root, { recursive: true, force: true });
  });
  return { shell, asked, around, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/r.git` };
}

/** Source: https://git-scm.com/docs/git-http-backend */
function backend(request: IncomingMessage, response: ServerResponse, env: NodeJS.ProcessEnv): void {
  const { pathname, search } = new URL(request.url!, 'http://x');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...{ ...env, GIT_HTTP_EXPORT_ALL: '1', REMOTE_USER: 'agent', REMOTE_ADDR: '127.0.0.1' },
      ...{ REQUEST_METHOD: request.method, PATH_INFO: pathname, QUERY_STRING: search.slice(1) },
      CONTENT_TYPE: request.headers['content-type'] ?? '',
    },
  });
  request.pipe(child.stdin);
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.on('close', () => {
    const all = Buffer.concat(pieces);
    const end = all.indexOf('\r\n\r\n');
    const fields = all
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map((line) => line.split(/: (.*)/s) as [string, string]);
    const status = fields.find(([name]) => name === 'Status');
    const headers = Object.fromEntries(
      fields.filter(([name]) => name !== 'Status').map(([name, value]) => [name, value]),
    );
    response.writeHead(status ? Number.parseInt(status[1], 10) : 200, headers).end(all.subarray(end + 4));
  });
}
