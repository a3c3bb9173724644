import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MessagesRequest } from '../../../lib/local/messages-api/shape.ts';
import { type Answer, call, ending, reply, type StopReason, serverError } from '../../../lib/local/model/answer.ts';
import type { Step } from '../../../lib/local/model/scripted.ts';
import { faultsOf } from '../../kit/history.ts';
import { listen, type SseEvent, types } from './journal.ts';
import { type Json, type Person, stage } from './stage.ts';

const local = stage({ modelDelayMs: 1 });
const finish = (result = 'Done.') => reply(call('finish', { result }));
const narrate = (phase_name: string) => reply(call('narrate', { phase_name, text: `Now: ${phase_name}.` }));
const ask = reply(call('ask_user', { question: 'Red or blue?' }));
/** All that was said since the last reply: what users, tools and the runtime said. */
const newest = ({ messages }: MessagesRequest): string =>
  JSON.stringify(messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1));

let person: Person;
const started: string[] = [];
beforeAll(async () => {
  person = await local.person({ daily: 100_000_000 });
});
const start = async (steps: Step[], wanted: object = {}) => {
  const session = await person.start(steps, wanted);
  started.push(session.id);
  return session;
};
/** Whatever happened to a session, its history is one that the Messages API takes (G6). */
afterEach(async () => {
  for (const id of started.splice(0)) {
    const { status, json } = await person.call('GET', `/sessions/${id}/messages`);
    if (status === 200) expect(faultsOf(json.data)).toEqual([]);
  }
});

/** A model's answer that the test gives when it is ready. */
const held = () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  return { step: () => promise, give: resolve };
};
const thinking = (id: string) => person.until(id, { status: 'working', step: 'think' });

