/** Real sites on loopback, each with its name and certificate, reached through the guard as the real web is. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { onTestFinished } from 'vitest';
import { guardedHttp } from '../../lib/adapters/http.ts';
import type { Http } from '../../lib/ports/index.ts';
import { certificateFor } from '../kit/certificate.ts';

export type Site = (request: IncomingMessage, response: ServerResponse) => void;

/** `addresses`: what a name resolves to, in the order in which it is asked; the last stays. By default this machine, which counts as public here. */
type Options = { addresses?: Record<string, string[]> };

/** `asked`: host and path of each request that arrived. */
export async function sites(
  serving: Record<string, Site>,
  { addresses = {} }: Options = {},
): Promise<{ http: Http; asked: string[] }> {
  const identities = new Map(Object.keys(serving).map((host) => [host, certificateFor(host)]));
  const asked: string[] = [];
  const server = https.createServer(
    {
      SNICallback: (host, done) => {
        const own = identities.get(host);
        done(null, own && createSecureContext(own));
      },
    },
    (request, response) => {
      const host = request.headers.host?.replace(/:\d+$/, '') ?? '';
      asked.push(host + request.url);
      serving[host]?.(request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const http = guardedHttp({
    reach: {
      port: (server.address() as AddressInfo).port,
      ca: [...identities.values()].map(({ cert }) => cert).join('\n'),
      isAllowed: (address) => address === '127.0.0.1',
      resolve: async (host) => {
        const own = addresses[host] ?? ['127.0.0.1'];
        return [{ address: (own.length > 1 ? own.shift() : own[0])!, family: 4 }];
      },
    },
  });
  return { http, asked };
}

export const html =
  (body: string, headers: Record<string, string> = {}): Site =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);

export const to =
  (location: string, status = 302): Site =>
  (_, response) =>
    response.writeHead(status, { location }).end();
