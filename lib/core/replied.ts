/** A reply has come: what it cost and what it says are stored together. From here the reply is never bought again. */
import { isCount } from '../budget/usage.ts';
import { accepted, INVALID_CALL } from './acceptance.ts';
import { type Bill, billOf } from './bill.ts';
import { compacted, keptFrom, summaryFailed } from './compact.ts';
import { headOf, midTurn, NO_TEXT, textOf } from './context.ts';
import type { Settlement } from './effect.ts';
import type { LogEntry } from './events.ts';
import { inputPreview } from './gate.ts';
import { noticeCalls } from './guard.ts';
import { begunWindDown, WIND_DOWN_ITERATIONS, woundDown } from './limits.ts';
import type { Memory } from './memory.ts';
import { tellsOfOutside } from './memory-news.ts';
import { declined } from './model-refusal.ts';
import { retiring } from './retire.ts';
import { preview, summaryTurn } from './runtime-messages.ts';
import type { Block, Message, Reply, ToolUseBlock } from './session.ts';
import { settle, type Thinking } from './settle-call.ts';
import { milestone, type Step } from './step.ts';

export function replied(s: Thinking, raw: Reply, at: number): Step {
  const n = (s.history.at(-1)?.n ?? 0) + s.call.newMessages.length + 1;
  const reply = accepted(raw, s.history, n);
  const bill = billOf(s, raw, at);
  if (s.call.kind === 'compact') return summarised(s, reply, bill);
  return reply.stopReason === 'refusal'
    ? declined(s, reply, bill, at)
    : answered(s, reply, n, bill, reply === raw && !CUT_SHORT.has(raw.stopReason));
}

/** Such a reply may stand in the history in other words than those that were counted: what was cut of it is told in ours. */
const CUT_SHORT = new Set(['max_tokens', 'model_context_window_exceeded', INVALID_CALL]);

/** `verbatim`: it is kept as it was counted. */
function answered(s: Thinking, reply: Reply, n: number, bill: Bill, verbatim: boolean): Step {
  const turns: Message[] = [...s.call.newMessages, { role: 'assistant', content: reply.content }];
  const calls = reply.content.flatMap((b) => {
    if (b.type !== 'tool_use') return [];
    const { id, name, input } = b as ToolUseBlock;
    return [{ id, name, input }];
  });
  const end = retiring(s, s.call.request.model);
  return settle(
    s,
    {
      ...bill,
      turns,
      calls,
      inboxTaken: s.call.inboxTaken,
      ...(s.call.filesTold && { filesTold: true as const }),
      iterated: true,
      memory: { ...remembered(s, reply, n, bill, verbatim), ...end.memory },
      journal: [...bill.journal, ...end.journal, ...spoken(reply, calls)],
    },
    { type: 'replied' },
  );
}

/** A reply that did not come to its own end. */
const UNFINISHED = new Set(['max_tokens', 'model_context_window_exceeded', 'pause_turn', INVALID_CALL]);

/** Replies whose length says how much room the next one needs. */
const LAST_OUTPUTS = 3;

/** What the next iteration must know of this reply. */
function remembered(s: Thinking, reply: Reply, n: number, bill: Bill, verbatim: boolean): Memory {
  const { memory, hold, call, day } = s;
  const cut = reply.stopReason === 'max_tokens';
  const told = memory.windDown?.day === day.date ? memory.windDown.iterations : 0;
  return {
    ...memory,
    guard: s.policy.repetitionGuard ? noticeCalls(memory.guard, reply.content) : memory.guard,
    windDown: call.noticed ? woundDown(s, told + 1) : begunWindDown(s),
    // In the midst of a turn nothing was said, and is said later.
    handOff: midTurn(s) ? memory.handOff : null,
    model: call.request.model,
    effort: call.request.output_config?.effort ?? null,
    ...{
      failures: 0,
      doubts: 0,
      waits: 0,
      unaffordable: false,
      finished: null,
      finishedJson: undefined,
      resume: null,
      refusedBy: null,
    },
    outputs: [...memory.outputs, lengthOf(reply, hold.maxTokens)].slice(-LAST_OUTPUTS),
    told: midTurn(s) ? memory.told : { day: day.date, percent: milestone(s) },
    blank: memory.blank && textOf(reply.content) === NO_TEXT,
    floor: cut && hold.shrunk ? Math.min(call.mostOutput, hold.maxTokens * 2) : 0,
    cuts: UNFINISHED.has(reply.stopReason) ? memory.cuts + 1 : 0,
    counted:
      bill.class === 'unknown'
        ? null
        : {
            model: call.request.model,
            // Else the reply counts by its bytes, as rows do that came after the count.
            tokens: verbatim ? tokensOf(reply.usage) : promptOf(reply.usage),
            n: verbatim ? n : n - 1,
            head: headOf(s.facts.agent, s.facts.system),
          },
    replied: { stopReason: reply.stopReason, noticed: call.noticed },
    rested: midTurn(s) ? memory.rested : null,
    outside: memory.outside || tellsOfOutside(s, call),
    shared: call.sharedTold ?? memory.shared,
  };
}

