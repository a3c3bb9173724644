/** A project of one's own through the whole local system, over HTTP: its agent and its tools work, and its secret is nowhere to be read. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { stage } from '../local/acceptance/stage.ts';
import config from './circadian.config.ts';

const SECRET = 'wk-0123456789abcdef';
const lines: string[] = [];
const local = stage({
  config,
  iterateHandler: 'test/project/iterate.handler',
  toolSecrets: { TOOL_SECRET_WEATHER_KEY: SECRET },
  env: { TOOLS_LOOPBACK: '1' },
  onLog: (line) => lines.push(line),
});

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: string };
const seen: Seen[] = [];
let answer: (request: Seen, response: ServerResponse) => void;
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text) => {
    body += text;
  });
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, url, headers, body });
    answer(seen.at(-1)!, response);
  });
});
let address: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

/** The server says the key back, as a careless one might. */
const careless = (request: Seen, response: ServerResponse): void => {
  response.end(
    `18 degrees in ${request.url}, asked with ${request.headers.authorization ?? request.headers['x-api-key']}`,
  );
};

describe('a project of one’s own', () => {
  it('has its agent work with its tools, its secret and its files; the secret is in nothing that is kept', async () => {
    answer = careless;
    const ann = await local.person();
    const steps = [
      reply(call('weather', { address, place: 'Lisbon' })),
      reply(call('open_ticket', { address, title: 'Rain' })),
      'Take a coat.',
    ];
    const session = await ann.start(steps, { agent: 'forecaster' });
    const done = await ann.until(session.id, { status: 'completed' });
    expect(done).toMatchObject({ result: 'Take a coat.', agent: 'forecaster', model: 'claude-haiku-5-5', tools: null });
    const mine = seen.filter(({ url }) => /Lisbon|tickets/.test(url));
    expect(mine.map(({ method, headers }) => [method, headers.authorization ?? headers['x-api-key']])).toEqual([
      ['GET', `Bearer ${SECRET}`],
      ['POST', SECRET],
    ]);
    expect(mine[1]?.body).toBe('{"title":"Rain"}');

    const [first] = session.requests;
    expect(first?.tools?.map(({ name }) => name)).toEqual([
      ...['weather', 'open_ticket', 'write_file', 'read_file'],
      ...['finish', 'sleep', 'ask_user', 'narrate'],
    ]);
    const told = JSON.stringify(session.requests.at(-1));
    expect(told).toContain('18 degrees in /v1/tomorrow?place=Lisbon, asked with Bearer [redacted]');
    const file = await ann.call('GET', `/sessions/${session.id}/files/weather/Lisbon.txt`);
    expect(file.text).toContain('Bearer [redacted]');
    const kept = [told, file.text, JSON.stringify(await ann.journal(session.id)), lines.join('\n')];
    kept.push((await ann.call('GET', `/sessions/${session.id}/messages`)).text, JSON.stringify(done));
    for (const text of kept) expect(text).not.toContain(SECRET);
    const line = lines.map((text) => JSON.parse(text)).find(({ said }) => said === 'asked for the weather');
    expect(line).toMatchObject({
      session: session.id,
      tool: 'weather',
      fields: { place: 'Lisbon', with: '[redacted]' },
    });
    session.done();
  });

  it('tells the model what a tool wants otherwise, and asks no address of a network behind it', async () => {
    answer = (_, response) => response.writeHead(404).end();
    const ann = await local.person();
    const steps = [
      reply(call('weather', { address, place: 'Atlantis' })),
      reply(call('weather', { address: 'https://169.254.169.254', place: 'x' })),
      'I gave up.',
    ];
    const session = await ann.start(steps, { agent: 'forecaster' });
    await ann.until(session.id, { status: 'completed' });
    const results = (await ann.journal(session.id)).filter(({ type }) => type === 'agent.tool.result');
    expect(results.map(({ content, is_error }) => [is_error, content])).toEqual([
      [true, 'No place is called Atlantis: give the name of a town.'],
      [true, expect.stringMatching(/^weather failed: https:\/\/169\.254\.169\.254 was not asked: an address must /)],
    ]);
  });

  it('lets a session allow fewer tools: others are not offered, and do not run when the model calls them all the same', async () => {
    answer = careless;
    const ann = await local.person();
    const before = seen.length;
    const steps = [
      reply(call('open_ticket', { address, title: 'Not mine' }), call('bash', { command: 'echo hi' })),
      'So be it.',
    ];
    const session = await ann.start(steps, { agent: 'forecaster', tools: ['read_file', 'weather'] });
    const done = await ann.until(session.id, { status: 'completed' });
    expect(done.tools).toEqual(['read_file', 'weather']);
    // In the agent's own order, so that two sessions with the same list have the same head.
    expect(session.requests[0]?.tools?.map(({ name }) => name)).toEqual([
      ...['weather', 'read_file', 'finish', 'sleep', 'ask_user', 'narrate'],
    ]);
    const results = (await ann.journal(session.id)).filter(({ type }) => type === 'agent.tool.result');
    const known =
      'is not offered here, so nothing was run. These are: weather, read_file, finish, sleep, ask_user, narrate.';
    expect(results.map(({ content }) => content)).toEqual([
      `The tool "open_ticket" ${known}`,
      `The tool "bash" ${known}`,
    ]);
    expect(seen.length).toBe(before);
    const refused = await ann.call('POST', '/sessions', { goal: 'x', agent: 'forecaster', tools: ['bash'] });
    expect([refused.status, refused.json.errors]).toEqual([
      422,
      [
        {
          path: 'tools.0',
          message: 'Is no tool of the agent forecaster, which has weather, open_ticket, write_file, read_file',
        },
      ],
    ]);
  });

  it('is shown to those who choose: agents, tools with those that have them, and tiers', async () => {
    const ann = await local.person({ tier: 'team' });
    const { data: agents } = (await ann.call('GET', '/agents')).json;
    expect(agents.map(({ name }: { name: string }) => name)).toEqual(['assistant', 'builder', 'forecaster']);
    expect(agents[2]).toMatchObject({
      ...{ default_model: 'claude-haiku-5-5', default_effort: 'low', default_max_output_tokens: 4_000 },
    });
    expect(agents[0]).toMatchObject({ default_model: 'claude-sonnet-5-5', default_effort: 'high' });
    const { data: tools } = (await ann.call('GET', '/tools')).json;
    const row = (name: string) => tools.find((tool: { name: string }) => tool.name === name);
    expect(row('open_ticket')).toEqual({
      ...{ name: 'open_ticket', effect: 'once', price_microdollars: null, agents: ['forecaster'] },
      description: expect.stringContaining('Opens a ticket'),
    });
    expect(row('read_file').agents).toEqual(['assistant', 'builder', 'forecaster']);
    expect(JSON.stringify([agents, tools])).not.toMatch(/WEATHER_KEY|finish/);
  });
});
