/**
 * The iteration guard: what stops an agent that goes round in circles.
 * - Repetition: three equal calls in a row → steered; the next equal one → stopped, `repetition_detected`.
 * - Errors: the same error of one tool on three different tries in a row → the user is asked; the fifth such time → stopped,
 *   `escalation_threshold_exceeded`.
 * The iteration cap itself is in limits.ts.
 */
import { isControl } from './controls.ts';
import type { LogEntry } from './events.ts';
import { canonical, hash } from './hash.ts';
import type { Memory } from './memory.ts';
import { preview } from './runtime-messages.ts';
import type { Block, ToolCall, ToolResult, ToolUseBlock } from './session.ts';

/** Controls that may be called with the same words day after day. */
const REPEATABLE = new Set(['sleep', 'ask_user']);

const STEER_AT = 3;
const TRIES = 3;
const ESCALATIONS = 5;
/** Error signatures that are remembered; the oldest goes first. */
const REMEMBERED = 8;

type Guard = Memory['guard'];

const signatureOf = (call: { name: string; input: unknown }): string =>
  `${call.name}:${hash(canonical(call.input)).toString(36)}`;

/** The streak after a reply, and its height within the reply: parallel equal calls count as calls in a row. */
export function noticeCalls(guard: Guard, content: Block[]): Guard {
  let { last, streak } = guard;
  let peak = 0;
  for (const block of content) {
    if (block.type !== 'tool_use' || REPEATABLE.has((block as ToolUseBlock).name)) continue;
    const signature = signatureOf(block as ToolUseBlock);
    streak = signature === last ? streak + 1 : 1;
    last = signature;
    peak = Math.max(peak, streak);
  }
  return { ...guard, last, streak, peak };
}

export const repetition = (guard: Guard): 'none' | 'steer' | 'stop' =>
  guard.peak > STEER_AT ? 'stop' : guard.peak === STEER_AT ? 'steer' : 'none';

export const STEERING =
  '[runtime] You made the same tool call three times in a row. Its result will not change. Stop and think about what you expected, then ' +
  'take another way; if there is none, ask the person or finish with what you have. The same call once more ends the session.';

/** First line of an error that says something (not a mere heading like `[stderr]`), with what differs from try to try taken out. */
function errorSignature(name: string, content: string): string {
  const lines = content.split('\n').map((line) => line.trim());
  const telling = lines.find((line) => line !== '' && !/^\[[^\]]*\]$/.test(line)) ?? '';
  return `${name}:${telling.toLowerCase().replace(/\d+/g, '#').slice(0, 120)}`;
}

/** One tool has failed in the same way again and again; `stop`: so often that the session ends. */
export type Escalation = { tool: string; error: string; stop: boolean };
export type ErrorVerdict = { guard: Guard; escalate: Escalation | null };

/** `guard`: as it is with this one. */
export const escalated = ({ tool, error }: Escalation, { escalations }: Guard): LogEntry => ({
  type: 'agent.escalated',
  data: { tool, error: preview(error), escalations },
});

/** What the person is asked. */
export const stuck = ({ tool, error }: Escalation): string =>
  `I tried ${tool} in three different ways and got the same error each time. How shall I go on?\n\n${error}`;

/** Takes in the results of one turn. A tool that worked forgets its errors. */
export function noticeResults(guard: Guard, calls: ToolCall[], results: ToolResult[]): ErrorVerdict {
  const byId = new Map(calls.map((call) => [call.id, call]));
  let errors = guard.errors;
  let escalate: ErrorVerdict['escalate'] = null;
  for (const result of results) {
    const call = byId.get(result.id);
    if (!call || isControl(call.name) || result.ran === false) continue;
    if (!result.isError) {
      errors = errors.filter((e) => !e.signature.startsWith(`${call.name}:`));
      continue;
    }
    const signature = errorSignature(call.name, result.content);
    const known = errors.find((e) => e.signature === signature);
    const tries = [...new Set([...(known?.tries ?? []), hash(canonical(call.input)).toString(36)])];
    errors = errors.filter((e) => e.signature !== signature);
    if (tries.length >= TRIES && !escalate) {
      escalate = { tool: call.name, error: result.content.slice(0, 600), stop: guard.escalations + 1 >= ESCALATIONS };
    } else {
      errors = [...errors, { signature, tries }].slice(-REMEMBERED);
    }
  }
  return { guard: { ...guard, errors, escalations: guard.escalations + (escalate ? 1 : 0) }, escalate };
}
