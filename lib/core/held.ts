/**
 * A reply of which some calls wait for a person: what could run is told and saved, the others stay open, and the session waits at no cost. Controls of the
 * reply wait, too: an agent that finishes in the turn in which it asks has not finished before its calls are decided.
 */
import { isControl } from './controls.ts';
import { asDecided, requestEntry } from './gate.ts';
import { noticeResults } from './guard.ts';
import { hasWordOfPerson } from './inbox.ts';
import { shownIn } from './media.ts';
import { hasReadOutside } from './memory-news.ts';
import { type McpState, met } from './remote.ts';
import { notRun, resultEntry, roomFor } from './results.ts';
import type { Block, Gate, Session, SessionData, ToolResult } from './session.ts';
import { known, type Step, save } from './step.ts';
import { resultBlock, waitForApproval } from './suspend.ts';

type Acting = Extract<Session, { state: 'acting' }>;

/** `results`: of the calls that ran; `servers`: where their MCP servers stand since. */
type Ran = { results: ToolResult[]; servers: Record<string, McpState> };

export function untilDecided(s: Acting, gate: Gate, { results, servers }: Ran, at: number): Step {
  const answered = s.open.filter(({ id, name }) => !isControl(name) && !gate.held.includes(id));
  const byId = new Map([...results, ...gate.verdicts].map((result) => [result.id, result]));
  const ordered = answered.map((call) => asDecided(byId.get(call.id) ?? notRun(s, call), call));
  const verdict = s.policy.repetitionGuard
    ? noticeResults(s.memory.guard, answered, ordered)
    : { guard: s.memory.guard, escalate: null };
  const shown = shownIn(ordered.flatMap(({ media = [] }) => media));
  const next: SessionData = {
    ...known(s),
    memory: {
      ...roomFor(shown, s),
      ...met(s.memory, servers, results),
      guard: verdict.guard,
      outside: hasReadOutside(s, results),
    },
  };
  const turn: Block[] = [...ordered.map((r) => resultBlock(r.id, r.content, r.isError)), ...shown];
  const names = s.open.filter(({ id }) => gate.held.includes(id)).map(({ name }) => name);
  return save(next, {
    turn: turn.length > 0 ? turn : null,
    open: s.open.filter((call) => !answered.includes(call)).map(({ id }) => id),
    ...(gate.requests.length > 0 && { requests: gate.requests }),
    paid: results.flatMap(({ paid }) => paid ?? []),
    journal: [
      ...s.journal,
      ...ordered.map((r) => resultEntry(r, s.open)),
      ...gate.requests.map((request) => requestEntry(gate, request)),
    ],
    due: at,
    // What a person wrote meanwhile withdraws the questions, which the next claim finds out.
    suspension: hasWordOfPerson(s.pending) ? null : waitForApproval(next, names, gate.due),
  });
}
