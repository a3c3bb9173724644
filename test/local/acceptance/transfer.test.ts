/** A session taken out of one whole system and put into another: worker processes, HTTP, files and money, end to end. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { call, reply } from '../../../lib/local/model/answer.ts';
import { stage } from './stage.ts';

const here = stage({ dataDir: null });
const there = stage({ dataDir: null });

const write = (path: string, content: string) => reply(`I write ${path}.`, call('write_file', { path, content }));

describe('an exported session', () => {
  it('goes on where it stopped, in another system, for its own money', async () => {
    const ada = await here.person();
    const asks = reply(call('ask_user', { question: 'Which moon?' }));
    const { id, done } = await ada.start([write('one.md', 'One \u{1f319}'), write('two.md', 'Two'), asks]);
    await ada.until(id, { status: 'waiting_for_input' });
    done();
    const file = await here.ask('GET', `/v1/sessions/${id}/export`, { key: ada.key });
    expect(file.status).toBe(200);

    const bob = await there.person();
    const played = there.script(
      [
        ({ messages }) => {
          expect(JSON.stringify(messages)).toMatch(/one\.md.*two\.md.*Which moon\?.*Titan, please\./);
          return reply(
            call('read_file', { path: 'one.md' }),
            call('write_file', { path: 'three.md', content: 'Three' }),
          );
        },
        ({ messages }) => {
          expect(JSON.stringify(messages.at(-1))).toContain('One \u{1f319}');
          return reply(call('finish', { result: 'Three moons.' }));
        },
      ],
      'Do as the script says.',
    );
    // Both systems have a script 0, so the goal leads to this one there.
    expect(played.goal).toContain('[script 0]');
    const headers = { 'idempotency-key': 'move-1' };
    const { status, json } = await there.ask('POST', '/v1/sessions/import', { key: bob.key, raw: file.text, headers });
    expect([status, json.status, json.question]).toEqual([201, 'waiting_for_input', 'Which moon?']);
    expect(json).toMatchObject({ cost_microdollars: 0, iteration_number: 3 });
    const again = await there.ask('POST', '/v1/sessions/import', { key: bob.key, raw: file.text, headers });
    expect([again.status, again.json.id]).toEqual([201, json.id]);

    await bob.wish(json.id, 'messages', { content: 'Titan, please.' });
    const ended = await bob.until(json.id, { status: 'completed' });
    played.done();
    expect(ended).toMatchObject({ result: 'Three moons.', iteration_number: 5 });
    const paid = played.bill().reduce((sum, { cost_microdollars }) => sum + cost_microdollars, 0);
    expect(ended.cost_microdollars).toBe(paid);
    const { json: budget } = await bob.call('GET', '/budget');
    expect(budget.spent_microdollars).toBe(paid);
    const { json: files } = await bob.call('GET', `/sessions/${json.id}/files`);
    expect(files.data.map(({ path }: { path: string }) => path)).toEqual(['/one.md', '/three.md', '/two.md']);
    expect(there.failures).toEqual([]);
  });

  it('travels packed through the function’s front', async () => {
    const ada = await here.person();
    const started = await ada.start([reply(call('ask_user', { question: 'Now?' }))]);
    await ada.until(started.id, { status: 'waiting_for_input' });
    const response = await fetch(`${here.system.url}/v1/sessions/${started.id}/export`, {
      headers: { authorization: `Bearer ${ada.key}`, 'accept-encoding': 'gzip' },
    });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const packed = gzipSync(await response.text());
    const sent = await here.ask('POST', '/v1/sessions/import', { key: ada.key, raw: Uint8Array.from(packed) });
    expect([sent.status, sent.json.question]).toEqual([201, 'Now?']);
    const large = await here.ask('POST', '/v1/sessions/import', { key: ada.key, raw: 'x'.repeat(4_600_000) });
    expect([large.status, large.json.code]).toEqual([413, 'payload_too_large']);
  });
});
