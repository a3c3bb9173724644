/**
 * The packages that SST itself made, each unpacked, loaded and invoked with a real event, with no more around them than Lambda gives:
 * configuration comes out of the encrypted links, the database is one's own, the sandbox runs on what was sent along.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { scripted } from '../../lib/local/model/scripted.ts';
import { pdfOf } from '../kit/pdf.ts';
import { bytesOf, staticClosure } from './kit/closure.ts';
import { type Stage, startStage } from './kit/cloud.ts';
import { PACKAGES } from './kit/deployed.ts';
import { installed, ROOT, SECRETS } from './kit/project.ts';

/** Each part needs another of the packages that were sent along. */
const SHELL = [
  'echo {\\"a\\":\\"jq\\"} | jq -r .a',
  'sqlite3 :memory: "select 6 * 7"',
  'printf "a\\nb\\n" > one; printf "a\\nc\\n" > two; diff one two | tail -1',
  'tar czf all.tgz one two; tar tzf all.tgz | wc -l',
  'printf "%05.1f\\n" 3.14159; echo "x: 1" | yq .x; rg -c a one',
  // Kindly, since less memory was written into what was sent along: as published, both end the whole process.
  'python3 -c "x = [open(\'one\').read()]\nwhile True: x.append(bytearray(4 << 20))" 2>&1 | tail -1',
  'js-exec -c \'for (const a = [];;) a.push(new Array(100000).fill(a.length))\' 2>&1 | grep -o "out of memory"',
].join('\n');

/** A sentence of the library that counts the API's requests. */
const LIMITER = /This algorithm requires a cache/;

const script = scripted([
  reply(call('bash', { command: SHELL })),
  reply(call('grep', { pattern: '^c$' })),
  reply(call('read_file', { path: 'a.pdf' })),
  'It is done.',
]);

