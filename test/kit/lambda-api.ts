/**
 * Lambda's `Invoke` over HTTP, in front of the functions on localhost. It takes signed, synchronous requests only, answers a function that failed with
 * 200 and a header, and refuses what Lambda refuses, by the same names.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { FunctionError, PAYLOAD_LIMIT } from '../../lib/local/lambda/function.ts';
import type { Invoker } from '../../lib/local/lambda/invoker.ts';

const PATH = /^\/2015-03-31\/functions\/([\w-]+)\/invocations$/;
const SIGNED = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/us-east-1\/lambda\/aws4_request, SignedHeaders=/;

/** `throttled`: what the account has no room for. `bytes`: of each request's body that was taken. */
export type LambdaApi = { endpoint: string; throttled: boolean; bytes: number[]; close(): Promise<void> };

export async function startLambdaApi(invoke: Invoker['invoke']): Promise<LambdaApi> {
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api: LambdaApi = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ throttled: false, bytes: [] },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const name = PATH.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || name === undefined)
      return refuse(response, 404, 'UnknownOperationException', 'There is no such operation.');
    if (!SIGNED.test(request.headers.authorization ?? ''))
      return refuse(response, 403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
    if ((request.headers['x-amz-invocation-type'] ?? 'RequestResponse') !== 'RequestResponse')
      return refuse(response, 400, 'InvalidParameterValueException', 'Only RequestResponse is known here.');
    if (body.length > PAYLOAD_LIMIT)
      return refuse(response, 413, 'RequestEntityTooLargeException', `${body.length} bytes exceeded ${PAYLOAD_LIMIT}`);
    if (api.throttled) return refuse(response, 429, 'TooManyRequestsException', 'Rate Exceeded.');
    const event = jsonOf(body);
    if (event === undefined)
      return refuse(response, 400, 'InvalidRequestContentException', 'Could not parse request body into json.');
    api.bytes.push(body.length);
    try {
      const answer = await invoke(name, event);
      answered(response, answer.type === 'buffered' ? answer.payload : null);
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      const { errorType, message: errorMessage } = error;
      if (errorType === 'ResourceNotFoundException') return refuse(response, 404, errorType, errorMessage);
      answered(response, { errorType, errorMessage }, { 'x-amz-function-error': 'Unhandled' });
    }
  }
  return api;
}

const answered = (response: ServerResponse, payload: unknown, more: Record<string, string> = {}): void =>
  void response
    .writeHead(200, { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST', ...more })
    .end(JSON.stringify(payload));

const refuse = (response: ServerResponse, status: number, type: string, Message: string): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type })
    .end(JSON.stringify({ Type: 'User', Message }));

const jsonOf = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
};
