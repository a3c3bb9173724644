import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { newId } from '../../ids.ts';
import type { SessionView, User } from '../../ports/index.ts';
import { Problem } from '../../problem.ts';
import { FORMAT, MOST_BYTES, VERSION } from '../../transfer/document.ts';
import { documentOf } from '../../transfer/export.ts';
import { gunzipped, isGzip } from '../../transfer/gunzip.ts';
import { modelIn, read, restored } from '../../transfer/import.ts';
import { sha256 } from '../auth/api-keys.ts';
import { MOST_SENT, readBody, tooLarge } from '../body.ts';
import { type BodyBounds, type Excess, meter, tellExcess, tooMuch } from '../bounds.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { conflict, replayed } from '../idempotency.ts';
import { full, permit, takes } from '../permits.ts';
import { invalid, notFound, OF_BODIES, problems } from '../problems.ts';
import * as render from '../render.ts';
import { answers, IdempotencyKey, json, SessionId, SessionJson } from '../schemas.ts';
import { turns } from '../turns.ts';

const tags = ['sessions'];
const security = [{ UserKey: [] }];

/** Routes that read their body themselves. */
export const READ_THERE = ['/v1/sessions/import'];

/**
 * A file's lists are as long as its session: 16 MiB are some 5,000 iterations, with a dozen journal rows and a hundred values each. Depth as
 * in every body (body.ts), and the few levels that a file adds around what it carries.
 */
const BOUNDS: BodyBounds = { depth: 72, items: 100_000, fields: 5_000, values: 800_000 };
/** One of the largest takes some 150 MB while it is read; one that waits no more than was sent. */
const AT_ONCE = { atOnce: 2, waiting: 16 };

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
    ...problems('not_found', 'session_ended', 'payload_too_large', 'unavailable'),
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
  const app = new OpenAPIHono<HttpEnv>();
  app.openAPIRegistry.registerPath(exportOne);
  app.openAPIRegistry.registerPath(importOne);
  const inTurn = turns(AT_ONCE);
  app.get('/v1/sessions/:id/export', async (c) => {
    const { success, data } = SessionId.safeParse({ id: c.req.param('id') });
    if (!success) throw notFound();
    const packs = takesGzip(c.req.header('accept-encoding'));
    const file = await inTurn(() => fileOf(deps, c.get('user').id, data.id, packs));
    const headers = { ...HEADERS, 'content-disposition': `attachment; filename="${data.id}.json"` };
    return c.body(file, 200, { ...headers, ...(packs && { 'content-encoding': 'gzip' }) });
  });
  app.post('/v1/sessions/import', async (c) => {
    const { success, data, error } = IdempotencyKey.safeParse({ 'Idempotency-Key': c.req.header('idempotency-key') });
    if (!success) throw invalid([{ path: 'Idempotency-Key', message: error.issues[0]?.message ?? '' }]);
    const sent = await readBody(c.req.raw, MOST_SENT);
    const { view, before } = await inTurn(() => imported(deps, c.get('user'), data['Idempotency-Key'], sent));
    return c.json(render.session(view), 201, { Location: `/v1/sessions/${view.id}`, ...replayed(before) });
  });
  return app;
}

/** Throws `not_found`, or `payload_too_large` for what would be refused as an import. */
async function fileOf(deps: Ready, userId: string, id: string, packs: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const snapshot = await deps.transfer.read(userId, id, MOST_BYTES);
  if (!snapshot) throw notFound();
  if ('clearedAt' in snapshot) throw cleared(snapshot.clearedAt);
  if ('bytes' in snapshot) throw tooLong(snapshot.bytes);
  // The port counts the large parts before it reads them; all of it is known only now.
  const file = Buffer.from(`${JSON.stringify(documentOf(snapshot))}\n`);
  if (file.length > MOST_BYTES) throw tooLong(file.length);
  const excess = meter({ ...BOUNDS, depth: Number.POSITIVE_INFINITY })(file);
  if (excess) throw tooMany(excess);
  return packs ? Uint8Array.from(await promisify(gzip)(file)) : file;
}

async function imported(
  deps: Ready,
  user: User,
  key: string | undefined,
  sent: Uint8Array,
): Promise<{ view: SessionView; before: boolean }> {
  const text = await textOf(sent);
  const once = key === undefined ? null : { key, fingerprint: sha256(text) };
  const most = deps.tierSessions[user.tier];
  const made = await sessionFrom(deps, user, text);
  const view = await deps.transfer.write(user.id, made, once, most ?? null);
  if (view === 'conflict') throw conflict();
  if (view === 'full') throw full(user.tier, most);
  return { view, before: view.id !== made.id };
}

const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store', vary: 'accept-encoding' };

const takesGzip = (accepted = ''): boolean => /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);

/** The session that the file describes, as this deployment and this user may have it. */
async function sessionFrom(deps: Ready, user: User, text: string) {
  const found = await read(parse(text));
  if ('faults' in found) throw invalid(found.faults);
  const { agent, model_ladder: ladder } = found.document.session;
  const model = modelIn(found.document);
  await permit(deps, user, { agent, models: [model, ...ladder] });
  takes(model, found.document.session);
  return restored(found.document, { id: newId('ses'), tier: user.tier });
}

/** Unpacked if it is packed, whatever the headers say. Counted as it comes out, so that nothing too large is even kept, let alone parsed. */
async function textOf(sent: Uint8Array): Promise<string> {
  const measure = measuring();
  if (!isGzip(sent)) measure(sent);
  const bytes = isGzip(sent) ? await unpack(sent, measure) : sent;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unreadable('it is not UTF-8');
  }
}

/** Throws the problem of a file that has become too large. */
function measuring() {
  const measure = meter(BOUNDS);
  let size = 0;
  return (bytes: Uint8Array): void => {
    size += bytes.length;
    if (size > MOST_BYTES) throw tooLarge(MOST_BYTES);
    const excess = measure(bytes);
    if (excess) throw tooMuch(excess);
  };
}

async function unpack(sent: Uint8Array, measure: (piece: Uint8Array) => void): Promise<Uint8Array> {
  try {
    return await gunzipped(sent, measure);
  } catch (error) {
    throw error instanceof Problem ? error : unreadable('its compression is damaged');
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

const cleared = (at: number) =>
  new Problem(
    'session_ended',
    `The session ended long ago, and since ${new Date(at).toISOString()} its messages, journal and files are gone: there is nothing to export. Its result and its cost are kept.`,
  );

const tooLong = (bytes: number) =>
  new Problem(
    'payload_too_large',
    `The session holds ${bytes} bytes, and a file may have ${MOST_BYTES}. Nothing was changed; read its messages, events and files one by one.`,
  );

const tooMany = (excess: Excess) =>
  new Problem(
    'payload_too_large',
    `The session ${tellExcess(excess)}, and a file may not. Nothing was changed; read its messages, events and files one by one.`,
  );
