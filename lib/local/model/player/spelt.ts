/** The plan for a goal that spells out calls, one a line, such as `weather {"town":"Lisbon"}`: a tool of one's own is tried without a model. */
import { type CallBlock, call } from '../answer.ts';
import type { History } from './history.ts';
import { type Plan, step } from './step.ts';

const CALL = /^\s*([a-zA-Z0-9_-]{1,64})\s*(\{.*\})\s*$/;

/** Null: the goal spells out no call of a tool that is offered. The same call twice is made once. */
export function speltOut({ goal, tools }: Pick<History, 'goal' | 'tools'>): Plan | null {
  const lines = [...new Set(goal.split('\n').map((line) => line.trim()))];
  const calls = lines.flatMap((line) => callIn(line, tools));
  if (calls.length === 0) return null;
  return {
    steps: calls.map((made, i) => step(`call ${i + 1}`, `I call ${made.name}, as the goal says.`, made)),
    finish: (history) => calls.map((made) => `${made.name}: ${history.resultOf(made) ?? 'no result'}`).join('\n'),
  };
}

function callIn(line: string, tools: Set<string>): CallBlock[] {
  const [, name = '', json = ''] = CALL.exec(line) ?? [];
  if (!tools.has(name)) return [];
  try {
    return [call(name, JSON.parse(json) as Record<string, unknown>)];
  } catch {
    return [];
  }
}
