import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { newId } from '../ids.ts';
import type { User } from '../ports.ts';
import { Problem } from '../problem.ts';
import { FORMAT, MOST_BYTES, VERSION } from '../transfer/document.ts';
import { documentOf } from '../transfer/export.ts';
import { modelIn, read, restored } from '../transfer/import.ts';
import { readBody, tooLarge } from './body.ts';
import type { Env, Ready } from './deps.ts';
import { sha256 } from './keys.ts';
import { conflict } from './once.ts';
import { invalid, notFound, OF_BODIES, problems } from './problems.ts';
import * as render from './render.ts';
import { answers, IdempotencyKey, json, SessionId, SessionJson } from './schemas.ts';
import { full, permit, takes } from './sessions.ts';

const tags = ['sessions'];
const security = [{ UserKey: [] }];

/** Routes that read their body themselves. */
export const READ_THERE = ['/v1/sessions/import'];

/** A Lambda event holds 6 MiB, and what is no plain text travels in it in base64. */
const MOST_SENT = 4_500_000;

const SessionFile = z.object({ format: z.literal(FORMAT), version: z.literal(VERSION) }).openapi('SessionFile', {
  additionalProperties: true,
  description:
    'A session as a file: facts, state, checkpoint, messages, tool calls, inbox, journal, files (base64), and the ledger for information. No user, no key.',
});

const exportOne = createRoute({
  method: 'get',
  path: '/v1/sessions/{id}/export',
  operationId: 'exportSession',
  summary: 'One session as a JSON file, to keep or to import elsewhere',
  description: `One snapshot. Compressed where the caller takes gzip. \`payload_too_large\` when it holds more than ${MOST_BYTES} bytes.`,
  tags,
  security,
  request: { params: SessionId },
  responses: {
    ...problems('not_found', 'payload_too_large', 'unavailable'),
    200: { ...json(SessionFile), description: 'The file.' },
  },
});

const importOne = createRoute({
  method: 'post',
  path: '/v1/sessions/import',
  operationId: 'importSession',
  summary: 'A new session of yours from an exported file',
  description:
    `The file as it is, or compressed with gzip (at most ${MOST_SENT} bytes as sent, ${MOST_BYTES} unpacked). Same history, memory and files, ` +
    'a new id, nothing charged. One whose model is retired is taken once its `session.model` names another. What worked, slept or was paused is paused until you resume it.',
  tags,
  security,
  request: { headers: IdempotencyKey, body: { ...json(SessionFile), required: true } },
  responses: answers(
    201,
    SessionJson,
    'The session, at rest. `Location` is its address.',
    ...OF_BODIES,
    'unknown_agent',
    'unknown_model',
    'retired_model',
    'no_budget',
    'too_many_sessions',
    'idempotency_conflict',
    'unavailable',
  ),
});

/** Described by hand: one answers with a packed text, the other reads what no other route takes, and as it is. */
export function transfer(deps: Ready) {
  const app = new OpenAPIHono<Env>();
  app.openAPIRegistry.registerPath(exportOne);
  app.openAPIRegistry.registerPath(importOne);
  app.get('/v1/sessions/:id/export', async (c) => {
    const { success, data } = SessionId.safeParse({ id: c.req.param('id') });
    const snapshot = success ? await deps.transfer.read(c.get('user').id, data.id, MOST_BYTES) : null;
    if (!snapshot) throw notFound();
    if ('bytes' in snapshot) throw tooLong(snapshot.bytes);
    const text = `${JSON.stringify(documentOf(snapshot))}\n`;
    // The port counts the large parts before it reads them; what would be refused as an import is known only now.
    const bytes = Buffer.byteLength(text);
    if (bytes > MOST_BYTES) throw tooLong(bytes);
    const headers = { ...HEADERS, 'content-disposition': `attachment; filename="${snapshot.facts.id}.json"` };
    if (!takesGzip(c.req.header('accept-encoding'))) return c.body(text, 200, headers);
    const packed = Uint8Array.from(await promisify(gzip)(text));
    return c.body(packed, 200, { ...headers, 'content-encoding': 'gzip' });
  });
  app.post('/v1/sessions/import', async (c) => {
    const { success, data, error } = IdempotencyKey.safeParse({ 'Idempotency-Key': c.req.header('idempotency-key') });
    if (!success) throw invalid([{ path: 'Idempotency-Key', message: error.issues[0]?.message ?? '' }]);
    const key = data['Idempotency-Key'];
    const user = c.get('user');
    const text = await textOf(await readBody(c.req.raw, MOST_SENT));
    const session = await sessionFrom(deps, user, text);
    const once = key === undefined ? null : { key, fingerprint: sha256(text) };
    const most = deps.tierSessions[user.tier];
    const view = await deps.transfer.write(user.id, session, once, most ?? null);
    if (view === 'conflict') throw conflict();
    if (view === 'full') throw full(user.tier, most);
    return c.json(render.session(view), 201, { Location: `/v1/sessions/${view.id}` });
  });
  return app;
}

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store', vary: 'accept-encoding' };

const takesGzip = (accepted = ''): boolean => /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);

/** The session that the file describes, as this deployment and this user may have it. */
async function sessionFrom(deps: Ready, user: User, text: string) {
  const found = read(parse(text));
  if ('faults' in found) throw invalid(found.faults);
  const { agent, model_ladder: ladder } = found.document.session;
  const model = modelIn(found.document);
  await permit(deps, user, { agent, models: [model, ...ladder] });
  takes(model, found.document.session);
  return restored(found.document, { id: newId('ses'), tier: user.tier });
}

/** Unpacked if it is packed, whatever the headers say; never more than `MOST_BYTES`. */
async function textOf(sent: Uint8Array): Promise<string> {
  const packed = sent[0] === 0x1f && sent[1] === 0x8b;
  const bytes = packed ? await unpack(sent) : sent;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('it is not UTF-8');
  }
}

async function unpack(sent: Uint8Array): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(sent, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(MOST_BYTES);
    throw unreadable('its compression is damaged');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable('it is not JSON');
  }
}

const unreadable = (why: string) =>
  new Problem(
    'invalid_json',
    `The file could not be read: ${why}. Nothing was imported and nothing was spent; send the file as it was exported.`,
  );

const tooLong = (bytes: number) =>
  new Problem(
    'payload_too_large',
    `The session holds ${bytes} bytes, and a file may have ${MOST_BYTES}. Nothing was changed; read its messages, events and files one by one.`,
  );
