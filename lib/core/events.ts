/**
 * The journal's events, each with the shape of its data. The core writes them, the API shows them, and an import is checked by them.
 * Money is whole microdollars, durations are milliseconds, instants are ISO 8601 in UTC. A text that an agent or a tool wrote is a preview of at most
 * 2,000 characters and a note of what is left out.
 */
import * as z from 'zod';
import { EFFORTS } from '../budget/prices.ts';
import { SLEEP_LIMITS } from '../budget/sleep-limit.ts';
import { DECISIONS } from './approval.ts';

export const OUTCOMES = [
  'completed',
  'iteration_limit_reached',
  'repetition_detected',
  'escalation_threshold_exceeded',
  'cost_cap_reached',
  'refused',
  'api_error',
  'cancelled',
  'failed',
] as const;

export const SLEEP_REASONS = [
  'allowance',
  'rate_limit',
  'overloaded',
  'server_away',
  'agent',
  'session_cap',
  'claim_limit',
] as const;

const money = z.int();
const count = z.int().min(0);
const percent = z.number();
const instant = z.iso.datetime();
const error = z.object({ code: z.string(), message: z.string() });
const ended = { outcome: z.enum(OUTCOMES), result: z.string().optional(), error: error.optional(), iterations: count };

/** The tokens of one call by the classes that have prices; null: the provider never told them. */
export const TOKENS = {
  input_tokens: count.nullable(),
  output_tokens: count.nullable(),
  cache_write_5m_tokens: count.nullable(),
  cache_write_1h_tokens: count.nullable(),
  cache_read_tokens: count.nullable(),
};

