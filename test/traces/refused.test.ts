/** What a receiver refuses is lost to nobody else, and holds nobody up: neither for good, nor until another is taken. */
import { expect, it } from 'vitest';
import type { Log } from '../../lib/ports/index.ts';
import { START } from '../contract/harness.ts';
import type { otlpReceiver } from '../kit/otlp.ts';
import { onPostgres } from '../money/kit.ts';
import { HALF_DAY, MINUTE_MS, tracesKit } from './kit.ts';

const HOUR_MS = 60 * MINUTE_MS;

onPostgres('traces that are refused', (t, db) => {
  const { setup, work } = tracesKit(t, db);

  it('gives up the spans that are refused, and no others', async () => {
    const { receiver, send, lines } = await setup();
    const ids = [await t().session(), await t().session(), await t().session()];
    for (const id of ids) await work(id);
    const refuse = (body: string) => ({ status: body.includes(ids[1]!) ? 400 : 200 });
    receiver.answers.push(...Array(5).fill(refuse));
    await send();
    expect(new Set(receiver.spans().map(({ attributes }) => attributes['gen_ai.conversation.id']))).toEqual(
      new Set([ids[0], ids[2]]),
    );
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([
      { message: 'spans given up', session: ids[1], spans: 2, error: 'HTTP 400' },
    ]);
    receiver.answers.length = 0;
    await send();
    expect(receiver.spans()).toHaveLength(4);
  });

  it('keeps everything for a receiver that takes nothing, as one does that speaks no JSON', async () => {
    const { receiver, send, lines } = await setup();
    for (let i = 0; i < 3; i++) await work(await t().session());
    receiver.answers.push(...Array(5).fill({ status: 400 }));
    await send();
    expect(receiver.requests).toHaveLength(5);
    expect(lines).toMatchObject([
      { level: 'warn', message: 'receiver of traces away', error: 'it takes nothing: HTTP 400' },
    ]);
    await t().setNow(START + 2 * MINUTE_MS);
    await send();
    expect(receiver.spans()).toHaveLength(6);
  });

  /** More sessions than a page has, whose spans the receiver refuses, and then others. `arrived`: of which of these it took spans. */
  async function refusedFirst(receiver: Awaited<ReturnType<typeof otlpReceiver>>) {
    const [refused, others] = [[] as string[], [] as string[]];
    for (const [ids, many] of [
      [refused, 25],
      [others, 5],
    ] as const)
      for (let i = 0; i < many; i++) {
        const id = await t().session();
        await work(id);
        ids.push(id);
      }
    const refuse = (body: string) => ({ status: refused.some((id) => body.includes(id)) ? 413 : 200 });
    receiver.answers.push(...Array(1_000).fill(refuse));
    const arrived = () => new Set(receiver.spans().map(({ attributes }) => attributes['gen_ai.conversation.id']));
    return { refused, others, arrived };
  }

  const givenUp = (lines: Parameters<Log>[0][]) =>
    lines.flatMap(({ message, session }) => (message === 'spans given up' ? [session] : [])).sort();

  it('sends on in the same run when a page is refused, and gives that up once another is taken', async () => {
    const { receiver, send, lines } = await setup();
    const { refused, others, arrived } = await refusedFirst(receiver);
    await send();
    expect(arrived()).toEqual(new Set(others));
    expect(givenUp(lines)).toEqual([...refused].sort());
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
    const asked = receiver.requests.length;
    await send();
    expect(receiver.requests).toHaveLength(asked);
  });

  it('asks first for those that were not asked for, where there is time for a few requests', async () => {
    const { receiver, send } = await setup();
    const { others, arrived } = await refusedFirst(receiver);
    // Each run has eight requests, so a page of 20 comes down to single sessions three times.
    for (let run = 1; run <= 10; run++) {
      const before = receiver.requests.length;
      await send({}, { ...HALF_DAY, elapsed: () => (receiver.requests.length - before) * 2_000 });
      await t().setNow(START + run * HOUR_MS);
    }
    expect(arrived()).toEqual(new Set(others));
  });

  it('rests longer from run to run, although there are entries without spans, for which it asks nobody', async () => {
    const { receiver, send } = await setup();
    const user = await t().user();
    const quiet = await t().session({}, user);
    await work(await t().session());
    const failures: unknown[] = [];
    for (let run = 1; run <= 3; run++) {
      receiver.answers.push(...Array(2).fill({ status: 400 }));
      await t().wish(user, quiet, { type: 'message', content: 'In rhyme.' });
      await send();
      await t().setNow(START + run * HOUR_MS);
      failures.push(...(await db().rows('select failures from trace_export')));
    }
    expect(failures).toEqual([{ failures: '1' }, { failures: '2' }, { failures: '3' }]);
  });
});
