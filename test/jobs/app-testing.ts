import type { IncomingMessage } from 'node:http';
import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { html, type Job, told } from './job.ts';

const json = { 'content-type': 'application/json' };
const created = { status: 201, headers: json, body: '{"ok":true}' };
/**
 * An application for orders with two faults: it takes a quantity below zero, and fails where there is none. `asked`: method and quantity of each
 * request.
 */
const orders = (asked: string[]) => (_nth: number, request: IncomingMessage) => {
  asked.push([request.method, request.headers['x-quantity']].join(' ').trim());
  return answerTo(request);
};

function answerTo({ method, headers }: IncomingMessage) {
  if (method === 'GET') return { headers: json, body: '{"orders":[{"id":1,"quantity":2}]}' };
  return headers['x-quantity'] === undefined ? { status: 500, headers: json, body: '{"error":"NaN"}' } : created;
}

const finding = {
  type: 'object',
  properties: {
    request: { type: 'string' },
    status: { type: 'integer' },
    severity: { type: 'string', enum: ['low', 'high'] },
  },
  required: ['request', 'status', 'severity'],
  additionalProperties: false,
};
const result_schema = {
  type: 'object',
  properties: { findings: { type: 'array', items: finding }, untested: { type: 'array', items: { type: 'string' } } },
  required: ['findings', 'untested'],
  additionalProperties: false,
};

const curl = (url: string, rest: string) =>
  call('bash', { command: `curl -s -o answer.json -w '%{http_code} ' ${rest} ${url}/orders; cat answer.json` });
const WRITES = { many: '-X POST -H "x-quantity: 900000"', none: '-X POST', gone: '-X DELETE' };
const FEWER = '-X POST -H "x-quantity: -1"';

/** Reads are free; of each request that writes the person approves, changes or denies the very command. */
export function appTesting(): Job {
  const asked: string[] = [];
  return {
    title: 'an application tried by its API, its person deciding on each request that writes',
    goal: ({ url }) => `Try ${url}: its page, and its API at /orders. Tell me what is wrong.`,
    session: {
      agent: 'tester',
      result_schema,
      web: { shell: [{ host: '127.0.0.1', methods: ['GET', 'POST', 'DELETE'] }] },
    },
    pages: { '/': html('Orders', '<form action="/orders" method="post"></form>'), '/orders': orders(asked) },
    steps: ({ url }) => [
      reply(call('bash', { command: `curl -s ${url}/ | grep -o 'action="[^"]*"'` }), curl(url, '')),
      (request) => {
        expect(told(request)).toContain('action="/orders"');
        expect(told(request)).toContain('200 {"orders"');
        return reply(...Object.values(WRITES).map((write) => curl(url, write)));
      },
      (request) => {
        const heard = told(request);
        const findings = [...heard.matchAll(/^(201|500) \{/gm)].map(([, status]) => ({
          ...{ request: 'POST /orders', status: Number(status), severity: status === '500' ? 'high' : 'low' },
        }));
        const untested = heard.includes('denied this call') ? ['DELETE /orders'] : [];
        return reply(call('finish', { findings, untested }));
      },
    ],
    async meanwhile({ person, id, site }) {
      const { waiting } = await person.until(id, { status: 'waiting_for_input', waiting: { kind: 'approval' } });
      expect(asked).toEqual(['GET']);
      type Asked = { call_id: string; input: { command: string }; args_sha: string };
      const questions = Object.fromEntries(
        Object.entries(WRITES).map(([name, write]) => {
          const of = (waiting.approvals as Asked[]).filter(
            ({ input }) => input.command === curl(site.url, write).input.command,
          );
          expect(of).toHaveLength(1);
          return [name, of[0]!];
        }),
      ) as Record<keyof typeof WRITES, Asked>;
      const decide = (name: keyof typeof WRITES, decision: object) =>
        person.wish(id, `approvals/${questions[name].call_id}`, { args_sha: questions[name].args_sha, ...decision });
      await decide('many', { decision: 'edit', input: curl(site.url, FEWER).input });
      await decide('none', { decision: 'approve' });
      await decide('gone', { decision: 'deny', reason: 'These orders are real.' });
    },
    async accept({ person, id, results }) {
      expect((await person.get(id)).result_json).toEqual({
        findings: [
          { request: 'POST /orders', status: 201, severity: 'low' },
          { request: 'POST /orders', status: 500, severity: 'high' },
        ],
        untested: ['DELETE /orders'],
      });
      expect(asked).toEqual(['GET', 'POST -1', 'POST']);
      const [, , edited, , denied] = await results();
      expect(edited?.content).toContain('with other arguments than yours');
      expect(denied).toMatchObject({ is_error: true, content: expect.stringContaining('These orders are real.') });
    },
  };
}
