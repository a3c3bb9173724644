/**
 * The gate: which calls of a reply run now, which wait for a person, and what is told of those that will not run (PURE). A call that has begun is not
 * judged any more. Of a decided call the arguments of the question run, and no others.
 */
import { APPROVAL_MS, type ApprovalRequest, asRun, type CallApproval } from './approval.ts';
import { type Answered, isControl } from './controls.ts';
import type { LogEntry } from './events.ts';
import { canonical } from './hash.ts';
import { IMPORTED, isOffered } from './offered.ts';
import { meaningOf } from './remote.ts';
import { PREVIEW, preview } from './runtime-messages.ts';
import type { Gate, SessionData, ToolCall, ToolResult, ToolSpec } from './session.ts';

/** `calls`: to be run now, each with the arguments that were decided on. `gate` null: no call waits or was decided against. */
export type Sorted = { calls: ToolCall[]; gate: Gate | null };

/** Controls, and tools that are not offered, need no one outside. */
export function sorted(s: SessionData, at: number): Sorted {
  const calls: ToolCall[] = [];
  const gate: Gate = { verdicts: [], requests: [], again: [], held: [], due: Number.POSITIVE_INFINITY };
  for (const call of s.open) {
    if (isControl(call.name) || !isOffered(s, call)) continue;
    const { approval } = call;
    if (call.startedBy === IMPORTED && asks(s, call)) gate.verdicts.push(notRunHere(call.id));
    else if (call.startedBy !== null) calls.push(asRun(call));
    else if (!approval) {
      if (!asks(s, call)) calls.push(call);
      else ask(s, gate, call, { input: call.input, edited: false }, at);
    } else if (approval.decision === null) hold(gate, call.id, approval.expiresAt);
    else if (approval.decision !== 'approve' && approval.decision !== 'edit')
      gate.verdicts.push(verdict(call.id, approval));
    else if (isChanged(s, call.name, approval)) {
      gate.again.push(call.id);
      ask(s, gate, call, approval, at);
    } else calls.push(asRun(call));
  }
  const passes = gate.verdicts.length === 0 && gate.held.length === 0;
  return { calls, gate: passes ? null : gate };
}

const asks = ({ facts }: SessionData, call: ToolCall): boolean => facts.approval?.asks(call) === true;

/** A question of this session about an open call has been decided. */
export const isDecided = ({ open }: SessionData): boolean =>
  open.some(({ approval }) => approval && approval.decision !== null);

function hold(gate: Gate, id: string, until: number): void {
  gate.held.push(id);
  gate.due = Math.min(gate.due, until);
}

function ask(
  s: SessionData,
  gate: Gate,
  { id, name }: ToolCall,
  { input, edited }: Pick<CallApproval, 'input' | 'edited'>,
  at: number,
): void {
  const tool = current(s, name);
  const expiresAt = at + APPROVAL_MS;
  // Only where there are rules is anything asked.
  const { hash } = s.facts.approval!;
  gate.requests.push({
    ...{ id, tool: name, input, edited, expiresAt },
    argsSha: hash(canonical({ tool: name, input })),
    toolSha: tool ? shaOf(tool, hash) : '',
    schema: tool?.input_schema ?? {},
  });
  hold(gate, id, expiresAt);
}

/**
 * The tool as it would run: as this deployment has it. A tool of an MCP server is none of the deployment's, and neither is now the search of a session that
 * has used up its searches of today: such a tool is still the one that the session was told of.
 */
const current = ({ facts: { agent, latest = agent } }: SessionData, name: string): ToolSpec | undefined =>
  latest.tools.find((tool) => tool.name === name) ?? agent.tools.find((tool) => tool.name === name);

const shaOf = (tool: ToolSpec, hash: (text: string) => string): string => hash(meaningOf(tool));

/** What was approved is not what would run now. A tool that is gone has nothing to approve: its call is told so when it runs. */
function isChanged(s: SessionData, name: string, { toolSha }: CallApproval): boolean {
  const tool = current(s, name);
  const hash = s.facts.approval?.hash;
  return tool !== undefined && hash !== undefined && shaOf(tool, hash) !== toolSha;
}

const day = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** What the model is told of a call that will not run. None of it is the agent's error. */
function verdict(id: string, { decision, reason, expiresAt }: CallApproval): ToolResult {
  const why = reason === null ? '' : ` They say: ${reason}`;
  const content =
    decision === 'expired'
      ? `Not run: nobody decided on this call by ${day(expiresAt)}, so the question expired. That is no denial. Go on without it, or call it again if it is still needed.`
      : decision === 'withdrawn'
        ? 'Not run: the person wrote a message instead of deciding on this call. Read the message first, and call it again if it is still needed.'
        : `Not run: the person denied this call.${why} Do not call it again in the same way; take another, or ask.`;
  return { id, content, isError: true, ran: false };
}

/** What the model is told of a call that an import brought and that a person must approve here. */
const notRunHere = (id: string): ToolResult => ({
  id,
  content:
    'Not run: this session was imported while the call was open, and the person must approve such calls. In the original it may have happened. Check, and call it again if it is still needed: then the person is asked.',
  isError: true,
  ran: false,
});

const NOT_FINISHED =
  'Not finished: another call of this turn was not run, and its result says why. Read that first, and call finish again if the work is done.';

/** The controls of a reply of which a call was decided against: it does not finish, since the agent meant it to end with that call. */
export function readFirst({ gate, open }: { gate?: Gate; open: ToolCall[] }, answered: Answered): Answered {
  if (!gate || gate.verdicts.length === 0 || answered.steering.finish === null) return answered;
  const ends = open.flatMap(({ id, name }) => (name === 'finish' ? [id] : []));
  return {
    ...answered,
    results: answered.results.map((result) =>
      ends.includes(result.id) && !result.isError ? { ...result, content: NOT_FINISHED, isError: true } : result,
    ),
    steering: { ...answered.steering, finish: null },
  };
}

/** What a person approved in place of the model's arguments is told with its result. */
export function asDecided(result: ToolResult, { approval }: ToolCall): ToolResult {
  if (!approval?.edited || (approval.decision !== 'approve' && approval.decision !== 'edit')) return result;
  const told = `The person approved this call with other arguments than yours: ${preview(JSON.stringify(approval.input))}\nWhat follows is about these.\n`;
  return { ...result, content: told + result.content };
}

/** A call's arguments as a journal has them: whole where they are short. */
export function inputPreview(input: Record<string, unknown>) {
  const json = JSON.stringify(input);
  return json.length <= PREVIEW ? { input } : { input_preview: preview(json) };
}

export const requestEntry = ({ again }: Gate, request: ApprovalRequest): LogEntry => ({
  type: 'agent.approval_requested',
  data: {
    tool_use_id: request.id,
    name: request.tool,
    ...inputPreview(request.input),
    args_sha: request.argsSha,
    tool_sha: request.toolSha,
    expires_at: new Date(request.expiresAt).toISOString(),
    ...(request.edited && { edited: true as const }),
    ...(again.includes(request.id) && { again: 'tool_changed' as const }),
  },
});
