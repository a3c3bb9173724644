/**
 * E2B's API and the agent within its machines (envd) over HTTP, as far as its client asks them for a script: machines are made and given back, files go
 * in and out, and one command runs. Machines are played by `play`; their files are those of a map.
 * Source: the requests of e2b 2.51.0, and its description of both APIs in its types (`paths`).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type Files = Map<string, Uint8Array>;
/** What the command does to the machine's files; its status. Never resolves: it runs until it is let go. */
export type Play = (files: Files) => Promise<number> | number;

export const KEY = 'e2b_0123456789abcdef0123456789abcdef01234567';
const TOKEN = 'token-of-the-machine';
const ID = 'i3f0c9d2e8b7a61';

/** `asks`: requests for machines; `made`: bodies of those that were granted. `given`: ids that were given back. `refuse`: the status of the next request for a machine. */
export type FakeE2b = {
  url: string;
  asks: number;
  made: Record<string, unknown>[];
  given: string[];
  files: Files;
  refuse: number | null;
  keep: boolean;
  /** Of the command, not of the streams. */
  flood: boolean;
  /** A file that goes on until nobody reads it any more. */
  endless: string | null;
  close(): Promise<void>;
};

export async function startE2b(play: Play): Promise<FakeE2b> {
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fake: FakeE2b = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ asks: 0, made: [], given: [], files: new Map(), refuse: null, keep: false, flood: false, endless: null },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { pathname, searchParams } = new URL(request.url ?? '', fake.url);
    const what = `${request.method} ${pathname}`;
    if (what === 'POST /v2/sandboxes' || what === `DELETE /sandboxes/${ID}`) {
      if (request.headers['x-api-key'] !== KEY) return refuse(response, 401, 'Invalid API key');
      return what.startsWith('POST') ? make(response, JSON.parse(body.toString())) : giveBack(response);
    }
    if (request.headers['x-access-token'] !== TOKEN) return refuse(response, 401, 'no access token');
    if (fake.given.length > 0) return refuse(response, 502, 'The sandbox was not found');
    if (what === 'POST /files') return write(response, request, body, searchParams.get('path'));
    if (what === 'GET /files') return read(response, searchParams.get('path') ?? '');
    if (what === 'POST /process.Process/Start') return start(request, response, body);
    refuse(response, 404, `no such operation: ${what}`);
  }

  function make(response: ServerResponse, asked: Record<string, unknown>): void {
    const { timeout, templateID } = asked;
    fake.asks += 1;
    if (fake.refuse === 0) return void response.destroy();
    if (fake.refuse !== null) return void refuse(response, fake.refuse, 'no');
    if (!Number.isInteger(timeout) || typeof templateID !== 'string') return void refuse(response, 400, 'wrong body');
    fake.made.push(asked);
    const told = { sandboxID: ID, templateID, clientID: 'c', envdVersion: '0.6.2', envdAccessToken: TOKEN };
    answer(response, 201, told);
  }

  function giveBack(response: ServerResponse): void {
    if (fake.keep) return void response.destroy();
    fake.given.push(ID);
    response.writeHead(204).end();
  }

  async function write(
    response: ServerResponse,
    { headers }: IncomingMessage,
    body: Buffer,
    path: string | null,
  ): Promise<void> {
    const type = headers['content-type'] ?? '';
    if (!type.startsWith('multipart/form-data')) return refuse(response, 400, 'not multipart');
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    const told = [];
    for (const file of form.getAll('file') as unknown as File[]) {
      const name = path ?? namesIn(body).find((each) => each.endsWith(file.name)) ?? file.name;
      fake.files.set(name, new Uint8Array(await file.arrayBuffer()));
      told.push({ name: name.split('/').at(-1), path: name, type: 'file' });
    }
    answer(response, 200, told);
  }

  function read(response: ServerResponse, path: string): void {
    if (path === fake.endless) return void goOn(response);
    const content = fake.files.get(path);
    if (content === undefined) return void refuse(response, 404, `path not found: ${path}`);
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(content);
  }

  /** A stream of Connect: each message with a byte of flags and its length before it; the last has the flag 2. */
  async function start(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    if (request.headers['content-type'] !== 'application/connect+json') return refuse(response, 415, 'not Connect');
    const asked = JSON.parse(body.subarray(5).toString());
    if (asked.process?.cmd !== '/bin/bash') return refuse(response, 400, 'no shell');
    response.writeHead(200, { 'content-type': 'application/connect+json' });
    response.write(message({ event: { start: { pid: 7 } } }));
    const timeoutMs = Number(request.headers['connect-timeout-ms']);
    const timedOut = new Promise<null>((resolve) => setTimeout(resolve, timeoutMs, null).unref());
    if (fake.flood) {
      const stdout = Buffer.alloc(60_000, 'x').toString('base64');
      for (let n = 0; n < 20 && !response.destroyed; n++) response.write(message({ event: { data: { stdout } } }));
    }
    const exitCode = await Promise.race([play(fake.files), timedOut]);
    if (exitCode === null) response.write(message({ error: { code: 'deadline_exceeded', message: 'time is up' } }, 2));
    else {
      const end = { exitCode, exited: true, status: `exit status ${exitCode}` };
      response.write(message({ event: { end: { ...end, ...(exitCode && { error: end.status }) } } }));
      response.write(message({}, 2));
    }
    response.end();
  }
  return fake;
}

function goOn(response: ServerResponse): void {
  const piece = Buffer.alloc(1_000_000);
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).on('drain', more);
  more();
}

const namesIn = (body: Buffer): string[] =>
  [...body.toString('latin1').matchAll(/filename="([^"]*)"/g)].map(([, name]) =>
    Buffer.from(name!, 'latin1').toString(),
  );

function message(value: object, flags = 0): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, text]);
}

const answer = (response: ServerResponse, status: number, value: unknown): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', ...(status === 429 && { 'retry-after': '0' }) })
    .end(JSON.stringify(value));

const refuse = (response: ServerResponse, code: number, text: string): void =>
  answer(response, code, { code, message: text });