describe.skipIf(!installed)('the packages of a deployment', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(script.player);
  }, 300_000);
  afterAll(() => stage?.close());

  it('are small, hold no TypeScript, which Lambda does not promise to run, and no secret in clear', () => {
    for (const name of PACKAGES) {
      const { files } = stage.packages[name];
      const bytes = [...files.values()].reduce((sum, file) => sum + file.length, 0);
      // Lambda takes 250 MB, and 50 MB of them zipped. Half of these are CPython and its library; the readers of git and PDFs are 3 MB.
      // The SDK of MCP is half a megabyte, which is loaded with the first use of it. So are the files of the dashboard, of 0.1 MB, and of the
      // documents, of 0.3 MB: each page is there packed, as HTML and as Markdown, so that nothing is rendered or packed for a reader.
      const hasSandbox = name === 'Iterate' || name === 'Sandbox';
      expect(bytes, name).toBeLessThan(hasSandbox ? 23_500_000 : name === 'Api' ? 3_750_000 : 3_000_000);
      const zipped = [...files.values()].reduce((sum, file) => sum + deflateRawSync(file).length, 0);
      expect(zipped, name).toBeLessThan(hasSandbox ? 11_000_000 : name === 'Api' ? 1_280_000 : 1_000_000);
      expect([...files.keys()].filter((path) => /\.[mc]?ts$|\.map$|snapshot/.test(path))).toEqual([]);
      const all = Buffer.concat([...files.values()]);
      for (const secret of Object.values(SECRETS)) expect(all.includes(secret), name).toBe(false);
    }
  });

  it('load little before their handlers run: of iterate under 1.0 MB with all that it imports statically', () => {
    for (const name of PACKAGES) {
      const { files } = stage.packages[name];
      const bytes = bytesOf(files, staticClosure(files));
      expect(bytes, name).toBeGreaterThanOrEqual(files.get('bundle.mjs')!.length);
      // Of the API 12 kB are the stream of all events and what serves the dashboard, whose files are loaded when a browser asks for them.
      const most = { Iterate: 1_000_000, Sandbox: 50_000, Api: 1_530_000 }[String(name)] ?? 1_500_000;
      expect(bytes, name).toBeLessThan(most);
    }
  });

  it('load nothing of the sandbox, the model or AWS before it is needed', () => {
    const { files } = stage.packages.Iterate;
    const loaded = [...staticClosure(files)].map((path) => files.get(path)!.toString()).join('\n');
    // These are in the package, in files that are loaded later.
    const all = [...files].map(([path, bytes]) => (path.endsWith('.mjs') ? bytes.toString() : '')).join('\n');
    for (const late of [
      /from ?["']just-bash["']/,
      /X-Stainless-/,
      /SendMessageBatchCommand\b.{0,40}extends/,
      /CreateScheduleCommand\b.{0,40}extends/,
      /InvokeCommand\b.{0,40}extends/,
    ]) {
      expect(all).toMatch(late);
      expect(loaded).not.toMatch(late);
    }
  });

  it.each([
    ['the files of the dashboard', /\/app\/main-/],
    ['the documents', /\/docs\/style-/],
    ['the words of the contract', /'Names it\.'|"Names it\."/],
  ])('load %s when somebody asks for them', (_, mark) => {
    const { files } = stage.packages.Api;
    const has = (paths: Iterable<string>) => [...paths].some((path) => mark.test(files.get(path)!.toString()));
    expect([has(staticClosure(files)), has(files.keys())]).toEqual([false, true]);
  });

  it('load what counts requests with the first request', () => {
    for (const name of PACKAGES) {
      const { files } = stage.packages[name];
      const has = (paths: Iterable<string>) => [...paths].some((path) => LIMITER.test(files.get(path)!.toString()));
      expect(has(staticClosure(files)), name).toBe(false);
      if (name === 'Api') expect(has(files.keys())).toBe(true);
    }
  });

  it('migrate: applies all migrations and the functions, and none a second time', async () => {
    const names = readdirSync(join(ROOT, 'migrations')).filter((name) => /^\d{4}_\w+\.sql$/.test(name));
    const applied = [...names.map((name) => name.replace('.sql', '')).sort(), 'functions'];
    expect(await stage.invoke('Migrate', {})).toEqual({ type: 'buffered', payload: { applied } });
    expect(await stage.invoke('Migrate', {})).toEqual({ type: 'buffered', payload: { applied: [] } });
  });

  it('api and iterate: a session goes from its first request to its result', async () => {
    const admin = SECRETS.AdminApiKey;
    const user = {
      tier: 'economy',
      subscription_budget_microdollars: 30_000_000,
      subscription_renewal_date: null,
    };
    expect(await stage.request('PUT', '/v1/admin/users/ann', admin, user)).toMatchObject({ status: 200 });
    const { json: minted } = await stage.request('POST', '/v1/admin/users/ann/api-keys', admin, {});
    const key = String(minted.key);
    const pdf = Buffer.from(pdfOf(['Sent along'])).toString('base64');
    const made = await stage.request('POST', '/v1/sessions', key, {
      goal: 'Use the shell.',
      files: [{ path: 'a.pdf', content: pdf, encoding: 'base64' }],
    });
    expect(made).toMatchObject({ status: 201, json: { status: 'working' } });
    const path = `/v1/sessions/${made.json.id}`;

    // B13: ids, and nothing of what they stand for.
    expect(await stage.hints()).toEqual([{ sessionId: made.json.id, userId: 'ann' }]);
    stage.poll();
    const session = await vi.waitFor(
      async () => {
        const { json } = await stage.request('GET', path, key);
        expect(json, stage.lines.slice(-5).join('\n')).toMatchObject({ status: 'completed' });
        return json;
      },
      { timeout: 100_000, interval: 200 },
    );
    expect(session).toMatchObject({ result: 'It is done.', iteration_number: 4 });
    const { json: history } = await stage.request('GET', `${path}/messages`, key);
    const results = (history.data as { content: { type: string; content?: string }[] }[])
      .flatMap(({ content }) => content)
      .filter(({ type }) => type === 'tool_result');
    expect(results[0]?.content).toBe('jq\n42\n> c\n2\n003.1\n1\n1\nMemoryError\nout of memory');
    expect(results[1]?.content).toBe('two:2:c');
    expect(results[2]?.content).toBe('1\t[page 1]\n2\tSent along');
    // Both in the function that is given nothing, and none beside the iteration.
    expect(stage.lambda.bytes).toHaveLength(3);
    expect(stage.lines.join('\n')).not.toContain('runs beside the iteration');
    script.done();
  });

  it('log what CloudWatch counts, with session, iteration, fence and the request’s id', () => {
    const logged = stage.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    const settled = logged.filter(({ message }) => message === 'settle');
    expect(settled).toHaveLength(4);
    expect(settled[0]).toMatchObject({
      ...{ level: 'info', session: expect.stringMatching(/^ses_/), fence: 1, iteration: 1, iterations: 1 },
      ...{ request: expect.stringMatching(/^[0-9a-f-]{36}$/), ceiling_percent: expect.any(Number) },
      _aws: { CloudWatchMetrics: [{ Namespace: 'circadian/dev', Dimensions: [[]] }] },
    });
    for (const secret of Object.values(SECRETS)) expect(stage.lines.join('\n')).not.toContain(secret);
    expect(stage.lines.join('\n')).not.toContain('Use the shell.');
  });

  it('wake: answers the crons and the alarm', async () => {
    for (const event of [
      { cron: 'recovery' },
      { cron: 'midnight' },
      { type: 'alarm', at: '2026-11-11T00:00:00.000Z' },
    ]) {
      expect(await stage.invoke('Wake', event)).toEqual({ type: 'buffered', payload: { hinted: 0 } });
    }
  });

  it('reconcile: finds that all money agrees', async () => {
    expect(await stage.invoke('Reconcile', {})).toEqual({ type: 'buffered', payload: { found: 0, left: 0 } });
    const lines = stage.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(lines.find(({ message }) => message === 'reconciled')).toMatchObject({
      ...{ found: 0, left: 0, not_compared: [], drift: 0 },
      _aws: { CloudWatchMetrics: [{ Metrics: [{ Name: 'drift', Unit: 'Count' }] }] },
    });
  });

  it('bury: takes a dead letter and reports no failure', async () => {
    const [{ id }] = (await stage.database.query('select id from agent_sessions')).rows as [{ id: string }];
    const record = {
      ...{ messageId: '059f36b4-87a3-44ab-83d2-661975830a7d', receiptHandle: 'AQEB', awsRegion: 'us-east-1' },
      ...{ body: JSON.stringify({ sessionId: id, userId: 'ann' }), attributes: {}, messageAttributes: {} },
      ...{ md5OfBody: '', eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:1:letters' },
    };
    const none = { type: 'buffered', payload: { batchItemFailures: [] } };
    expect(await stage.invoke('DeadLetter', { Records: [record] })).toEqual(none);
  });
});
