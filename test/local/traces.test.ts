/** Traces end to end: a session of the whole local system works. A strict receiver of OpenTelemetry on loopback gets what it did, and no word of it. */
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../client/index.ts';
import { call, reply } from '../../lib/local/model/answer.ts';
import { readOptions } from '../../lib/local/options.ts';
import { startLocal } from '../../lib/local/system.ts';
import { otlpReceiver } from '../kit/otlp.ts';

const MINUTE_MS = 60_000;
const GOAL = 'A poem about badgers';

it('a session that has ended is in the traces, without its texts', async () => {
  const receiver = await otlpReceiver();
  const { sample: _, ...options } = readOptions({
    ...{ PORT: '0', DATA_DIR: 'memory', NOW: '2026-11-10T08:00:00Z' },
    OTEL_EXPORTER_OTLP_ENDPOINT: new URL(receiver.url).origin,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-a-test',
  });
  const system = await startLocal(options);
  onTestFinished(() => system.close());
  system.model!.answerNext(
    reply('Badgers dig.', call('write_file', { path: 'badgers.md', content: 'badgers at night\n' })),
    reply(call('finish', { result: 'Badgers are in badgers.md.' })),
  );
  const { sessions } = createClient({ url: system.url, key: system.apiKey });
  const { id } = await sessions.create({ goal: GOAL });
  const done = await sessions.wait(id, { until: ['completed'] });
  // The wake function has sent what there is when the move has been made.
  await system.moveClock(system.clock.now() + MINUTE_MS);

  const spans = receiver.spans();
  expect(spans.map(({ name }) => name)).toEqual([
    ...['chat claude-sonnet-5-5', 'execute_tool write_file', 'chat claude-sonnet-5-5', 'execute_tool finish'],
    'invoke_agent assistant',
  ]);
  const agent = spans.at(-1)!;
  expect(spans.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual([
    ...Array.from({ length: 4 }, () => [agent.traceId, agent.spanId]),
    [agent.traceId, undefined],
  ]);
  for (const { attributes } of spans) expect(attributes).toMatchObject({ 'gen_ai.conversation.id': id });
  expect(agent.attributes['circadian.cost_microdollars']).toBe(done.cost_microdollars);
  for (const { url, headers } of receiver.requests)
    expect([url, headers.authorization]).toEqual(['/v1/traces', 'Bearer of-a-test']);
  expect(receiver.bodies.join()).not.toMatch(/badger/i);
});
