/** A job that people give to an agent for days, as data: what the person says and sends, what the model does, and what the person would accept. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blocksOf, type MessagesRequest } from '../../lib/local/messages-api/shape.ts';
import type { Step } from '../../lib/local/model/scripted.ts';
import type { Person, stage } from '../local/acceptance/stage.ts';

/** One session of a job. */
export type Part = {
  /** What the person asks for. */
  goal(site: Site): string;
  /** More of the session: rules of the web, files that come along, an agent. */
  session?: object;
  /** What the model does, reply by reply. It sees only its requests. */
  steps(site: Site): Step[];
  /** What the person does while the agent works. */
  meanwhile?(live: Live): Promise<void>;
};

export type Job = Part & {
  title: string;
  /** What the person may spend a day, microdollars; left out: plenty. */
  daily?: number;
  /** The server that it works with, where that is no web site. */
  serve?(): Promise<Site>;
  /** The web of this job, by path. */
  pages?: Record<string, Page>;
  /** What a search of the web finds, whatever is asked for. */
  found?(site: Site): { title: string; url: string; content: string }[];
  /** What the person sets up first. */
  before?(person: Person, site: Site, local: Live['local']): Promise<void>;
  /** Another session of the same person, when the first has ended. */
  later?: Part;
  /** Throws unless a person would accept what was left, by the last session. */
  accept(live: Live): Promise<void>;
};

export type Live = {
  person: Person;
  local: ReturnType<typeof stage>;
  site: Site;
  /** The session's id. */
  id: string;
  requests: MessagesRequest[];
  /** Of the workspace; throws for a file that is not there. */
  file(path: string): Promise<string>;
  paths(): Promise<string[]>;
  /** What its tools told the model, in order. */
  results(): Promise<{ content: string; is_error: boolean }[]>;
};

type Answer = { status?: number; headers?: Record<string, string>; body?: string };
/** `nth`: how often it was asked before. */
export type Page = string | Answer | ((nth: number, request: IncomingMessage) => Answer);

/** `asked`: path and query of each request that arrived. */
export type Site = { url: string; asked: string[]; close(): Promise<void> };

export async function startSite(pages: Record<string, Page> = {}): Promise<Site> {
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const target = request.url ?? '/';
    const nth = asked.filter((one) => one === target).length;
    asked.push(target);
    const page = pages[target] ?? pages[target.replace(/\?.*/, '')];
    const given = typeof page === 'function' ? page(nth, request) : page;
    const {
      status = 200,
      headers = {},
      body = '',
    } = given === undefined ? { status: 404, body: 'Not found' } : typeof given === 'string' ? { body: given } : given;
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const html = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><title>${title}</title></head><body><nav><a href="/">Home</a></nav><main><h1>${title}</h1>${body}</main></body></html>`;

export const redirect = (location: string, status = 302): Answer => ({ status, headers: { location } });

/** What has been told since the model's last reply: results of its calls, messages, the runtime's notes. */
export function told({ messages }: MessagesRequest): string {
  const since = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
  return since
    .flatMap((message) => blocksOf(message))
    .map((block) => {
      const { text, content } = block as { text?: string; content?: unknown };
      return text ?? (typeof content === 'string' ? content : JSON.stringify(content ?? ''));
    })
    .join('\n');
}

/** Addresses that Markdown links lead to. */
export const linksIn = (text: string): string[] =>
  [...text.matchAll(/\]\((http[^)\s]+)\)/g)].map(([, address]) => address ?? '');
