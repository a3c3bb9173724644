/** The shell's way to the web: what the session's rules let through, what no script, redirect or answer can get, and what happens at most once. */
import { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { redactor } from '../../lib/observe/redact.ts';
import type { Http } from '../../lib/ports/index.ts';
import { BASH_BOUNDS, BASH_LIMITS, bash, createBash } from '../../lib/tools/bash.ts';
import { processes } from '../../lib/tools/processes.ts';
import { SHELL_WEB } from '../../lib/tools/shell-web.ts';
import type { ShellRule, WebAccess } from '../../lib/web/access.ts';
import { type Site, sites, to } from '../web/sites.ts';
import { context, textIn, tree } from './kit.ts';

const TOKEN = 'tok-0123456789abcdef';
const CREDENTIALS = [
  { secret: 'TOKEN', hosts: ['api.test'] },
  { secret: 'KEY', hosts: ['api.test/v2'], header: 'X-Api-Key: key {secret}' },
];

const rule = (host: string, more: Partial<ShellRule> = {}): ShellRule => ({
  ...{ host, methods: ['GET', 'HEAD'], secret: null },
  ...more,
});

type Given = { shell?: ShellRule[]; deny?: string[]; once?: () => Promise<boolean> };

const shell = (http: Http) => {
  const facilities = {
    ...{ http, redact: redactor([TOKEN]), credentials: CREDENTIALS },
    secret: () => TOKEN,
  };
  const tool = createBash(BASH_LIMITS, BASH_BOUNDS, processes, facilities);
  return async (command: string, { shell: rules, deny = [], once = async () => true }: Given, files = tree()) => {
    const access: WebAccess = { allow: null, deny, ...(rules && { shell: rules }) };
    const around = { ...context(files), web: { access, knows: async () => false }, once };
    return { ...(await tool.call({ command }, around)), files };
  };
};

/** Answers with what it was asked. */
const echo: Site = (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text) => {
    body += text;
  });
  const { authorization = '-', 'x-api-key': key = '-' } = request.headers;
  request.on('end', () =>
    response.writeHead(200, { 'x-said': authorization }).end(`${request.method} ${authorization} ${key} ${body}\n`),
  );
};

/** All that goes to processes of this one, by their pipes. */
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

describe('the shell', () => {
  it('has no curl and the usual description where the session has no rule for it', async () => {
    const { http, asked } = await sites({ 'api.test': echo });
    const run = shell(http);
    const { content } = await run('curl -s https://api.test/; echo "$?"', {});
    expect(content).toBe('127\n[stderr]\ncurl: not available in this shell');
    expect(asked).toEqual([]);
    const offered = createBash().offer!;
    expect(offered(null)).toBe(bash.description);
    expect(offered({ allow: ['a.test'], deny: [] })).toBe(bash.description);
    const told = offered({
      allow: null,
      deny: [],
      shell: [rule('api.test', { methods: ['GET', 'POST'], secret: 'T' })],
    });
    expect(told).toContain('api.test (GET, POST; signed in)');
    expect(told).not.toContain('Not there: network');
  });

  it('asks what its rules name, by curl and JavaScript, and writes files of it', async () => {
    const { http, asked } = await sites({ 'api.test': echo });
    const { content, files } = await shell(http)(
      [
        'curl -s https://api.test/a -o a.txt; cat a.txt',
        `js-exec -c 'fetch("https://api.test/b").then(r => r.text()).then(t => console.log(t))'`,
        'curl -s -X POST -d x=1 https://sub.api.test/d || echo "no $?"',
      ].join('\n'),
      { shell: [rule('api.test')] },
    );
    expect(content.match(/GET - - /g)).toHaveLength(2);
    expect(content).toContain('no 3');
    expect(content).toContain('[network] HTTP method POST is not allowed at sub.api.test in this session');
    expect(textIn(files, '/a.txt')).toBe('GET - - \n');
    expect(asked).toEqual(['api.test/a', 'api.test/b']);
  });

  it('gets no host, address or path beside its rules, nor what is denied', async () => {
    const { http, asked } = await sites({ 'api.test': echo, 'evil.test': echo });
    const { content } = await shell(http)(
      [
        ...['https://evil.test/?of=work', 'https://api.test/private/x', 'https://api.test/%2e%2e%2fprivate'],
        ...[
          'http://169.254.169.254/latest',
          'https://user:pw@api.test/v1/x',
          'https://api.test:8443/v1/x',
          'file:///x',
        ],
      ]
        .map((url) => `curl -s '${url}' || echo "no"`)
        .join('\n'),
      { shell: [rule('api.test/v1'), rule('169.254.169.254'), rule('api.test/private')], deny: ['api.test/private'] },
    );
    expect(content.match(/^no$/gm)).toHaveLength(7);
    expect(asked).toEqual([]);
  });

  it('is judged anew at each redirect: host, method, credential', async () => {
    const leading: Record<string, Site> = {
      ...{ '/out': to('https://evil.test/x'), '/in': to('https://10.0.0.1/') },
      '/on': to('https://b.test/y'),
    };
    const { http, asked } = await sites({
      'api.test': (request, response) => (leading[request.url!] ?? echo)(request, response),
      'b.test': echo,
      'evil.test': echo,
    });
    const { content } = await shell(http)(
      'for path in out in on; do curl -s https://api.test/$path || echo "no"; done',
      { shell: [rule('api.test', { secret: 'TOKEN' }), rule('b.test'), rule('10.0.0.1')] },
    );
    expect(asked).toEqual(['api.test/out', 'api.test/in', 'api.test/on', 'b.test/y']);
    expect(content).toMatch(/^no\nno\nGET - - /);
    expect(content).toContain("Network access denied: this session's shell may not ask evil.test for that");
    expect(content).toContain('must name a public host');
  });
});

