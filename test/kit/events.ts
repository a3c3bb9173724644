/** The journal's entries for tests: one of every type as a worker could write it, and a check of what was written. */
import * as z from 'zod';
import { EVENT_TYPES, EVENTS, type EventData, type EventType, type LogEntry } from '../../lib/core/events.ts';

const ERROR = { code: 'failed', message: 'The session could not go on.' };
const AT = '2026-11-23T00:00:00.000Z';

const EXAMPLES: { [T in EventType]: EventData<T> } = {
  'agent.started': { agent: 'assistant', model: 'claude-haiku-5-5', tier: 'standard' },
  'agent.message_received': { content: 'In rhyme, please.' },
  'agent.files_received': { files: [{ path: '/data.csv', bytes: 12 }], removed: ['/old.csv'], more: 0 },
  'agent.memory_saved': {
    written: [{ path: 'rules.md', bytes: 12, untrusted: false }],
    removed: ['old.md'],
    unsaved: [],
    more: 0,
  },
  'agent.settings_changed': { max_iterations: 300, max_cost_microdollars: null, metadata: 'changed' },
  'agent.resumed': {},
  'agent.waking': { reason: 'allowance', early: false },
  'agent.thinking': { model: 'claude-haiku-5-5' },
  'agent.model_changed': { from: 'claude-sonnet-5-5', to: 'claude-haiku-5-5' },
  'agent.effort_changed': { from: 'high', to: 'low', budget_pct: 71.5 },
  'agent.mcp_tools_taken': {
    ...{ server: 'files', pin: 'p2', previous: 'p1', tools: 3 },
    ...{
      added: ['write'],
      removed: [],
      changed: ['read'],
      left_out: [{ name: 'x', reason: 'its arguments are no object' }],
    },
  },
  'agent.head_changed': { agent: 'assistant', from: 'a', to: 'b' },
  'agent.model_called': {
    model: 'claude-haiku-5-5',
    kind: 'think',
    cost_microdollars: 1_000,
    charge: 'settled',
    input_tokens: 10,
    output_tokens: 20,
    cache_write_5m_tokens: 0,
    cache_write_1h_tokens: 0,
    cache_read_tokens: 0,
    duration_ms: 1_200,
  },
  'agent.bill_in_doubt': { message: 'No count came.', charged_microdollars: 1_000 },
  'agent.cost_corrected': { reason: 'provider_report', charged_microdollars: 1_000, cost_microdollars: 10 },
  'agent.retrying': { status: 529, message: 'Overloaded', attempt: 1 },
  'agent.refused': { model: 'claude-haiku-5-5', category: null, text: 'No.' },
  'agent.thinking_dropped': { message: 'It is bound to a different conversation.' },
  'agent.model_retiring': { model: 'claude-haiku-5-5', retires_at: AT, successor: null },
  'agent.compacted': { tokens_before: 1_000, summary_characters: 600 },
  'agent.thought': { text: 'Moons?' },
  'agent.text': { text: 'The moon is bright.' },
  'agent.tool.called': { tool_use_id: 'toolu_1', name: 'bash', input: { command: 'ls' } },
  'agent.tool.result': {
    tool_use_id: 'toolu_1',
    name: 'bash',
    is_error: false,
    characters: 1,
    content: 'a',
    duration_ms: 40,
  },
  'agent.escalated': { tool: 'bash', error: 'no such file', escalations: 1 },
  'agent.phase.started': { phase_name: 'Reading', text: '' },
  'agent.phase.completed': { phase_name: 'Reading' },
  'agent.budget_updated': {
    budget_pct: 10,
    spent_microdollars: 1_000,
    daily_budget_microdollars: 10_000,
    cost_microdollars: 1_000,
  },
  'agent.winding_down': { budget_pct: 90, reason: 'allowance', resets_at: AT },
  'agent.sleeping': { reason: 'allowance', wake_at: AT },
  'agent.budget_exceeded': { spent_microdollars: 12_000, hard_ceiling_microdollars: 11_000, wake_at: AT },
  'agent.approval_requested': {
    tool_use_id: 'toolu_1',
    name: 'bash',
    input: { command: 'ls' },
    args_sha: 'a',
    tool_sha: 'b',
    expires_at: AT,
  },
  'agent.approval_decided': { tool_use_id: 'toolu_1', name: 'bash', decision: 'deny', reason: 'Not today.' },
  'agent.waiting_for_input': { question: 'Which moon?', kind: 'question', choices: ['Io', 'Europa'] },
  'agent.paused': {},
  'agent.completed': { outcome: 'completed', result: 'Done.', iterations: 1 },
  'agent.failed': { outcome: 'failed', error: ERROR, iterations: 1 },
  'agent.cancelled': { outcome: 'cancelled', iterations: 1 },
};

/** An entry of this type; `data` over its usual fields. */
export const anEntry = <T extends EventType>(type: T, data: Partial<EventData<T>> = {}): LogEntry =>
  ({ type, data: { ...EXAMPLES[type], ...data } }) as LogEntry;

export const entriesOfAllTypes = (): LogEntry[] => EVENT_TYPES.map((type) => anEntry(type));

/** Throws unless the entry is one of the contract, without a field too many. */
export function checkEntry({ type, data }: { type: string; data: unknown }): void {
  if (!Object.hasOwn(EVENTS, type)) throw new Error(`${type} is no event of lib/core/events.ts.`);
  const checked = z.strictObject(EVENTS[type as EventType]).safeParse(data);
  if (!checked.success) throw new Error(`${type} ${JSON.stringify(data)}: ${z.prettifyError(checked.error)}`);
}
