import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, ending, rateLimited, reply } from '../../../lib/local/model/answer.ts';
import type { Step } from '../../../lib/local/model/scripted.ts';
import type { CloudRequest } from '../../../lib/local/options.ts';
import { PATIENCE, type Person, stage } from './stage.ts';

/** A readable name; null for the poller's receiving and deleting, which the queue does by itself in the cloud. */
const nameOf = ({ service, what }: CloudRequest): string | null => {
  if (service === 'sqs') return what.startsWith('SendMessage') ? what : null;
  if (service === 'scheduler') return what.startsWith('POST') ? 'CreateSchedule' : what;
  if (service === 'upstash') return 'upstash';
  const asked = what.replace(/^select set_config\([^;]*; /, ''); // the wall, at the head of what users ask for
  return (/ from workspace\(/.test(asked) ? 'files' : /^select (\w+)\(/.exec(asked)?.[1]) ?? asked;
};

/** One worker, so that the requests of an iteration stand together. Nobody watches, and the tests look past the API. */
const asked: string[] = [];
const local = stage({
  concurrency: 1,
  onRequest: (request) => asked.push(...[nameOf(request)].filter((name) => name !== null)),
});

const PLAIN = ['upstash', 'claim', 'reserve', 'settle', 'save'];
const GOES_ON = [...PLAIN, 'SendMessage', 'upstash'];
const RESTS = [...PLAIN, 'upstash'];
const WITH_FILES = ['upstash', 'claim', 'reserve', 'settle', 'files', 'save', 'SendMessage', 'upstash'];

/** Runs a session alone until it stands still, and tells what was asked for since it was in the queue. */
const run = async (person: Person, steps: Step[], state: string, wanted: object): Promise<string[]> => {
  asked.length = 0;
  const { id, done } = await person.start(steps, wanted);
  const row = 'select state, saved_fence = fence as saved from agent_sessions where id = $1';
  await vi.waitFor(async () => expect((await local.rows(row, [id]))[0]).toMatchObject({ state, saved: 't' }), PATIENCE);
  await local.system.invoker.drain();
  done();
  return asked.slice(asked.indexOf('create_session') + 1);
};

let person: Person;
beforeEach(async () => {
  person = await local.person();
});

/** Once more if the recovery cron came by, which asks every minute. */
const requestsOf = async (steps: Step[], state: string, wanted: object = {}): Promise<string[]> => {
  for (;;) {
    const after = await run(person, steps, state, wanted);
    const queued = after.indexOf('SendMessage');
    expect(
      after.slice(0, queued).every((name) => name === 'upstash'),
      'what the API does before it sends',
    ).toBe(true);
    const iterations = after.slice(queued + 1);
    if (!iterations.includes('sweep')) return iterations;
  }
};

const narrate = reply(call('narrate', { phase_name: 'One', text: 'It begins.' }));
const write = (path: string) => call('write_file', { path, content: 'x' });

describe('four requests to Postgres, two to Upstash, one to queue or schedule', () => {
  // The first sweep after the start may find the first session, too.
  beforeAll(async () => {
    const first = await local.person();
    const { id } = await first.start(['Hello.']);
    await first.until(id, { status: 'completed' });
    await vi.waitFor(() => expect(asked).toContain('sweep'), PATIENCE);
    await local.system.invoker.drain();
  });

  it('for an iteration without a tool, and for the one that ends', async () => {
    expect(await requestsOf([narrate, 'The end.'], 'ended')).toEqual([...GOES_ON, ...RESTS]);
  });

  it('for one with a tool, beside the files, which are loaded once however many tools want them', async () => {
    const steps = [reply(write('a')), reply(write('b'), write('c'), call('bash', { command: 'cat *' })), 'Done.'];
    expect(await requestsOf(steps, 'ended')).toEqual([...WITH_FILES, ...WITH_FILES, ...RESTS]);
  });

  it('for one that sleeps till tomorrow (a schedule), or for ten minutes (a delayed message)', async () => {
    expect(await requestsOf([reply(call('sleep', { note: 'Later.' }))], 'sleeping')).toEqual([
      ...[...PLAIN, 'CreateSchedule', 'upstash'],
    ]);
    expect(await requestsOf([reply(call('sleep', { note: 'Soon.', minutes: 10 }))], 'sleeping')).toEqual(GOES_ON);
  });

  it('for one that waits for a user, who is all that can move it', async () => {
    expect(await requestsOf([reply(call('ask_user', { question: 'Which?' }))], 'waiting')).toEqual(RESTS);
    expect(await requestsOf(['What now?'], 'waiting', { on_end_turn: 'wait' })).toEqual(RESTS);
  });

  it('for one that was cut, and for one whose call the provider turned away', async () => {
    expect(await requestsOf([ending('max_tokens', 'Cut'), 'Done.'], 'ended')).toEqual([...GOES_ON, ...RESTS]);
    expect(await requestsOf([rateLimited(600)], 'sleeping')).toEqual(GOES_ON);
  });

  it('for the twentieth as for the first', async () => {
    const steps = Array.from({ length: 20 }, (_, i) =>
      reply(call('narrate', { phase_name: `Phase ${i}`, text: 'x'.repeat(2_000) })),
    );
    const iterations = await requestsOf([...steps, 'The end.'], 'ended');
    expect(iterations).toEqual([...Array(20).fill(GOES_ON).flat(), ...RESTS]);
  });

  it('and nothing failed on the way', () => {
    expect(local.failures).toEqual([]);
  });
});