/** Event type → the fields of its data. */
export const EVENTS = {
  'agent.started': {
    agent: z.string(),
    model: z.string(),
    tier: z.string(),
    imported_from: z.object({ session_id: z.string(), exported_at: instant }).optional(),
  },
  'agent.message_received': { content: z.string() },
  'agent.files_received': {
    files: z.array(z.object({ path: z.string(), bytes: count })),
    removed: z.array(z.string()),
    more: count,
  },
  'agent.memory_saved': {
    written: z.array(z.object({ path: z.string(), bytes: count, untrusted: z.boolean() })),
    removed: z.array(z.string()),
    /** Had no room in the memory: files of the session's workspace now. */
    unsaved: z.array(z.string()),
    more: count,
  },
  'agent.settings_changed': {
    max_iterations: count.optional(),
    max_cost_microdollars: money.nullable().optional(),
    model_ladder: z.array(z.string()).optional(),
    daily_share_percent: z.int().nullable().optional(),
    effort: z.enum(EFFORTS).nullable().optional(),
    max_output_tokens: count.nullable().optional(),
    web: z.literal('changed').optional(),
    metadata: z.literal('changed').optional(),
  },
  'agent.resumed': {},
  'agent.waking': { reason: z.enum([...SLEEP_REASONS, 'budget_exceeded']), early: z.boolean() },

  'agent.thinking': { model: z.string(), effort: z.enum(EFFORTS).optional(), compacting: z.literal(true).optional() },
  'agent.model_changed': { from: z.string(), to: z.string(), reason: z.literal('retired').optional() },
  'agent.effort_changed': { from: z.enum(EFFORTS), to: z.enum(EFFORTS), budget_pct: percent },
  'agent.head_changed': { agent: z.string(), from: z.string().nullable(), to: z.string().nullable() },
  /** The tools of an MCP server as the session's prompts have them from now on. `previous` null: its first list. */
  'agent.mcp_tools_taken': {
    server: z.string(),
    pin: z.string(),
    previous: z.string().nullable(),
    tools: count,
    added: z.array(z.string()),
    removed: z.array(z.string()),
    /** Another description, other arguments or another effect under the same name. */
    changed: z.array(z.string()),
    /** Why it is not offered. */
    left_out: z.array(z.object({ name: z.string(), reason: z.string() })),
  },
  'agent.model_called': {
    model: z.string(),
    /** Null: its worker died, and only what was held for it is known. */
    kind: z.enum(['think', 'compact']).nullable(),
    cost_microdollars: money,
    charge: z.enum(['settled', 'unknown']),
    ...TOKENS,
    duration_ms: count,
  },
  'agent.bill_in_doubt': { message: z.string(), charged_microdollars: money },
  'agent.cost_corrected': {
    reason: z.literal('provider_report'),
    charged_microdollars: money,
    cost_microdollars: money,
  },
  'agent.retrying': {
    reason: z.string().optional(),
    status: z.int().nullable().optional(),
    message: z.string().optional(),
    attempt: z.int().min(1).optional(),
    cost_microdollars: money.optional(),
    claims: count.optional(),
    wake_at: instant.nullable().optional(),
  },
  'agent.refused': { model: z.string(), category: z.string().nullable(), text: z.string() },
  'agent.thinking_dropped': { message: z.string() },
  'agent.model_retiring': { model: z.string(), retires_at: instant, successor: z.string().nullable() },
  'agent.compacted': { tokens_before: count, summary_characters: count, cut: z.literal(true).optional() },

  'agent.thought': { text: z.string() },
  'agent.text': { text: z.string() },
  'agent.tool.called': {
    tool_use_id: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.unknown()).optional(),
    input_preview: z.string().optional(),
  },
  'agent.tool.result': {
    tool_use_id: z.string(),
    name: z.string().nullable(),
    is_error: z.boolean(),
    characters: count,
    content: z.string(),
    /** Left out where nothing ran: the runtime answered the call. */
    duration_ms: count.optional(),
    /** Of a paid tool; null: nobody knows, and all that was held for it is charged. */
    cost_microdollars: money.nullable().optional(),
  },
  'agent.escalated': { tool: z.string(), error: z.string(), escalations: count },
  'agent.phase.started': { phase_name: z.string(), text: z.string(), continued: z.literal(true).optional() },
  'agent.phase.completed': { phase_name: z.string() },

  'agent.budget_updated': {
    budget_pct: percent,
    spent_microdollars: money,
    daily_budget_microdollars: money,
    cost_microdollars: money,
  },
  'agent.winding_down': {
    budget_pct: percent,
    reason: z.enum(['allowance', 'share', 'next_step']),
    resets_at: instant,
  },
  'agent.sleeping': {
    reason: z.enum(SLEEP_REASONS),
    wake_at: instant.nullable(),
    limit: z.enum(SLEEP_LIMITS).optional(),
    needed_microdollars: money.optional(),
    available_microdollars: money.optional(),
    resume_cost_microdollars: money.optional(),
    note: z.string().optional(),
  },
  'agent.budget_exceeded': {
    spent_microdollars: money,
    hard_ceiling_microdollars: money,
    wake_at: instant.nullable(),
  },
  'agent.approval_requested': {
    tool_use_id: z.string(),
    name: z.string(),
    input: z.record(z.string(), z.unknown()).optional(),
    input_preview: z.string().optional(),
    args_sha: z.string(),
    tool_sha: z.string(),
    expires_at: instant,
    /** The arguments are a person's. */
    edited: z.literal(true).optional(),
    /** It was asked and decided before, about the tool as it was before a deployment. */
    again: z.literal('tool_changed').optional(),
  },
  'agent.approval_decided': {
    tool_use_id: z.string(),
    name: z.string(),
    decision: z.enum(DECISIONS),
    /** Of an edit: what runs in place of the model's arguments. */
    input: z.record(z.string(), z.unknown()).optional(),
    reason: z.string().optional(),
  },
  'agent.waiting_for_input': {
    question: z.string().nullable(),
    /** Left out: `question`. */
    kind: z.enum(['question', 'approval']).optional(),
    choices: z.array(z.string()).optional(),
    expires_at: instant.optional(),
    resume_cost_microdollars: money.optional(),
  },
  'agent.paused': { error: error.optional() },
  'agent.completed': ended,
  'agent.failed': ended,
  'agent.cancelled': ended,
} as const satisfies Record<string, z.core.$ZodLooseShape>;

export type EventType = keyof typeof EVENTS;
export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];

export type EventData<T extends EventType> = z.infer<z.ZodObject<(typeof EVENTS)[T]>>;

/**
 * A journal entry before the database gives it a number. `iteration`: the reply that it belongs to, where that is not the last one saved.
 */
export type LogEntry = { [T in EventType]: { type: T; data: EventData<T>; iteration?: number } }[EventType];
