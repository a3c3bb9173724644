/**
 * A session's journal as rows: one an iteration, and one for each thing that happens between iterations. The journal only grows at its end, so
 * what was made of it is kept; a row that changes is another object, and all others stay the same ones.
 */
import { day, firstLine } from './text.ts';
import type { EventOf, JournalEvent } from './types.ts';

export type ToolUse = {
  id: string;
  name: string;
  argument: string;
  result: EventOf<'agent.tool.result'> | null;
};
export type StepRow = {
  kind: 'step';
  key: string;
  at: string;
  number: number;
  phase: string;
  text: string;
  thought: string;
  tools: readonly ToolUse[];
  cost: number;
  tokens: { input: number; output: number; cached: number } | null;
  ms: number;
};
/** What was done since the last rest of the session: for the receipt. */
export type DaySums = { iterations: number; tools: number; cost: number };
export type EventRow = {
  kind: 'event';
  key: string;
  event: JournalEvent;
  sums: DaySums;
  budget: EventOf<'agent.budget_updated'> | null;
};
export type DayRow = { kind: 'day'; key: string; date: string; word: string; cost: number; iterations: number };
export type Row = StepRow | EventRow | DayRow;

/** What belongs to an iteration, and is shown in its row; and what only says how things stand. */
const WITHIN = new Set([
  ...['agent.thinking', 'agent.text', 'agent.thought', 'agent.tool.called', 'agent.tool.result', 'agent.model_called'],
  ...['agent.budget_updated', 'agent.phase.started', 'agent.phase.completed'],
]);

export type Timeline = {
  rows: () => readonly Row[];
  add: (events: readonly JournalEvent[]) => void;
  /** The number of the last entry. */
  seq: () => number;
};

const NONE: DaySums = { iterations: 0, tools: 0, cost: 0 };

export function timeline(): Timeline {
  let rows: Row[] = [];
  let steps = new Map<number, number>();
  let dayAt = -1;
  let phase = '';
  let last = 0;
  let sums = NONE;
  /** Iterations since the last rest, and the day under which each one stands. */
  let counted = new Set<number>();
  let daysOf = new Map<number, number>();
  let budget: EventOf<'agent.budget_updated'> | null = null;

  function push(row: Row): number {
    rows.push(row);
    return rows.length - 1;
  }
  function edit<T extends Row>(index: number, change: Partial<T>): void {
    rows[index] = { ...(rows[index] as T), ...change };
  }
  function step(event: JournalEvent): number {
    const known = steps.get(event.iteration);
    if (known !== undefined) return known;
    const { iteration: number, at } = event;
    const row: StepRow = {
      ...{ kind: 'step', key: `i${number}.${event.seq}`, at, number, phase, text: '', thought: '', tools: [], cost: 0 },
      ...{ tokens: null, ms: 0 },
    };
    const index = push(row);
    steps.set(number, index);
    daysOf.set(number, dayAt);
    counted.add(number);
    edit<DayRow>(dayAt, { iterations: (rows[dayAt] as DayRow).iterations + 1 });
    sums = { ...sums, iterations: sums.iterations + 1 };
    return index;
  }
  function spent(cost: number): void {
    edit<DayRow>(dayAt, { cost: (rows[dayAt] as DayRow).cost + cost });
    sums = { ...sums, cost: sums.cost + cost };
  }
  /** What a later report says of the bill of an iteration, on the day of that iteration. */
  function corrected({ iteration, charged_microdollars, cost_microdollars }: EventOf<'agent.cost_corrected'>): void {
    const more = cost_microdollars - charged_microdollars;
    const index = daysOf.get(iteration) ?? dayAt;
    edit<DayRow>(index, { cost: (rows[index] as DayRow).cost + more });
    const at = steps.get(iteration);
    if (at !== undefined) edit<StepRow>(at, { cost: (rows[at] as StepRow).cost + more });
    if (counted.has(iteration)) sums = { ...sums, cost: sums.cost + more };
  }
  function within(event: JournalEvent): void {
    if (event.type === 'agent.budget_updated') {
      budget = event;
      return;
    }
    if (event.type === 'agent.phase.completed') return;
    if (event.type === 'agent.phase.started') phase = event.phase_name;
    const index = step(event);
    const row = rows[index] as StepRow;
    edit<StepRow>(index, changeOf(row, event, phase));
    if (event.type === 'agent.tool.called') sums = { ...sums, tools: sums.tools + 1 };
    if (event.type === 'agent.model_called') spent(event.cost_microdollars);
    if (event.type === 'agent.tool.result') spent(event.cost_microdollars ?? 0);
  }
  function take(event: JournalEvent): void {
    if (event.seq <= last) return;
    last = event.seq;
    const date = event.at.slice(0, 10);
    const shown = dayAt < 0 ? null : (rows[dayAt] as DayRow).date;
    if (shown !== date)
      dayAt = push({ kind: 'day', key: `d${event.seq}`, date, word: day(event.at), cost: 0, iterations: 0 });
    if (WITHIN.has(event.type)) {
      within(event);
      return;
    }
    if (event.type === 'agent.cost_corrected') corrected(event);
    push({ kind: 'event', key: `e${event.seq}`, event, sums, budget });
    if (event.type !== 'agent.sleeping') return;
    sums = NONE;
    counted = new Set();
  }
  return {
    rows: () => rows,
    seq: () => last,
    add(events) {
      rows = rows.slice();
      for (const event of events) take(event);
      // An iteration whose row is long gone from the screen is added to no more.
      if (steps.size > 64) steps = new Map([...steps].slice(-32));
      if (daysOf.size > 4_096) daysOf = new Map([...daysOf].slice(-2_048));
    },
  };
}

