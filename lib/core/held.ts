/**
 * A reply of which some calls wait for a person: what could run is told and saved, the others stay open, and the session waits at no cost. Controls of the
 * reply wait, too: an agent that finishes in the turn in which it asks has not finished before its calls are decided. What else the person should know,
 * such as a key that has expired, is told with the question.
 */
import { isControl } from './controls.ts';
import { asDecided, requestEntry } from './gate.ts';
import { escalated, noticeResults, stuck } from './guard.ts';
import { hasWordOfPerson } from './inbox.ts';
import { shownIn } from './media.ts';
import { hasReadOutside } from './memory-news.ts';
import { charged, chargeEntries, closedBy } from './paid-tool.ts';
import { type McpState, met } from './remote.ts';
import { resultEntry, roomFor, withoutResult } from './results.ts';
import type { Block, Gate, Session, SessionData, ToolResult } from './session.ts';
import { known, type Step, save } from './step.ts';
import { end, refusedCalls, resultBlock, waitForApproval } from './suspend.ts';

type Acting = Extract<Session, { state: 'acting' }>;

/** `results`: of the calls that ran; `servers`: where their MCP servers stand since. */
type Ran = { results: ToolResult[]; servers: Record<string, McpState> };

export function untilDecided(s: Acting, gate: Gate, { results, servers }: Ran, at: number): Step {
  const answered = s.open.filter(({ id, name }) => !isControl(name) && !gate.held.includes(id));
  const byId = new Map([...results, ...gate.verdicts].map((result) => [result.id, result]));
  const ordered = answered.map((call) => asDecided(byId.get(call.id) ?? withoutResult(s, call), call));
  const verdict = s.policy.repetitionGuard
    ? noticeResults(s.memory.guard, answered, ordered)
    : { guard: s.memory.guard, escalate: null };
  const shown = shownIn(ordered.flatMap(({ media = [] }) => media));
  const next: SessionData = {
    ...charged(known(s), results),
    memory: {
      ...roomFor(shown, s),
      ...met(s.memory, servers, results),
      guard: verdict.guard,
      outside: hasReadOutside(s, results),
    },
  };
  const told = ordered.map((r) => resultBlock(r.id, r.content, r.isError));
  const open = s.open.filter((call) => !answered.includes(call));
  const ran = {
    paid: closedBy(results),
    journal: [
      ...s.journal,
      ...ordered.map((r) => resultEntry(r, s.open)),
      ...chargeEntries(s, next),
      ...(verdict.escalate ? [escalated(verdict.escalate, verdict.guard)] : []),
    ],
    due: at,
  };
  if (verdict.escalate?.stop) {
    const turn = [...told, ...(refusedCalls(open, 'stuck') ?? []), ...shown];
    return save(next, { ...ran, turn, suspension: end(next, 'escalation_threshold_exceeded') });
  }
  const turn: Block[] = [...told, ...shown];
  const names = open.filter(({ id }) => gate.held.includes(id)).map(({ name }) => name);
  const waits = results.find((r) => r.waits !== undefined)?.waits;
  const besides = waits ?? (verdict.escalate ? stuck(verdict.escalate) : null);
  return save(next, {
    ...ran,
    turn: turn.length > 0 ? turn : null,
    open: open.map(({ id }) => id),
    ...(gate.requests.length > 0 && { requests: gate.requests }),
    journal: [...ran.journal, ...gate.requests.map((request) => requestEntry(gate, request))],
    // What a person wrote meanwhile withdraws the questions, which the next claim finds out.
    suspension: hasWordOfPerson(s.pending) ? null : waitForApproval(next, names, gate.due, besides),
  });
}
