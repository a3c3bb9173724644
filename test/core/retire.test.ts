/** What becomes of a session whose model the provider retires: nothing is lost, and a user can always go on. */
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../lib/core/events.ts';

import {
  call,
  claim,
  day,
  kinds,
  ready,
  reply,
  rested,
  saveOf,
  settlementOf,
  text,
  thinking,
  toldBy,
  when,
} from './given.ts';

const MODEL = 'claude-sonnet-4-5';
const LAST_DAY = { date: '2026-11-29', resetsAt: Date.parse('2026-11-30T00:00:00Z') };
const FIRST_DAY = { date: '2026-11-30', resetsAt: Date.parse('2026-12-01T00:00:00Z') };
const on = (date: Partial<ReturnType<typeof day>>, more: object = {}) => ({
  facts: { model: MODEL },
  iteration: 3,
  day: day(0n, date),
  ...more,
});
const modelOf = (step: ReturnType<typeof claim>) =>
  'call' in step.session ? step.session.call.request.model : step.session.state;
const typesOf = (journal: Pick<LogEntry, 'type'>[]) => journal.map(({ type }) => type);

describe('a session whose model is retired', () => {
  it('goes on until its last day, and pauses on the first without it, with the way on and its price', () => {
    expect(modelOf(claim(ready(on(LAST_DAY))))).toBe(MODEL);
    const { suspension } = saveOf(claim(ready(on(FIRST_DAY))));
    expect(suspension?.to).toEqual({
      state: 'paused',
      error: {
        code: 'retired_model',
        message:
          'The provider has served no call of claude-sonnet-4-5 since 2026-11-30. Nothing is lost and nothing was spent. Resume the session, and it ' +
          'goes on with claude-sonnet-5-5, which costs $2.00 per million tokens of input and $10.00 of output.',
      },
    });
    expect(suspension?.due).toBe(Number.POSITIVE_INFINITY);
  });

  it('goes on with the successor when it is resumed, and stays with it', () => {
    const { suspension } = saveOf(claim(ready(on(FIRST_DAY))));
    if (suspension?.to.state !== 'paused') throw new Error('not paused');
    const resumed = claim(rested(suspension.to, on(FIRST_DAY, { memory: suspension.memory })));
    expect(modelOf(resumed)).toBe('claude-sonnet-5-5');
    const { memory } = resumed.session;
    expect(memory.successor).toBe('claude-sonnet-5-5');
    expect(modelOf(claim(ready(on(FIRST_DAY, { memory }))))).toBe('claude-sonnet-5-5');
  });

  it('does not take a successor for a pause of another kind', () => {
    const error = { code: 'api_error', message: 'Mended.' };
    expect(saveOf(claim(rested({ state: 'paused', error }, on(FIRST_DAY)))).suspension?.to).toMatchObject({
      error: { code: 'retired_model' },
    });
  });

  it('goes down its ladder instead, past a rung that is retired, and says why', () => {
    const ladder = ['claude-sonnet-4-0', 'claude-haiku-5-5'];
    const session = ready(on(FIRST_DAY, { facts: { model: MODEL, ladder }, memory: { model: MODEL } }));
    let step = claim(session);
    if (kinds(step)[0] === 'count') step = when(step.session, { type: 'counted', tokens: 100 });
    expect(modelOf(step)).toBe('claude-haiku-5-5');
    expect(step.effects[0]).toMatchObject({
      journal: [
        { type: 'agent.model_changed', data: { from: MODEL, to: 'claude-haiku-5-5', reason: 'retired' } },
        { type: 'agent.thinking' },
      ],
    });
  });

  it('still runs the tools of the last reply, and ends if it had finished', () => {
    expect(kinds(claim(ready(on(FIRST_DAY, { open: [call('t1', 'bash')] }))))).toEqual(['act']);
    const finished = saveOf(claim(ready(on(FIRST_DAY, { memory: { finished: 'All done.' } }))));
    expect(finished.suspension?.to).toMatchObject({ state: 'ended', result: 'All done.' });
  });

  it('tells its journal once that the end is near', () => {
    const first = settlementOf(when(thinking(ready(on(LAST_DAY))), reply([text('Hello')])));
    expect(toldBy(first)[0]).toEqual({
      type: 'agent.model_retiring',
      data: { model: MODEL, retires_at: '2026-11-30T00:00:00.000Z', successor: 'claude-sonnet-5-5' },
    });
    const { memory } = first;
    const second = settlementOf(when(thinking(ready(on(LAST_DAY, { memory }))), reply([text('Hello')])));
    expect(typesOf(toldBy(second))).toEqual(['agent.text']);
    const early = settlementOf(when(thinking(ready(on({ date: '2026-09-30' }))), reply([text('Hello')])));
    expect(typesOf(toldBy(early))).toEqual(['agent.text']);
  });
});