function changeOf(row: StepRow, event: JournalEvent, phase: string): Partial<StepRow> {
  switch (event.type) {
    case 'agent.text':
      return { text: joined(row.text, event.text) };
    case 'agent.thought':
      return { thought: joined(row.thought, event.text) };
    case 'agent.phase.started':
      return { phase, text: joined(row.text, event.text) };
    case 'agent.tool.called':
      return {
        tools: [...row.tools, { id: event.tool_use_id, name: event.name, argument: argumentOf(event), result: null }],
      };
    case 'agent.tool.result':
      return { tools: row.tools.map((tool) => (tool.id === event.tool_use_id ? { ...tool, result: event } : tool)) };
    case 'agent.model_called':
      return {
        cost: row.cost + event.cost_microdollars,
        ms: row.ms + event.duration_ms,
        tokens: {
          input:
            (row.tokens?.input ?? 0) +
            (event.input_tokens ?? 0) +
            (event.cache_write_5m_tokens ?? 0) +
            (event.cache_write_1h_tokens ?? 0),
          output: (row.tokens?.output ?? 0) + (event.output_tokens ?? 0),
          cached: (row.tokens?.cached ?? 0) + (event.cache_read_tokens ?? 0),
        },
      };
    default:
      return {};
  }
}

const joined = (before: string, text: string): string => (before === '' ? text : `${before}\n\n${text}`);

/** What the call is about: its command, path or pattern, else all its arguments. */
export function argumentOf({
  input,
  input_preview,
}: Pick<EventOf<'agent.tool.called'>, 'input' | 'input_preview'>): string {
  if (!input) return input_preview ?? '';
  for (const name of ['command', 'path', 'url', 'query', 'pattern', 'question', 'name'])
    if (typeof input[name] === 'string') return input[name];
  return Object.keys(input).length === 0 ? '' : JSON.stringify(input);
}

/** In one line. */
export const titleOf = ({ text, thought, tools }: StepRow): string =>
  firstLine(text) ||
  (tools[0] ? `${tools[0].name} ${firstLine(tools[0].argument, 120)}` : '') ||
  firstLine(thought) ||
  '…';

export const hasError = ({ tools }: StepRow): boolean => tools.some(({ result }) => result?.is_error);

export type RowFilter = 'all' | 'errors' | 'money' | 'persons';
export const ROW_FILTERS: readonly RowFilter[] = ['all', 'errors', 'money', 'persons'];

const OF_MONEY =
  /^agent\.(sleeping|waking|budget_exceeded|winding_down|cost_corrected|bill_in_doubt|model_changed|effort_changed)$/;
const OF_PERSONS =
  /^agent\.(message_received|files_received|waiting_for_input|approval_\w+|paused|resumed|cancelled|settings_changed)$/;

export function filtered(rows: readonly Row[], filter: RowFilter): readonly Row[] {
  if (filter === 'all') return rows;
  return rows.filter((row) => {
    if (row.kind === 'day') return filter === 'money';
    if (row.kind === 'step') return filter === 'errors' && hasError(row);
    const { type } = row.event;
    if (filter === 'errors') return type === 'agent.failed' || type === 'agent.retrying' || type === 'agent.refused';
    return (filter === 'money' ? OF_MONEY : OF_PERSONS).test(type);
  });
}