describe('a credential', () => {
  it('is put in on the way, over whatever the script sends, and is in nothing that the process is sent', async () => {
    const { http } = await sites({ 'api.test': echo });
    const seen = written();
    const { content, isError, files } = await shell(http)(
      [
        `curl -si -H 'Authorization: mine' -H 'Range: bytes=5-9' -d x https://api.test/a | tee a.txt`,
        'curl -s https://api.test/v2/b | tee b.txt',
        'env',
      ].join('\n'),
      { shell: [rule('api.test/v2', { secret: 'KEY' }), rule('api.test', { methods: ['POST'], secret: 'TOKEN' })] },
    );
    expect([isError, content]).toEqual([false, expect.stringContaining('POST Bearer [redacted] - x')]);
    expect(content).toContain('GET - key [redacted]');
    expect(textIn(files, '/a.txt')).toContain('x-said: Bearer [redacted]');
    expect(seen()).toContain('curl -s https://api.test/v2/b');
    expect(seen()).not.toContain(TOKEN);
  });

  it('is found in what a host packs, and in base64', async () => {
    const { http } = await sites({
      'api.test': (request, response) => {
        const body = `${request.headers.authorization} ${Buffer.from(`x-token:${TOKEN}`).toString('base64')}`;
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body));
      },
    });
    const seen = written();
    const { content } = await shell(http)('curl -s https://api.test/', {
      shell: [rule('api.test', { secret: 'TOKEN' })],
    });
    expect(content).toMatch(/^Bearer \[redacted\] \S*\[redacted\]/);
    expect(seen()).not.toContain(TOKEN);
  });

  it('that is for another host or path, or that there is not, is a sentence, and nothing is asked', async () => {
    const { http, asked } = await sites({ 'api.test': echo, 'evil.test': echo, 'sub.api.test': echo });
    const { content } = await shell(http)(
      'for at in evil.test sub.api.test api.test/v1 api.test/none; do curl -sS https://$at; done',
      {
        shell: [
          ...[rule('evil.test', { secret: 'TOKEN' }), rule('sub.api.test', { secret: 'TOKEN' })],
          ...[rule('api.test/v1', { secret: 'KEY' }), rule('api.test/none', { secret: 'NONE' })],
        ],
      },
    );
    expect(asked).toEqual([]);
    for (const told of [
      'evil.test was not asked: the credential TOKEN is not for this address',
      'sub.api.test was not asked: the credential TOKEN is not for this address',
      'api.test was not asked: the credential KEY is not for this address',
      'api.test was not asked: this deployment has no credential "NONE"',
    ])
      expect(content).toContain(told);
  });
});

describe('a call', () => {
  it('is marked before a request that changes something, and not before others', async () => {
    const order: string[] = [];
    const { http } = await sites({
      'api.test': (request, response) => {
        order.push(request.method!);
        response.end('ok');
      },
    });
    const rules = [rule('api.test', { methods: ['GET', 'HEAD', 'POST'] })];
    let stops = false;
    const once = async () => {
      order.push('mark');
      return !stops;
    };
    const run = shell(http);
    const [read, send] = ['curl -s https://api.test/; curl -sI https://api.test/', 'curl -s -d a https://api.test/'];
    await run(read, { shell: rules, once });
    expect(order).toEqual(['GET', 'HEAD']);
    await run(`curl -s https://api.test/; ${send}`, { shell: rules, once });
    expect(order.slice(2)).toEqual(['GET', 'mark', 'POST']);
    stops = true;
    const stopped = await run(`${send} || echo no`, { shell: rules, once });
    expect([order.slice(5), stopped.content]).toEqual([['mark'], expect.stringContaining('the session is to stop')]);
  });

  it('is bounded in requests, and in the bytes and the time of each', async () => {
    const { http, asked } = await sites({
      'api.test': (request, response) => {
        if (request.url === '/large') response.end(Buffer.alloc(SHELL_WEB.answerBytes + 1));
        else if (request.url !== '/never') response.end('x');
      },
    });
    const { content } = await shell(http)(
      `curl -s https://api.test/large || echo large
curl -s -m 0.2 https://api.test/never || echo never
for i in $(seq 60); do curl -s https://api.test/$i; done`,
      { shell: [rule('api.test')] },
    );
    expect(content).toMatch(/^large\nnever\nx{48}\n/);
    expect(content).toContain('api.test answered 200 with more than 5,000,000 bytes');
    expect(content).toContain('gave no whole answer within 0.2 s');
    expect(content).toContain('one call makes 50 requests at most');
    expect(asked).toHaveLength(50);
  });
});
