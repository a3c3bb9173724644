/** Whether what came out of a replay is what went in: the history, the cost of every call, and the days' ceilings. */

import { joined } from '../../lib/core/context.ts';
import type { Block, Message } from '../../lib/core/session.ts';
import { parsePrompt } from '../../lib/local/messages-api/shape.ts';
import { checkTurns } from '../../lib/local/messages-api/turns.ts';
import type { MessageJson } from './client.ts';
import { type Recording, renamed, saidIn } from './recording.ts';
import type { DaySpent } from './run.ts';
import type { AssistantTurn } from './transcript.ts';

/** Rounding of floating-point dollars in recordings, microdollars. */
const FLOAT_ERROR = 0.01;

/** Why the Messages API would refuse the history, or null. A history may end on the assistant; a request may not. */
export const historyFault = ({ model, agent }: Recording, messages: MessageJson[]): string | null => {
  const turns = joined(
    messages.map(
      ({ role, content }): Message => ({ role: role === 'assistant' ? role : 'user', content: content as Block[] }),
    ),
  );
  const open = turns.at(-1)?.content.some(({ type }) => type === 'tool_use');
  const asked =
    turns.at(-1)?.role === 'assistant' && !open
      ? [...turns, { role: 'user', content: [{ type: 'text', text: 'Go on.' }] }]
      : turns;
  try {
    checkTurns(parsePrompt({ model, tools: agent.tools.map(({ effect: _, ...tool }) => tool), messages: asked }));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Notes of the runtime stand between the recorded words. */
const notOfRuntime = (block: { type: string }): boolean =>
  !(block.type === 'text' && String((block as { text?: string }).text).startsWith('[runtime]'));

/** Tool results one by one, and the words of a turn as one. */
const userParts = (messages: { role: string; content: { type: string }[] }[]): string[] =>
  messages.flatMap((message) => {
    if (message.role !== 'user') return [];
    const blocks = message.content.filter(notOfRuntime);
    const results = blocks.flatMap((block) => {
      const { type, tool_use_id, content, is_error } = block as Record<string, unknown>;
      return type === 'tool_result' ? [JSON.stringify([tool_use_id, content, is_error ?? false])] : [];
    });
    const words = saidIn(blocks);
    return words === null ? results : [...results, words];
  });

/** How the history differs from the recording, or null. Words are compared turn by turn, whatever blocks they came in. */
export const difference = ({ turns }: Recording, messages: MessageJson[]): string | null => {
  const wanted = turns
    .filter((turn): turn is AssistantTurn => turn.role === 'assistant')
    .map((turn) => turn.content.map(renamed));
  // Thinking was not recorded; what there is of it is the stand-in's own.
  const got = messages
    .filter(({ role }) => role === 'assistant')
    .map(({ content }) => content.filter(({ type }) => type !== 'thinking'));
  const at = wanted.findIndex((content, i) => !same(content, got[i]));
  if (at >= 0) return `assistant turn ${at + 1} differs`;
  if (got.length !== wanted.length) return `${got.length} assistant turns instead of ${wanted.length}`;
  const [said, heard] = [userParts(turns), userParts(messages)];
  const part = said.findIndex((each, i) => each !== heard[i]);
  return part >= 0 ? `part ${part + 1} of what the user turns say differs` : null;
};

/** A row of the ledger, in the order of the calls. */
export type LedgerRow = { cost: bigint; class: string };

/** Calls that were not charged at the published price of their usage, or not at what the recording says; numbered from 1. */
export const wrongCosts = ({ calls }: Recording, ledger: LedgerRow[]): number[] =>
  calls.flatMap(({ price, recordedCost }, i) => {
    const row = ledger[i];
    const exact = row?.class === 'settled' && row.cost === price;
    const over = Number(row?.cost ?? 0n) - (recordedCost ?? Number(row?.cost ?? 0n));
    return exact && over > -FLOAT_ERROR && over < 1 + FLOAT_ERROR ? [] : [i + 1];
  });

/** Days on which more was spent than 110 % of the day's allowance. */
export const overspent = (days: DaySpent[]): string[] =>
  days
    .filter(({ spent, ceiling, allowance }) => spent > ceiling || spent * 10 > allowance * 11)
    .map(({ date }) => date);