/** Odd counts are the bill's business: here they are none, and none is more than was asked for. */
const lengthOf = ({ usage: { output_tokens: tokens } }: Reply, most: number): number =>
  isCount(tokens) ? Math.min(tokens, most) : 0;

/** Prompt and reply together: the next prompt begins with both. */
const tokensOf = (usage: Reply['usage']): number => promptOf(usage) + sumOf(usage.output_tokens);

const promptOf = (usage: Reply['usage']): number =>
  sumOf(usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens);

const sumOf = (...counts: unknown[]): number => counts.filter(isCount).reduce((sum, count) => sum + count, 0);

function spoken(reply: Reply, calls: Settlement['calls']): LogEntry[] {
  const text = textOf(reply.content);
  const thought = thoughtIn(reply.content);
  return [
    ...(thought === '' ? [] : [{ type: 'agent.thought', data: { text: preview(thought) } } as const]),
    ...(text === '' ? [] : [{ type: 'agent.text', data: { text: preview(text) } } as const]),
    ...calls.map(
      ({ id, name, input }): LogEntry => ({
        type: 'agent.tool.called',
        data: { tool_use_id: id, name, ...inputPreview(input) },
      }),
    ),
  ];
}

/** What the provider shows of the model's thoughts; on the 5.5 models also what it writes between its tool calls. */
const thoughtIn = (content: Block[]): string =>
  content
    .flatMap((b) => (b.type === 'thinking' ? [String(b.thinking ?? '').trim()] : []))
    .filter((text) => text !== '')
    .join('\n\n');

/** A summary that was cut before it got this far says next to nothing. Characters. */
const LEAST_CUT_SUMMARY = 500;

const isCut = ({ stopReason }: Reply): boolean => stopReason === 'max_tokens';

/**
 * A reply that came to its own end is a summary; one that was cut is one as far as it goes, since it is paid for. One that was refused, or
 * wanted to call a tool, is none.
 */
const isSummary = (reply: Reply, text: string): boolean =>
  text !== '' &&
  text !== NO_TEXT &&
  (reply.stopReason === 'end_turn' ||
    reply.stopReason === 'stop_sequence' ||
    (isCut(reply) && text.length >= LEAST_CUT_SUMMARY)) &&
  reply.content.every((b) => b.type !== 'tool_use');

/** The summary becomes a row of its own; where there is none, old results are cleared instead. */
function summarised(s: Thinking, reply: Reply, bill: Bill): Step {
  const summary = textOf(reply.content);
  const beforeSleep = s.memory.compact === 'before_sleep';
  const over = beforeSleep && { windDown: woundDown(s, WIND_DOWN_ITERATIONS) };
  if (!isSummary(reply, summary)) {
    return settle(s, { ...bill, memory: { ...summaryFailed(s), ...over } }, { type: 'compacted', beforeSleep });
  }
  const n = (s.history.at(-1)?.n ?? 0) + 1;
  return settle(
    s,
    {
      ...bill,
      turns: [summaryTurn(s.facts.goal, summary, isCut(reply))],
      memory: { ...compacted(s, n, keptFrom(s) ?? n), ...over },
      journal: [
        ...bill.journal,
        {
          type: 'agent.compacted',
          data: {
            tokens_before: tokensOf(reply.usage),
            summary_characters: summary.length,
            ...(isCut(reply) && { cut: true }),
          },
        },
      ],
    },
    { type: 'compacted', beforeSleep },
  );
}
