import { describe, expect, it } from 'vitest';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import {
  assistant,
  CEILING,
  claim,
  day,
  facts,
  head,
  NOW,
  ready,
  reply,
  settlementOf,
  text,
  thinking,
  toldBy,
  toolUse,
  usage,
  user,
  when,
} from './given.ts';

const replied = (event: ReturnType<typeof reply>, session = ready()) => when(thinking(session), event);

describe('a reply is settled at its exact cost, with all it leaves behind', () => {
  it('prices by the model that answered', () => {
    const event = reply([text('hi')]);
    const other = { ...event, reply: { ...event.reply, model: 'claude-opus-5-5' } };
    expect(settlementOf(replied(other)).cost).toBe(
      costMicrodollars({ model: 'claude-opus-5-5', usage: usage(1_000, 100), at: NOW }),
    );
  });

  it('an alias nobody knows is priced as what was asked for', () => {
    const event = reply([text('hi')]);
    const other = { ...event, reply: { ...event.reply, model: 'claude-sonnet-5-5-20270101' } };
    expect(settlementOf(replied(other)).cost).toBe(
      costMicrodollars({ model: facts.model, usage: usage(1_000, 100), at: NOW }),
    );
  });

  it('a usage that cannot be priced is charged as unknown, and the reply is kept', () => {
    const s = settlementOf(replied(reply([text('hi')], 'end_turn', { input_tokens: -1, output_tokens: 3 })));
    expect(s).toMatchObject({ cost: null, class: 'unknown', iterated: true });
    expect(s.turns.at(-1)).toEqual({ role: 'assistant', content: [text('hi')] });
  });

  it('stores what users said before the reply, and the calls in order', () => {
    const history = [user(1, 'go'), assistant(2, text('x'))];
    const session = ready({
      history,
      pending: { desired: 'run', wakeRequested: false, inbox: [{ n: 7, content: 'Hurry.' }] },
    });
    const s = settlementOf(
      replied(reply([text('ok'), toolUse('a', 'bash', { x: 1 }), toolUse('b', 'finish')], 'tool_use'), session),
    );
    expect(s.turns.map((t) => t.role)).toEqual(['user', 'assistant']);
    expect(s.inboxTaken).toBe(7);
    expect(s.calls).toEqual([
      { id: 'a', name: 'bash', input: { x: 1 } },
      { id: 'b', name: 'finish', input: {} },
    ]);
    expect(toldBy(s).map(({ type }) => type)).toEqual(['agent.text', 'agent.tool.called', 'agent.tool.called']);
  });

  it('keeps journal entries small, however much the agent writes', () => {
    const big = 'x'.repeat(1_000_000);
    const s = settlementOf(replied(reply([text(big), toolUse('a', 'bash', { big })], 'tool_use')));
    expect(JSON.stringify(s.journal).length).toBeLessThan(6_000);
  });

  it('remembers the exact size of prompt and reply', () => {
    const u = { input_tokens: 10, cache_creation_input_tokens: 20, cache_read_input_tokens: 30, output_tokens: 5 };
    expect(settlementOf(replied(reply([text('hi')], 'end_turn', u))).memory.counted).toEqual({
      model: facts.model,
      tokens: 65,
      n: 3,
      head: head(),
    });
  });

  it('a shrunk reply that was cut raises the floor; a whole one lowers it again', () => {
    const step = claim(ready({ iteration: 1 }));
    const [effect] = step.effects;
    if (effect?.type !== 'reserve') throw new Error();
    const shrunk = when(step.session, { type: 'granted', amount: effect.least + 20_000n, day: '2026-11-22' }).session;
    const { maxTokens } = shrunk.state === 'thinking' ? shrunk.hold : { maxTokens: 0 };
    expect(settlementOf(when(shrunk, reply([text('so')], 'max_tokens'))).memory.floor).toBe(maxTokens * 2);
    expect(settlementOf(when(shrunk, reply([text('so')]))).memory.floor).toBe(0);
  });

  it('counts the iterations of a wind-down', () => {
    const session = (iterations: number) =>
      ready({
        iteration: 4,
        day: day(9_100_000n),
        memory: { windDown: { day: '2026-11-22', iterations, short: null, ceiling: CEILING } },
      });
    expect(settlementOf(replied(reply([text('ok')]), session(1))).memory.windDown).toEqual({
      day: '2026-11-22',
      iterations: 2,
      short: null,
      ceiling: CEILING,
    });
  });
});

