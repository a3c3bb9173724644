/**
 * What the `sst` command itself asks of AWS before it runs a program: SSM parameters (its bootstrap, its passphrase) and S3 objects (its
 * state), in memory; and an AppSync API, by which `sst dev` has functions run on its own machine.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ACCOUNT } from './account.ts';

/** `version` is far above any real one, so that the command takes the account for bootstrapped. */
const BOOTSTRAP = {
  ...{ version: 99, asset: 'sst-asset-fake', state: 'sst-state-fake' },
  ...{ assetEcrRegistryId: ACCOUNT, assetEcrUrl: 'fake/sst-asset' },
};

export type FakeAws = { url: string; close(): Promise<void> };

export const startFakeAws = async (): Promise<FakeAws> => {
  const parameters = new Map([['/sst/bootstrap', JSON.stringify(BOOTSTRAP)]]);
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const target = request.headers['x-amz-target'];
    if (target) systemsManager(String(target), JSON.parse(body.toString()), parameters, response);
    else if (request.url?.startsWith('/v2/apis')) appSync(request, response);
    else storage(request, body, objects, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => closed(server) };
};

const closed = (server: Server): Promise<void> => {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
};

type Parameter = { Name: string; Value: string };

const systemsManager = (target: string, ask: Parameter, parameters: Map<string, string>, response: ServerResponse) => {
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  if (target === 'AmazonSSM.PutParameter') {
    parameters.set(ask.Name, ask.Value);
    return answer(200, { Version: 1 });
  }
  const Value = parameters.get(ask.Name);
  if (target !== 'AmazonSSM.GetParameter') return answer(400, { __type: 'Unsupported', message: target });
  if (Value === undefined) return answer(400, { __type: 'ParameterNotFound', message: ask.Name });
  return answer(200, { Parameter: { Name: ask.Name, Type: 'String', Value } });
};

/** One API, made when it is first asked for; its channels are not used here. */
const appSync = ({ method, url }: IncomingMessage, response: ServerResponse) => {
  const api = { apiId: 'live', name: 'sst', dns: { HTTP: 'live.example', REALTIME: 'live-realtime.example' } };
  const channel = { apiId: 'live', name: 'sst' };
  const answers = url?.includes('channelNamespaces')
    ? { GET: { channelNamespaces: [channel] }, POST: { channelNamespace: channel } }
    : { GET: { apis: [] }, POST: { api } };
  const answer = method === 'POST' ? answers.POST : answers.GET;
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
};

const storage = (request: IncomingMessage, body: Buffer, objects: Map<string, Buffer>, response: ServerResponse) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3');
  const xml = (status: number, text: string) =>
    response.writeHead(status, { 'content-type': 'application/xml' }).end(text);
  switch (request.method) {
    case 'PUT':
      objects.set(
        pathname,
        String(request.headers['content-encoding']).includes('aws-chunked') ? unchunked(body) : body,
      );
      return response.writeHead(200, { etag: '"x"' }).end();
    case 'DELETE':
      objects.delete(pathname);
      return response.writeHead(204).end();
  }
  if (searchParams.has('list-type'))
    return xml(200, '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
  const found = objects.get(pathname);
  if (found) return response.writeHead(200).end(found);
  return xml(404, `<Error><Code>NoSuchKey</Code><Message>${pathname}</Message></Error>`);
};

/** The SDK for Go signs what it sends piece by piece: `<length in hex>;chunk-signature=…\r\n<bytes>\r\n`, ended by a piece of length 0. */
const unchunked = (body: Buffer): Buffer => {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.toString('latin1', at, line), 16);
    if (!length) return Buffer.concat(pieces);
    pieces.push(body.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
};
