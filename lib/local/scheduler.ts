/**
 * EventBridge Scheduler on a clock that can be set: one-time schedules with a target, over the service's own REST API (Amazon EventBridge
 * Scheduler API reference), so that the production client talks to it. In memory: a schedule is a hint.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAgenda, type Deliver } from './scheduler-agenda.ts';
import { type Problem, parseSchedule, problem } from './scheduler-schedule.ts';

export type LocalScheduler = {
  endpoint: string;
  close(): Promise<void>;
  /** To be called when the clock has jumped: delivers what has become due, waits for those deliveries, arms the rest anew. */
  fireDue(): Promise<void>;
};

/**
 * `now`: the settable clock, milliseconds. `deliver` may throw: it is tried again by the schedule's retry policy, first after `retryMs`
 * (1 s), then doubling. A schedule whose time has passed is delivered at once.
 */
export async function startScheduler(options: {
  now: () => number;
  deliver: Deliver;
  port?: number;
  retryMs?: number;
  /** Each request's method and path. */
  onRequest?: (what: string) => void;
}): Promise<LocalScheduler> {
  const { now, deliver, port = 0, retryMs = 1_000, onRequest } = options;
  const agenda = createAgenda({ now, deliver, retryMs });

  const handle = async (request: IncomingMessage): Promise<unknown> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const name = /^\/schedules\/([\w.-]{1,64})$/.exec(decodeURIComponent(url.pathname))?.[1];
    if (!name) throw problem(400, 'ValidationException', "Value at 'name' failed to satisfy constraint.");
    const body = await readJson(request);
    const group = String(body.GroupName ?? url.searchParams.get('groupName') ?? 'default');
    const found = agenda.get(group, name);

    if (request.method === 'POST') {
      if (found && body.ClientToken && found.ClientToken === body.ClientToken) return { ScheduleArn: found.Arn };
      if (found) throw problem(409, 'ConflictException', `Schedule ${name} already exists.`);
      return { ScheduleArn: agenda.put(parseSchedule(name, group, body, now())).Arn };
    }
    if (!found) throw problem(404, 'ResourceNotFoundException', `Schedule ${name} does not exist.`);
    if (request.method === 'GET') return { ...found, ClientToken: undefined };
    if (request.method === 'DELETE') {
      agenda.remove(found);
      return {};
    }
    if (request.method === 'PUT') {
      const changed = { ...parseSchedule(name, group, body, now()), CreationDate: found.CreationDate };
      agenda.remove(found);
      return { ScheduleArn: agenda.put(changed).Arn };
    }
    throw problem(400, 'ValidationException', `${request.method} is not supported.`);
  };

  const server = createServer(async (request, response) => {
    onRequest?.(`${request.method} ${request.url}`);
    try {
      const body = await handle(request);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } catch (error) {
      const { status = 500, type = 'InternalServerException', message } = error as Partial<Problem>;
      const headers = { 'content-type': 'application/json', 'x-amzn-errortype': type };
      response.writeHead(status, headers).end(JSON.stringify({ Message: message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fireDue: () => agenda.fireDue(),
    async close() {
      agenda.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  if (chunks.length === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw problem(400, 'ValidationException', 'The request body is not JSON.');
  }
}
