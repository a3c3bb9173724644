/**
 * A stand-in of the Admin API's usage report, as strict as the vendor's: wrong keys, versions, parameters and pages are refused, only whole
 * hours come, in order, every one of them, and nothing that ended within the last five minutes.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

const HOUR_MS = 3_600_000;
const PARAMETERS = ['starting_at', 'ending_at', 'bucket_width', 'limit', 'group_by[]', 'page'];
const GROUPS = ['api_key_id', 'workspace_id', 'model', 'service_tier', 'context_window', 'inference_geo'];

export type Billed = {
  at: number;
  model: string;
  input?: number;
  output?: number;
  cacheRead?: number;
  write5m?: number;
  write1h?: number;
  workspace?: string | null;
};

export async function usageReport({
  billed,
  now,
  perPage = 24,
}: {
  billed: Billed[];
  now: () => number;
  perPage?: number;
}) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const [status, body] = answer(request, billed, now(), perPage);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const refusal = (status: number, type: string, message: string): [number, object] => [
  status,
  { type: 'error', error: { type, message } },
];

function answer(request: IncomingMessage, billed: Billed[], now: number, perPage: number): [number, object] {
  const url = new URL(request.url ?? '', 'http://here');
  const { searchParams: query } = url;
  if (request.method !== 'GET' || url.pathname !== '/v1/organizations/usage_report/messages')
    return refusal(404, 'not_found_error', url.pathname);
  if (!String(request.headers['x-api-key']).startsWith('sk-ant-admin'))
    return refusal(401, 'authentication_error', 'invalid x-api-key');
  if (request.headers['anthropic-version'] !== '2023-06-01')
    return refusal(400, 'invalid_request_error', 'anthropic-version');
  const bad = (what: string) => refusal(400, 'invalid_request_error', what);
  for (const name of query.keys())
    if (!PARAMETERS.includes(name)) return bad(`${name}: Extra inputs are not permitted`);
  const by = query.getAll('group_by[]');
  if (by.some((group) => !GROUPS.includes(group))) return bad('group_by');
  const [from, to] = [Date.parse(query.get('starting_at') ?? ''), Date.parse(query.get('ending_at') ?? '')];
  if (!(from < to) || query.get('bucket_width') !== '1h') return bad('starting_at, ending_at, bucket_width');
  const limit = Number(query.get('limit') ?? 24);
  if (!(limit >= 1 && limit <= 168)) return bad('limit: at most 168');
  const first = query.has('page')
    ? Number(/^page_(\d+)$/.exec(query.get('page') ?? '')?.[1] ?? Number.NaN)
    : Math.floor(from / HOUR_MS) * HOUR_MS;
  if (!Number.isFinite(first)) return bad('page');
  const last = Math.min(first + HOUR_MS * Math.min(limit, perPage), to);
  const data: object[] = [];
  for (let hour = first; hour + HOUR_MS <= last; hour += HOUR_MS) {
    const calls = billed.filter(({ at }) => at >= hour && at < hour + HOUR_MS && at <= now - 5 * 60_000);
    data.push({ starting_at: iso(hour), ending_at: iso(hour + HOUR_MS), results: grouped(calls, by) });
  }
  const more = last + HOUR_MS <= to;
  return [200, { data, has_more: more, next_page: more ? `page_${last}` : null }];
}

const iso = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

function grouped(calls: Billed[], by: string[]): object[] {
  const nameOf = ({ model, workspace = null }: Billed) =>
    JSON.stringify([by.includes('model') && model, by.includes('workspace_id') && workspace]);
  return [...Map.groupBy(calls, nameOf).values()].map((group) => {
    const sum = (field: 'input' | 'output' | 'cacheRead' | 'write5m' | 'write1h') =>
      group.reduce((total, one) => total + (one[field] ?? 0), 0);
    return {
      uncached_input_tokens: sum('input'),
      cache_creation: { ephemeral_1h_input_tokens: sum('write1h'), ephemeral_5m_input_tokens: sum('write5m') },
      cache_read_input_tokens: sum('cacheRead'),
      output_tokens: sum('output'),
      server_tool_use: { web_search_requests: 0 },
      ...{ api_key_id: null, service_tier: null, context_window: null, inference_geo: null },
      model: by.includes('model') ? group[0]!.model : null,
      workspace_id: by.includes('workspace_id') ? (group[0]!.workspace ?? null) : null,
    };
  });
}
