/** A receiver of webhooks on this machine, with all that it was sent. It ends with its test. */
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export async function receiver() {
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  let [status, more]: [number, Record<string, string>] = [200, {}];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    got.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(status, more).end('its own words');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    got,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    /** What it answers from now on. */
    answer(code: number, headers: Record<string, string> = {}) {
      [status, more] = [code, headers];
    },
  };
}
