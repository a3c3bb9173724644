/** An HTTP request as a Function URL event, payload format 2.0. */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type FunctionUrlEvent = {
  version: '2.0';
  routeKey: '$default';
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  requestContext: {
    accountId: 'anonymous';
    apiId: string;
    domainName: string;
    domainPrefix: string;
    http: { method: string; path: string; protocol: string; sourceIp: string; userAgent: string };
    requestId: string;
    routeKey: '$default';
    stage: '$default';
    time: string;
    timeEpoch: number;
  };
  body?: string;
  isBase64Encoded: boolean;
};

/** Header names are lower-case; several values of one name are joined by commas, cookies are a list of their own. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    if (name !== 'cookie') headers[name] = values.join(',');
  }
  return headers;
}

/** Several values of one name are joined by commas, as Lambda does. */
function parametersOf(query: string): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query))
    joined[name] = name in joined ? `${joined[name]},${value}` : value;
  return joined;
}

/** Path and query as they were sent; of `GET http://host/path` only the path. */
function split(target = '/'): { path: string; query: string } {
  const local = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/, '');
  const mark = local.indexOf('?');
  const path = mark < 0 ? local : local.slice(0, mark);
  return { path: path.startsWith('/') ? path : `/${path}`, query: mark < 0 ? '' : local.slice(mark + 1) };
}

/** `10/Nov/2026:08:00:00 +0000` */
function clfTime(now: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(now.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Text as it is, all else in base64, by the content type; never text that its encoding would change. */
function bodyOf(body: Buffer, contentType = ''): Pick<FunctionUrlEvent, 'body' | 'isBase64Encoded'> {
  const text = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml))\b)/i.test(contentType) && isUtf8(body);
  return { body: body.toString(text ? 'utf8' : 'base64'), isBase64Encoded: !text };
}

export function requestEvent(request: IncomingMessage, body: Buffer): FunctionUrlEvent {
  const { path, query } = split(request.url);
  const headers = headersOf(request);
  const cookies = request.headers.cookie?.split(';').map((cookie) => cookie.trim());
  const now = new Date();
  const method = request.method ?? 'GET';
  const { localPort, remoteAddress = '127.0.0.1' } = request.socket;
  const hasBody = body.length > 0 && method !== 'GET' && method !== 'HEAD';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers,
    ...(query && { queryStringParameters: parametersOf(query) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      // Not the Host header, which may be anything: handlers make URLs of this.
      domainName: `127.0.0.1:${localPort}`,
      domainPrefix: 'local',
      http: {
        method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: remoteAddress,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: clfTime(now),
      timeEpoch: now.getTime(),
    },
    isBase64Encoded: false,
    ...(hasBody && bodyOf(body, headers['content-type'])),
  };
}