describe('an agent', () => {
  it('finishes with its result, and leaves files behind, byte for byte', async () => {
    const { id, done } = await start([
      reply(
        call('write_file', { path: 'notes/a.md', content: 'Grüße\n' }),
        call('bash', { command: 'echo AP8B | base64 -d > raw' }),
      ),
      finish('In notes/a.md.'),
    ]);
    const view = await person.until(id, {
      status: 'completed',
      outcome: 'completed',
      result: 'In notes/a.md.',
      error: null,
    });
    expect(view).toMatchObject({ wake_at: null, step: null, iteration_number: 2, completed_at: expect.any(String) });
    const files = (await person.call('GET', `/sessions/${id}/files`)).json.data;
    expect(files.map(({ path, bytes }: Json) => [path.replace(/^\//, ''), bytes])).toEqual([
      ['notes/a.md', 8],
      ['raw', 3],
    ]);
    expect((await person.call('GET', `/sessions/${id}/files/notes/a.md`)).text).toBe('Grüße\n');
    const headers = { authorization: `Bearer ${person.key}` };
    const raw = await fetch(`${local.system.url}/v1/sessions/${id}/files/raw`, { headers });
    expect([...(await raw.bytes())]).toEqual([0, 255, 1]);
    expect((await person.call('GET', `/sessions/${id}/files/none`)).status).toBe(404);
    done();
  });

  it('asks its user, waits at no cost, and goes on with the answer', async () => {
    const { id, requests, done } = await start([ask, finish()]);
    const view = await person.until(id, { status: 'waiting_for_input', question: 'Red or blue?', wake_at: null });
    await person.wish(id, 'wake');
    await local.system.invoker.drain();
    expect(requests).toHaveLength(1);
    expect((await person.get(id)).cost_microdollars).toBe(view.cost_microdollars);
    await person.wish(id, 'messages', { content: 'Green, please.' });
    await person.until(id, { status: 'completed', question: null });
    expect(newest(requests[1]!)).toContain('Green, please.');
    done();
  });

  it('tells its phases', async () => {
    const gate = held();
    const { id } = await start([narrate('Read'), narrate('Read'), narrate('Write'), gate.step]);
    await person.until(id, { current_phase: 'Write', iteration_number: 3 });
    gate.give(finish());
    await person.until(id, { status: 'completed' });
    const phases = (await person.journal(id)).filter(({ type }) => type.startsWith('agent.phase'));
    expect(phases.map(({ type, phase_name }) => [type, phase_name])).toEqual([
      ['agent.phase.started', 'Read'],
      ['agent.phase.started', 'Read'],
      ['agent.phase.completed', 'Read'],
      ['agent.phase.started', 'Write'],
    ]);
  });

  it('that ends its turn waits for the user where it was told to', async () => {
    const { id, requests, done } = await start(['Hello.', 'Bye.'], { on_end_turn: 'wait' });
    await person.until(id, { status: 'waiting_for_input', question: null });
    await person.wish(id, 'messages', { content: 'And now?' });
    await person.until(id, { status: 'waiting_for_input', iteration_number: 2 });
    expect(newest(requests[1]!)).toContain('And now?');
    expect((await person.wish(id, 'cancel')).status).toBe('cancelled');
    done();
  });

  it('is what it was asked to be: builder or assistant, with the words added to its prompt', async () => {
    const { id, requests } = await start([finish()], { agent: 'builder', system: 'Speak like a pirate.' });
    expect(await person.until(id, { status: 'completed' })).toMatchObject({
      agent: 'builder',
      model: 'claude-sonnet-5-5',
    });
    expect(JSON.stringify(requests[0]?.system)).toContain('Speak like a pirate.');
  });
});

describe('a user', () => {
  it('pauses between two iterations and resumes', async () => {
    const gate = held();
    const { id, requests, done } = await start([gate.step, finish()]);
    await thinking(id);
    expect((await person.wish(id, 'pause')).status).toBe('paused');
    expect((await person.wish(id, 'pause')).status).toBe('paused');
    gate.give(narrate('Paid for'));
    await person.until(id, { status: 'paused', iteration_number: 1, wake_at: null });
    await local.system.invoker.drain();
    expect(requests).toHaveLength(1);
    await person.wish(id, 'resume');
    await person.until(id, { status: 'completed' });
    const journal = types(await person.journal(id)).filter((type) => /paused|resumed|completed$/.test(type));
    expect(journal).toEqual(['agent.paused', 'agent.resumed', 'agent.completed']);
    done();
  });

  it('cancels, and nothing that was asked for meanwhile is done; what was spent stays told', async () => {
    const gate = held();
    const { id } = await start([gate.step]);
    await thinking(id);
    expect((await person.wish(id, 'cancel')).status).toBe('cancelled');
    gate.give(reply(call('write_file', { path: 'late.txt', content: 'x' })));
    const view = await person.until(id, { outcome: 'cancelled', completed_at: expect.any(String) });
    expect(view.cost_microdollars).toBeGreaterThan(0);
    expect((await person.call('GET', `/sessions/${id}/files`)).json.data).toEqual([]);
    expect((await person.wish(id, 'cancel')).status).toBe('cancelled');
    expect(types(await person.journal(id)).at(-1)).toBe('agent.cancelled');
  });

  it('speaks in the middle of a call, and is heard even if that call would have ended the session', async () => {
    const gate = held();
    const { id, requests, done } = await start([gate.step, finish('Both done.')]);
    await thinking(id);
    await person.wish(id, 'messages', { content: 'One thing more!' });
    gate.give(finish('Too early.'));
    await person.until(id, { status: 'completed', result: 'Both done.' });
    expect(newest(requests[1]!)).toContain('One thing more!');
    expect(types(await person.journal(id)).filter((type) => type === 'agent.completed')).toHaveLength(1);
    done();
  });

  it('deletes: it is gone everywhere, and its cost is not', async () => {
    const { id } = await start([ask]);
    const { cost_microdollars } = await person.until(id, { status: 'waiting_for_input' });
    expect(await person.call('DELETE', `/sessions/${id}`)).toMatchObject({ status: 204, text: '' });
    for (const rest of ['', '/messages', '/events', '/files']) {
      expect((await person.call('GET', `/sessions/${id}${rest}`)).status).toBe(404);
    }
    expect((await person.call('DELETE', `/sessions/${id}`)).status).toBe(404);
    expect((await person.call('GET', '/sessions?limit=100')).json.data.map((view: Json) => view.id)).not.toContain(id);
    const usage = (await person.call('GET', '/usage?group_by=session')).json.data;
    expect(usage.find(({ key }: Json) => key === id)).toMatchObject({ cost_microdollars });
  });
});

describe('limits', () => {
  it('end a session after the iterations it was given', async () => {
    const { id, done } = await start([narrate('One'), narrate('Two')], { max_iterations: 2 });
    const view = await person.until(id, { status: 'failed', outcome: 'iteration_limit_reached', iteration_number: 2 });
    expect(view.error).toMatchObject({ code: 'iteration_limit_reached' });
    done();
  });

  it('steer an agent that repeats itself, and stop it when it does it again', async () => {
    const again = reply(call('bash', { command: 'ls nowhere || true' }));
    const { id, requests, done } = await start([again, again, again, again]);
    await person.until(id, { status: 'failed', outcome: 'repetition_detected' });
    expect(newest(requests[2]!)).not.toContain('same tool call');
    expect(newest(requests[3]!)).toContain('same tool call three times in a row');
    done();
  });

  it('ask the user after three different tries that fail alike, and stop after the fifth time', async () => {
    let tries = 0;
    const stuck = () => reply(...[1, 2, 3].map(() => call('read_file', { path: `missing-${++tries}.txt` })));
    const { id, done } = await start(Array.from({ length: 5 }, () => stuck));
    for (let i = 1; i < 5; i++) {
      await person.until(id, {
        status: 'waiting_for_input',
        iteration_number: i,
        question: expect.stringContaining('read_file'),
      });
      await person.wish(id, 'messages', { content: 'Try again.' });
    }
    await person.until(id, { status: 'failed', outcome: 'escalation_threshold_exceeded', iteration_number: 5 });
    expect(types(await person.journal(id)).filter((type) => type === 'agent.escalated')).toHaveLength(5);
    done();
  });
});

describe('a reply that stops', () => {
  it.each<[StopReason, object]>([
    ['stop_sequence', { status: 'completed', outcome: 'completed', result: 'So far.' }],
    ['refusal', { status: 'paused', error: { code: 'refused', message: expect.stringContaining('nothing is lost') } }],
  ])('with %s comes to rest as it should', async (stopReason, shown) => {
    const { id } = await start([ending(stopReason, 'So far.')]);
    await person.until(id, shown);
  });

  it('with max_tokens runs none of its calls and is asked to go on; pause_turn is asked, too', async () => {
    const { id, requests, done } = await start([
      ending('max_tokens', 'Long', call('write_file', { path: 'cut.txt', content: 'ha' })),
      ending('pause_turn', 'Still at it.'),
      finish(),
    ]);
    await person.until(id, { status: 'completed' });
    expect(newest(requests[1]!)).toContain('cut off at its length limit');
    expect(newest(requests[2]!)).toContain('[runtime] Go on.');
    expect((await person.call('GET', `/sessions/${id}/files`)).json.data).toEqual([]);
    done();
  });

  it('because the window is full is compacted, and goes on; the whole history stays readable', async () => {
    const { id, requests, done } = await start([
      narrate('Long ago'),
      ending('model_context_window_exceeded', 'I was about to'),
      reply('Summary: it was long ago.'),
      finish(),
    ]);
    await person.until(id, { status: 'completed', iteration_number: 3 });
    expect(newest(requests[2]!)).toContain('replaced by a summary that you write now');
    expect(JSON.stringify(requests[3]?.messages)).toContain('Summary: it was long ago.');
    expect(JSON.stringify(requests[3]?.messages)).not.toContain('Long ago');
    expect(types(await person.journal(id))).toContain('agent.compacted');
    expect((await person.call('GET', `/sessions/${id}/messages`)).text).toContain('Long ago');
    done();
  });

  it('because the provider broke is tried again by itself, later', async () => {
    const { id, done } = await start([serverError(), finish()]);
    await person.until(id, { sleep_reason: 'overloaded', wake_at: expect.any(String) });
    await person.carried(id, { status: 'completed' });
    expect(types(await person.journal(id))).toContain('agent.retrying');
    done();
  });
});

describe('who watches', () => {
  const url = (id: string) => `${local.system.url}/v1/sessions/${id}/events/stream`;
  const numbered = (events: SseEvent[]) => events.filter(({ id }) => id !== null);

  it('sees each event once and in order, and gets exactly the rest after a break', async () => {
    const gate = held();
    const { id } = await start([narrate('One'), gate.step, finish()]);
    const early = await listen(url(id), person.key, {
      enough: (events) => events.filter(({ event }) => event === 'agent.thinking').length === 2,
    });
    const lastEventId = numbered(early).at(-1)?.id ?? 0;
    const rest = listen(url(id), person.key, { lastEventId });
    gate.give(narrate('Two'));
    const events = [...numbered(early), ...numbered(await rest)];
    const journal = await person.journal(id);
    expect(events.map((event) => event.id)).toEqual(journal.map(({ seq }) => seq));
    expect(events.map(({ data }) => data)).toEqual(journal);
    expect(events.map(({ event }) => event)).toEqual(types(journal));
    expect(types(journal).slice(0, 2)).toEqual(['agent.started', 'agent.thinking']);
    expect(events.at(-1)?.event).toBe('agent.completed');
    expect(await listen(url(id), person.key, { lastEventId: events.length })).toEqual([]);
  });

  it('reads the reply while it is written', async () => {
    const words = 'All work and no play makes the agent a dull one. '.repeat(400);
    const long = reply(words, call('narrate', { phase_name: 'Book', text: 'Chapter.' }));
    const { id } = await start([long, long, long, finish()]);
    const events = await listen(url(id), person.key);
    const deltas = events.filter(({ event }) => event === 'agent.delta');
    expect(new Set(deltas.map(({ data }) => data.kind))).toEqual(new Set(['thought', 'text']));
    for (const { id: number, data } of deltas) {
      expect(number).toBeNull();
      if (data.kind === 'text') expect(words.startsWith(String(data.text), Number(data.offset))).toBe(true);
    }
    expect(numbered(events).map((event) => event.id)).toEqual(events.filter((e) => e.id).map((_, i) => i + 1));
  });
});

it('nothing failed on the way', () => expect(local.failures).toEqual([]));
