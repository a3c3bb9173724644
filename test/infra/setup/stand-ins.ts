/** AWS, the vendors and a deployment on loopback, and an `sst` that records how it was called. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ACCOUNT } from '../kit/account.ts';

export const KEYS = {
  ANTHROPIC_API_KEY: 'sk-ant-right-1234567890',
  NEON_API_KEY: 'napi_right_1234567890',
  UPSTASH_API_KEY: 'upstash-right-1234567890',
  UPSTASH_EMAIL: 'me@example.com',
};
/** What must never be shown, nor stand on a command line. */
export const SECRETS = [
  KEYS.ANTHROPIC_API_KEY,
  KEYS.NEON_API_KEY,
  KEYS.UPSTASH_API_KEY,
  'ck_made',
  'trial-token',
  'trial-password',
];

type Answer = { status?: number; body: unknown };
const refused = { status: 401, body: { message: 'no' } };

/** A server that answers by method and path; the longest path that fits wins. */
const serve = async (routes: Record<string, (request: IncomingMessage, body: string) => Answer>) => {
  const server = createServer(async (request, response) => {
    const asked = `${request.method} ${request.url}`;
    const path = Object.keys(routes)
      .filter((route) => asked.startsWith(route))
      .sort((a, b) => b.length - a.length)[0];
    const { status = 200, body } = path ? routes[path]!(request, await text(request)) : { status: 404, body: asked };
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/me</Arn><UserId>me</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
const TRIAL = 'postgresql://trial:trial-password@ep-trial-pooler.example/db';
const MARKDOWN = `# Your Redis is ready

**Database ID:** 2a550d60-a387-43b3-8f99-5e361a7b4881
**Endpoint:** https://trial-crayfish.example
**Token:** trial-token
**Expires:** 2026-12-02 (3 days from creation).

https://upstash.example/start-redis/console/2a550d60
`;

/** Records into calls.jsonl what it was given, and behaves as `sst` does where setup looks. */
const SST = (node: string, deployed: string) => `#!${node}
const { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const file = args[1] === 'load' ? { path: args[2], text: readFileSync(args[2], 'utf8'), mode: statSync(args[2]).mode & 0o777 } : null;
appendFileSync('calls.jsonl', JSON.stringify({ args, file, env: process.env }) + '\\n');
if (process.env.SST_FAILS === args[0]) { console.log('✕ sst met an error'); process.exit(1); }
if (args[0] === 'deploy') { mkdirSync('.sst', { recursive: true }); writeFileSync('.sst/outputs.json', JSON.stringify({ url: '${deployed}' })); }
`;

export type Call = {
  args: string[];
  env: Record<string, string>;
  file: { path: string; text: string; mode: number } | null;
};

export const startStandIns = async ({ quota = 1_000, neonRegions = ['aws-us-east-1', 'aws-eu-central-1'] } = {}) => {
  const root = mkdtempSync(join(tmpdir(), 'circadian-setup-test-'));
  const bearer = (key: string) => `Bearer ${key}`;
  const vendors = await serve({
    'GET /neon/projects': ({ headers }) =>
      headers.authorization === bearer(KEYS.NEON_API_KEY) ? { body: { projects: [] } } : refused,
    'GET /neon/regions': () => ({ body: { regions: neonRegions.map((region_id) => ({ region_id })) } }),
    'GET /upstash/redis/databases': ({ headers }) => {
      const right = Buffer.from(`${KEYS.UPSTASH_EMAIL}:${KEYS.UPSTASH_API_KEY}`).toString('base64');
      return headers.authorization === `Basic ${right}` ? { body: [] } : refused;
    },
    'GET /anthropic/v1/models': ({ headers }) =>
      headers['x-api-key'] === KEYS.ANTHROPIC_API_KEY ? { body: { data: [] } } : refused,
    'POST /neon-trial': () => ({
      body: { connection_string: TRIAL, claim_url: 'https://neon.example/claim/1', expires_at: '2026-12-02' },
    }),
    'POST /upstash-trial': () => ({ body: MARKDOWN }),
    'POST /': () => ({ body: IDENTITY }),
    'GET /2016-08-19/account-settings': () => ({
      body: { AccountLimit: { ConcurrentExecutions: quota }, AccountUsage: {} },
    }),
  });
  const users: { path: string; body: object }[] = [];
  const adminKeys = () => calls().flatMap(({ file }) => /^AdminApiKey=(.*)$/m.exec(file?.text ?? '')?.[1] ?? []);
  const asAdmin = (request: IncomingMessage, body: string, answer: Answer): Answer => {
    if (!adminKeys().some((key) => request.headers.authorization === bearer(key))) return refused;
    users.push({ path: request.url!, body: JSON.parse(body) });
    return answer;
  };
  const later = new Date(Date.now() + 3_600_000).toISOString();
  let woken = false;
  const session = (id: string, status: string) => ({
    id,
    status,
    iteration_number: 40,
    cost_microdollars: 1,
    wake_at: later,
    result: 'slept and woke',
    error: null,
  });
  const deployed = await serve({
    'GET /healthz': () => ({ body: { status: 'ok' } }),
    'GET /v1/admin/users/': ({ url }) => ({ status: users.some(({ path }) => path === url) ? 200 : 404, body: {} }),
    'PUT /v1/admin/users/': (request, body) => asAdmin(request, body, { body: { warnings: [] } }),
    'POST /v1/admin/users/': (request, body) =>
      asAdmin(request, body, { status: 201, body: { id: 'k', key: 'ck_made' } }),
    'GET /v1/budget': ({ headers }) => (headers.authorization === bearer('ck_made') ? { body: {} } : refused),
    'POST /v1/sessions': (_, body) => ({
      body: session(body.includes('Count from') ? 'ses_count' : 'ses_sleep', 'queued'),
    }),
    'GET /v1/sessions/ses_count': () => ({ body: session('ses_count', 'completed') }),
    'GET /v1/sessions/ses_sleep': () => ({ body: session('ses_sleep', woken ? 'completed' : 'sleeping') }),
    'POST /v1/sessions/ses_sleep/wake': () => {
      woken = true;
      return { body: {} };
    },
  });
  const bin = join(root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'sst'), SST(process.execPath, deployed.url));
  chmodSync(join(bin, 'sst'), 0o755);
  const recorded = join(root, 'calls.jsonl');
  const calls = (): Call[] =>
    existsSync(recorded)
      ? readFileSync(recorded, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  const at = (path: string) => `${vendors.url}/${path}`;
  return {
    ...{ root, url: deployed.url, calls, users },
    /** All that setup sees of its surroundings; no variable of this machine's. */
    env: (answers: Record<string, string>) => ({
      ...{ PATH: `${bin}:${process.env.PATH}`, HOME: root, TERM: 'xterm', SETUP_TEST_ROOT: root },
      ...{
        AWS_ENDPOINT_URL: vendors.url,
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'y',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
      SETUP_TEST_ADDRESSES: JSON.stringify({
        ...{ neon: at('neon'), upstash: at('upstash'), anthropic: at('anthropic') },
        ...{ neonTrial: at('neon-trial'), upstashTrial: at('upstash-trial') },
      }),
      ...answers,
    }),
    variables: (stage: string) => readFileSync(join(root, `.env.${stage}`), 'utf8'),
    async [Symbol.asyncDispose]() {
      await vendors.close();
      await deployed.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
};
export type StandIns = Awaited<ReturnType<typeof startStandIns>>;
