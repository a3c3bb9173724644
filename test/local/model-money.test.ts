/** What the local model server accounts: prompt cache and bill. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { costMicrodollars } from '../../lib/budget/index.ts';
import { openBill } from '../../lib/local/model/bill.ts';
import { ending, failing, overloaded, reply, scriptedModel, serverError } from '../kit/model.ts';
import { assistant, base, post, text, user } from './messages-api.ts';

describe('the prompt cache', () => {
  const MINUTE = 60_000;
  const essay = (n: number) => `${n} ${'Sunlight resets the clock. '.repeat(400)}`;
  const start = async (replies: number) => {
    const clock = { now: Date.UTC(2026, 10, 22) };
    const server = await scriptedModel(
      Array.from({ length: replies }, () => 'Ok.'),
      { now: () => clock.now },
    );
    const ask = async (messages: unknown[], more = {}) => {
      const { usage } = JSON.parse((await post(`${server.url}/v1/messages`, { ...base, messages, ...more })).text);
      return {
        input: usage.input_tokens,
        read: usage.cache_read_input_tokens,
        written: usage.cache_creation_input_tokens,
        usage,
      };
    };
    return { clock, server, ask };
  };
  const five = { type: 'ephemeral' };

  it('writes a prefix once and reads it after, growing', async () => {
    const { ask } = await start(2);
    const first = await ask([user(text(essay(1), five))]);
    expect(first).toMatchObject({ input: 0, read: 0 });
    const second = await ask([user(text(essay(1))), assistant(text('Ok.')), user(text(essay(2), five))]);
    expect(second).toMatchObject({ input: 0, read: first.written });
    expect(second.written).toBeGreaterThan(1_000);
  });

  it('accounts what stands behind the last breakpoint, and short prefixes, as plain input', async () => {
    const { ask } = await start(2);
    const { input, written } = await ask([user(text(essay(1), five), text('short tail '.repeat(30)))]);
    expect(input).toBeGreaterThan(50);
    expect(written).toBeGreaterThan(1_000);
    expect(await ask([user(text('short', five))])).toMatchObject({ read: 0, written: 0, input: expect.any(Number) });
  });

  it('forgets after five minutes or an hour, counted from the last use', async () => {
    const { ask, clock } = await start(5);
    const prompt = [user(text(essay(1), { type: 'ephemeral', ttl: '1h' }), text(essay(2), five))];
    const { usage } = await ask(prompt);
    const { ephemeral_1h_input_tokens: hour, ephemeral_5m_input_tokens: minutes } = usage.cache_creation;
    expect([hour > 1_000, minutes > 1_000]).toEqual([true, true]);
    clock.now += 4 * MINUTE;
    expect(await ask(prompt)).toMatchObject({ read: hour + minutes, written: 0 });
    clock.now += 4 * MINUTE;
    expect(await ask(prompt)).toMatchObject({ read: hour + minutes, written: 0 });
    clock.now += 5 * MINUTE;
    expect(await ask(prompt)).toMatchObject({ read: hour, written: minutes });
    clock.now += 60 * MINUTE;
    expect(await ask(prompt)).toMatchObject({ read: 0, written: hour + minutes });
  });

  it('misses when the head differs or the model does', async () => {
    const { ask } = await start(3);
    await ask([user(text(essay(1), five))]);
    expect(await ask([user(text(essay(1), five))], { system: 'Other.' })).toMatchObject({ read: 0 });
    expect(await ask([user(text(essay(1), five))], { model: 'claude-opus-5-5' })).toMatchObject({ read: 0 });
  });

  it('looks back twenty blocks, not more', async () => {
    const { ask } = await start(3);
    const blocks = (n: number) => Array.from({ length: n }, (_, i) => text(`block ${i}`));
    const { written } = await ask([user(text(essay(1), five))]);
    expect(await ask([user(text(essay(1)), ...blocks(19), text('end', five))])).toMatchObject({ read: written });
    expect(await ask([user(text(essay(1)), text('x'), ...blocks(20), text('end', five))])).toMatchObject({ read: 0 });
  });
});

describe('the bill', () => {
  it('has one line per served request, at the published price', async () => {
    const server = await scriptedModel([
      'Hello.',
      overloaded(),
      serverError(),
      failing({ kind: 'cut', after: 1 }),
      ending('refusal'),
    ]);
    for (let i = 0; i < 5; i++) await post(`${server.url}/v1/messages`, { ...base, stream: true }).catch(() => null);
    const lines = server.bill();
    expect(lines).toHaveLength(4);
    for (const line of lines.slice(0, 3)) {
      expect(BigInt(line.cost_microdollars)).toBe(costMicrodollars({ model: base.model, usage: line.usage }));
      expect(line.cost_microdollars).toBeGreaterThan(0);
    }
    expect(lines[3]?.cost_microdollars).toBe(0);
    expect(new Set(lines.map((line) => line.conversation)).size).toBe(1);
    const shown = await (await fetch(`${server.url}/bill`)).json();
    expect(shown).toEqual({ data: lines });
  });

  it('never has more output than max_tokens, whatever usage the player reports', async () => {
    const server = await scriptedModel([
      { ...reply('x'.repeat(9_000)), usage: { input_tokens: 1, output_tokens: 9_000 } },
    ]);
    const { text: body } = await post(`${server.url}/v1/messages`, base);
    expect(JSON.parse(body)).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 500 } });
    expect(server.bill()[0]?.usage).toMatchObject({ output_tokens: 500 });
  });

  it('outlasts a restart, and a line that a crash left half-written', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bill-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'deep', 'bill.jsonl');
    const line = {
      request_id: 'req_1',
      at: '2026-11-22T00:00:00.000Z',
      model: 'm',
      conversation: 'c',
      usage: {},
      cost_microdollars: 5,
    };
    expect(openBill(path).lines()).toEqual([]);
    openBill(path).add(line);
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n{"request_id":"req_2","co`);
    openBill(path).add({ ...line, request_id: 'req_3' });
    expect(
      openBill(path)
        .lines()
        .map(({ request_id }) => request_id),
    ).toEqual(['req_1', 'req_3']);
  });
});
