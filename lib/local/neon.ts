/**
 * Neon's SQL over HTTP in front of any Postgres: `POST /sql` with one statement, or with several in one transaction, values as Postgres'
 * own text. So the production driver talks to a local database. The protocol is what @neondatabase/serverless 1.2.0 speaks; errors of the
 * database answer 400 with their fields, everything else 500.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';

/** One HTTP request as it came in, for those who count. `atomic`: a batch, in one transaction. */
export type NeonRequest = { statements: string[]; atomic: boolean; bytes: number };
/** `url` is what the production code gets as its DATABASE_URL. Whoever does not know it is refused. */
export type LocalNeon = { url: string; close(): Promise<void> };

type Statement = { query: string; params?: (string | null)[] };
type Answer = { status: number; body: unknown };

/** For the pool: hand every value back as Postgres wrote it. */
export const rawTypes = { getTypeParser: () => (value: string) => value };

const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
/** Longer than a client keeps an idle connection, so that no request meets a closing one. */
const KEEP_ALIVE_MS = 60_000;
const ISOLATION: Record<string, string> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
};
const ERROR_FIELDS = [
  ...['severity', 'code', 'detail', 'hint', 'position', 'internalPosition', 'internalQuery', 'where'],
  ...['schema', 'table', 'column', 'dataType', 'constraint', 'file', 'line', 'routine'],
] as const;

/** The caller keeps the pool, and made it with `rawTypes`. */
export async function startNeon(options: {
  pool: pg.Pool;
  /** Free port by default. */
  port?: number;
  onRequest?: (request: NeonRequest) => void;
}): Promise<LocalNeon> {
  const { pool, port = 0, onRequest } = options;
  const password = randomBytes(16).toString('hex');
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(pool, password, request, onRequest).catch(failed);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `postgresql://circadian:${password}@127.0.0.1:${bound}/circadian?sslmode=disable`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  pool: pg.Pool,
  password: string,
  request: IncomingMessage,
  onRequest?: (request: NeonRequest) => void,
): Promise<Answer> {
  if (request.method !== 'POST' || request.url !== '/sql') return { status: 404, body: { message: 'not found' } };
  if (passwordOf(request) !== password) {
    return { status: 400, body: { message: 'password authentication failed', code: '28P01' } };
  }
  const text = await read(request);
  if (text === null)
    return { status: 413, body: { message: `request is too large (max is ${MAX_REQUEST_BYTES} bytes)` } };
  const body = JSON.parse(text) as Statement | { queries: Statement[] };
  const atomic = 'queries' in body;
  const statements = atomic ? body.queries : [body];
  onRequest?.({ statements: statements.map(({ query }) => query), atomic, bytes: text.length });
  const asArray = request.headers['neon-array-mode'] === 'true';
  const client = await pool.connect();
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    if (!atomic) return { status: 200, body: await run(client, body, asArray) };
    return { status: 200, body: { results: await runAll(client, statements, begin(request), asArray) } };
  } catch (error) {
    if (!isDatabaseError(error)) broken = error as Error;
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

/** The pool looks after idle connections only. One that is lost in use fails its statement, and would end the process besides. */
function ignore(): void {}

async function runAll(client: pg.PoolClient, statements: Statement[], begin: string, asArray: boolean) {
  await client.query(begin);
  try {
    const results = [];
    for (const statement of statements) results.push(await run(client, statement, asArray));
    await client.query('commit');
    return results;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function run(client: pg.PoolClient, { query, params = [] }: Statement, asArray: boolean) {
  // The extended protocol takes one statement per query and refuses more with 42601, as Neon does. pg's types do not know the option.
  const config = { text: query, values: params, queryMode: 'extended', ...(asArray && { rowMode: 'array' }) };
  const { command, rowCount, rows, fields } = await client.query(config as pg.QueryConfig);
  return { command, rowCount, rows, rowAsArray: asArray, fields };
}

function begin({ headers }: IncomingMessage): string {
  const isolation = ISOLATION[String(headers['neon-batch-isolation-level'])];
  return [
    'begin',
    ...(isolation ? [`isolation level ${isolation}`] : []),
    ...(headers['neon-batch-read-only'] === 'true' ? ['read only'] : []),
    ...(headers['neon-batch-deferrable'] === 'true' ? ['deferrable'] : []),
  ].join(' ');
}

function failed(error: Error): Answer {
  if (!isDatabaseError(error)) return { status: 500, body: { message: error.message } };
  const fields = ERROR_FIELDS.map((name) => [name, error[name as keyof pg.DatabaseError] ?? null]);
  return { status: 400, body: { message: error.message, ...Object.fromEntries(fields) } };
}

/** By its fields, since the embedded database throws a class of its own. */
function isDatabaseError(error: unknown): error is pg.DatabaseError {
  return error instanceof Error && 'severity' in error && 'code' in error;
}

function passwordOf(request: IncomingMessage): string | null {
  const header = String(request.headers['neon-connection-string']);
  return URL.canParse(header) ? new URL(header).password : null;
}

async function read(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
