/**
 * Neon's, Upstash's and Anthropic's APIs, as far as a deployment asks them before it makes anything; as strict as their own: who asks with
 * another key, at another path or without what is required gets the answer that the vendor gives.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Addresses } from '../../../lib/infra/check.ts';

/** The account that exists at each vendor. `organisation`: a personal key must name it. */
export const ACCOUNTS = {
  neon: { key: 'napi_planted', personal: 'napi_personal', organisation: 'org-of-mine' },
  upstash: { key: 'planted', email: 'planted@example.com' },
  anthropic: { key: 'sk-ant-planted' },
  redis: { token: 'redis-planted' },
};

/** What the vendors have beside their keys; a test may change it. `down`: vendors that answer 503. */
export type Vendors = {
  addresses: Addresses & { redis: string };
  neonRegions: string[];
  databases: object[];
  down: string[];
  /** `METHOD /vendor/path?query`, as they came. */
  asked: string[];
  close(): Promise<void>;
};

type Handler = (request: IncomingMessage, url: URL, body: string) => [status: number, body: unknown];

export const startVendors = async (): Promise<Vendors> => {
  const state = { neonRegions: ['aws-us-east-1', 'aws-eu-central-1', 'azure-eastus2'], databases: [] as object[] };
  const [down, asked]: [string[], string[]] = [[], []];
  const handlers: Record<string, Handler> = {
    neon({ headers, method }, { pathname, searchParams }) {
      const { key, personal, organisation } = ACCOUNTS.neon;
      const bearer = headers.authorization?.replace(/^Bearer /, '');
      if (bearer !== key && bearer !== personal)
        return [401, { code: '', message: 'supplied credentials do not pass authentication' }];
      const named = searchParams.get('org_id');
      if (named !== null && named !== organisation) return [404, { code: '', message: 'organization not found' }];
      if (method === 'GET' && pathname === '/api/v2/regions')
        return [200, { regions: state.neonRegions.map((region_id) => ({ region_id, name: region_id })) }];
      if (method !== 'GET' || pathname !== '/api/v2/projects') return [404, { code: '', message: 'not found' }];
      if (bearer === personal && named === null)
        return [400, { message: 'org_id is required, you can find it on your organization settings page' }];
      return [200, { projects: [], pagination: {} }];
    },
    upstash({ headers, method }, { pathname }) {
      const { key, email } = ACCOUNTS.upstash;
      const basic = `Basic ${Buffer.from(`${email}:${key}`).toString('base64')}`;
      if (headers.authorization !== basic) return [401, 'Unauthorized'];
      return method === 'GET' && pathname === '/v2/redis/databases' ? [200, state.databases] : [404, 'not found'];
    },
    anthropic({ headers, method }, { pathname }) {
      const error = (status: number, type: string): [number, unknown] => [status, { type: 'error', error: { type } }];
      if (headers['anthropic-version'] !== '2023-06-01') return error(400, 'invalid_request_error');
      if (headers['x-api-key'] !== ACCOUNTS.anthropic.key) return error(401, 'authentication_error');
      return method === 'GET' && pathname === '/v1/models'
        ? [200, { data: [], has_more: false }]
        : error(404, 'not_found_error');
    },
    redis({ headers, method }, _url, body) {
      if (headers.authorization !== `Bearer ${ACCOUNTS.redis.token}`) return [401, { error: 'Unauthorized' }];
      return method === 'POST' && body === '["PING"]' ? [200, { result: 'PONG' }] : [400, { error: 'ERR' }];
    },
  };
  const server = createServer(async (request, response) => {
    const [, vendor = '', ...rest] = (request.url ?? '').split('/');
    asked.push(`${request.method} ${request.url}`);
    const url = new URL(`/${rest.join('/')}`, 'http://vendor');
    answer(response, down.includes(vendor) ? [503, 'away'] : handlers[vendor]!(request, url, await text(request)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const addresses = {
    ...{ neon: `${base}/neon/api/v2`, upstash: `${base}/upstash/v2` },
    ...{ anthropic: `${base}/anthropic`, redis: `${base}/redis` },
  };
  return Object.assign(state, { addresses, down, asked, close: () => closed(server) });
};

const answer = (response: ServerResponse, [status, body]: [number, unknown]): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

const closed = (server: ReturnType<typeof createServer>): Promise<void> => {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
};