describe('a failure and what it proves about the bill (R7)', () => {
  const failedWith = (failure: object, session = ready()) => {
    const settling = when(thinking(session), { type: 'failed', failure } as never);
    const save = when(settling.session, {
      type: 'settled',
      day: day(),
      cost: 0n,
      pending: { desired: 'run', wakeRequested: false, inbox: [] },
    });
    return { settlement: settlementOf(settling), save };
  };
  const refused = (status: number, code = 'x', retryAfterMs: number | null = null, message = 'no') =>
    failedWith({ proof: 'not_served', status, code, message, retryAfterMs });
  const restOf = (save: ReturnType<typeof when>) =>
    save.effects[0]?.type === 'save' ? save.effects[0].save.suspension : null;

  it('a refusal before the stream costs nothing and stores nothing', () => {
    expect(refused(429).settlement).toMatchObject({
      cost: 0n,
      class: 'settled',
      turns: [],
      iterated: false,
      inboxTaken: 0,
    });
  });

  it.each([
    [429, 'rate_limit'],
    [529, 'overloaded'],
  ])('%d sleeps as %s, at least as long as it was told', (status, reason) => {
    expect(restOf(refused(status).save)?.to).toMatchObject({ state: 'sleeping', reason });
    expect(restOf(refused(status, 'x', 90_000).save)!.due - NOW).toBeGreaterThanOrEqual(90_000);
  });

  it('backs off longer with every failure in a row, up to a quarter of an hour and a half', () => {
    const due = (failures: number) => {
      const { save } = failedWith(
        { proof: 'not_served', status: 529, code: 'x', message: 'no', retryAfterMs: null },
        ready({ memory: { failures } }),
      );
      return restOf(save)!.due - NOW;
    };
    expect(due(0)).toBeLessThan(due(2));
    expect(due(2)).toBeLessThan(due(5));
    expect(due(60)).toBeLessThanOrEqual(1.5 * 900_000);
  });

  it.each([401, 402, 403])('%d pauses for the operator: nothing is lost, a resume goes on', (status) => {
    expect(restOf(refused(status).save)?.to).toMatchObject({ state: 'paused', error: { code: 'api_error' } });
  });

  it("a spend limit is no rate limit: it pauses, since waiting doesn't help", () => {
    expect(restOf(refused(429, 'enforced_spend_limit_reached').save)?.to.state).toBe('paused');
  });

  it('any other 4xx pauses the session, which can be resumed, and says what the provider said', () => {
    const suspension = restOf(refused(400, 'invalid_request_error', null, 'tools.0: bad').save);
    expect(suspension?.to).toMatchObject({
      state: 'paused',
      error: { code: 'api_error', message: expect.stringContaining('tools.0: bad') },
    });
  });

  describe('a prompt that is too long', () => {
    const history = [user(1, 'goal'), assistant(2, text('x')), user(3, 'y')];
    const tooLong = {
      proof: 'not_served',
      status: 400,
      code: 'x',
      message: 'prompt is too long: 2 > 1',
      retryAfterMs: null,
    };
    const refusedTooLong = (more: Parameters<typeof ready>[0]) =>
      failedWith(tooLong, ready({ iteration: 1, history, ...more }));

    it('is cleared and compacted', () => {
      const { settlement, save } = refusedTooLong({});
      expect(settlement).toMatchObject({ cost: 0n, memory: { compact: 'full' } });
      expect(restOf(save)).toBeNull();
    });

    it('even for its summary: without any tool result, then afresh', () => {
      const first = refusedTooLong({ memory: { compact: 'full' } }).settlement;
      expect(first).toMatchObject({ turns: [], memory: { compact: 'full', context: { from: 1, clearedBefore: 4 } } });
      const second = refusedTooLong({ memory: first.memory }).settlement;
      expect(second.turns).toHaveLength(1);
      expect(second.memory).toMatchObject({ compact: null, context: { from: 4 } });
    });

    it('because of a message of the user: the message is cut and stored, and nothing is bought again and again', () => {
      const pending = {
        desired: 'run' as const,
        wakeRequested: false,
        inbox: [{ n: 3, content: 'x'.repeat(200_000) }],
      };
      const { settlement } = refusedTooLong({ pending });
      expect(settlement.inboxTaken).toBe(3);
      expect(JSON.stringify(settlement.turns).length).toBeLessThan(21_000);
    });

    it('just after it was summarised: the head is too long, and no summary is bought for that', () => {
      const { save } = refusedTooLong({
        memory: { context: { from: 3, clearedBefore: 3, mediaFrom: 1, compactedAt: 1, summary: 3 } },
      });
      expect(restOf(save)?.to).toMatchObject({ state: 'paused', error: { code: 'api_error' } });
    });
  });

  it('silence is charged in full, as unknown', () => {
    const { settlement, save } = failedWith({ proof: 'unknown', status: 500, message: 'boom' });
    expect(settlement).toMatchObject({ cost: null, class: 'unknown', iterated: false });
    expect(restOf(save)?.to).toMatchObject({ state: 'sleeping', reason: 'overloaded' });
  });

  it('a cut stream is charged at its exact input and all the output it could have had, as unknown', () => {
    const { settlement } = failedWith({
      proof: 'cut',
      usage: usage(1_000, 3),
      model: facts.model,
      message: 'cut',
      stopped: false,
    });
    expect(settlement).toMatchObject({
      class: 'unknown',
      cost: costMicrodollars({ model: facts.model, usage: usage(1_000, 16_000), at: NOW }),
    });
  });

  it('a stream that a user cut is no failure: the next claim acts on the command at once', () => {
    const { settlement, save } = failedWith({
      proof: 'cut',
      usage: usage(1_000, 3),
      model: facts.model,
      message: 'stopped',
      stopped: true,
    });
    expect(settlement.memory.failures).toBe(0);
    expect(restOf(save)).toBeNull();
    expect(save.effects[0]).toMatchObject({ type: 'save', save: { due: NOW } });
  });

  it('eight doubtful bills in a row: tried once an hour from then on; refusals that cost nothing do not count', () => {
    const unknown = { proof: 'unknown', status: null, message: 'timeout' };
    const due = (memory: object) => restOf(failedWith(unknown, ready({ memory })).save)!.due - NOW;
    expect(due({ doubts: 7 })).toBe(3_600_000);
    expect(due({ doubts: 6 })).toBeLessThan(60_000);
    expect(due({ failures: 9, doubts: 0 })).toBeLessThan(3_600_000);
    expect(
      settlementOf(replied(reply([text('hi')]), ready({ memory: { failures: 9, doubts: 7 } }))).memory,
    ).toMatchObject({
      failures: 0,
      doubts: 0,
    });
  });

  it.each([404, 402])("%d is the deployment's to mend: paused, not ended", (status) => {
    expect(restOf(refused(status).save)?.to.state).toBe('paused');
  });

  it('a credit balance that is too low is no fault of the prompt', () => {
    expect(restOf(refused(400, 'invalid_request_error', null, 'Your credit balance is too low').save)?.to.state).toBe(
      'paused',
    );
  });

  it('a summary at bedtime is tried once: it goes to bed without', () => {
    const memory = {
      compact: 'before_sleep' as const,
      beforeSleep: '2026-11-22',
      windDown: { day: '2026-11-22', iterations: 3, short: null, ceiling: CEILING },
    };
    const asleep = ready({ iteration: 9, day: day(9_500_000n), memory });
    const settling = when(thinking(asleep), {
      type: 'failed',
      failure: { proof: 'unknown', status: 500, message: 'x' },
    });
    expect(settlementOf(settling)).toMatchObject({ kind: 'compact', cost: null, memory: { compact: null } });
    const save = when(settling.session, {
      type: 'settled',
      day: day(9_600_000n),
      cost: 1n,
      pending: { desired: 'run', wakeRequested: false, inbox: [] },
    });
    expect(restOf(save)?.to).toMatchObject({ state: 'sleeping', reason: 'allowance' });
  });
});
