/**
 * Controls: tool calls that steer the session itself. The core answers them; nothing is run. Each call gets a result like any other, and
 * the strongest of a turn decides: finish, then ask_user, then sleep.
 */
import * as z from 'zod';
import { isBlank } from '../text.ts';
import { CHOICES } from './approval.ts';
import type { LogEntry } from './events.ts';
import type { JsonSchema } from './json-schema.ts';
import { resultFault } from './result-schema.ts';
import type { AgentSpec, ResultJson, SessionConfig, ToolCall, ToolResult, ToolSpec } from './session.ts';

/** A month: longer than any allowance has to wait, short enough that a typing error does not put an agent away for years. */
const LONGEST_SLEEP_MINUTES = 31 * 24 * 60;

const finish = z.object({
  result: z
    .string()
    .optional()
    .describe(
      'What was achieved, for the person: the outcome, where to find it, what is left open. Left out: the text of this turn.',
    ),
});
const sleep = z.object({
  minutes: z
    .int()
    .min(1)
    .max(LONGEST_SLEEP_MINUTES)
    .optional()
    .describe("How long to sleep. Left out: until the next day's allowance, at midnight UTC."),
  until: z.iso.datetime({ offset: true }).optional().describe('Instead of minutes: the instant to wake at, ISO 8601.'),
  note: z
    .string()
    .optional()
    .describe(
      'Hand-off note to yourself: what is done, what comes next, where things are. You read it first when you wake.',
    ),
});
const seen = (text: string): boolean => !isBlank(text);
const NOT_SEEN = 'Must have text that a person can see';

const askUser = z.object({
  question: z
    .string()
    .min(1)
    .refine(seen, NOT_SEEN)
    .describe('One question that only the person can answer, with the options that you see.'),
});
const askWithChoices = askUser.extend({
  choices: z
    .array(z.string().min(1).max(CHOICES.characters).refine(seen, NOT_SEEN))
    .min(CHOICES.least)
    .max(CHOICES.most)
    .optional()
    .describe('Answers to choose from, each a few words. The person may answer with other words, too.'),
});
const narrate = z.object({
  phase_name: z
    .string()
    .min(1)
    .max(80)
    .refine(seen, NOT_SEEN)
    .describe('Short name of the phase that begins or goes on.'),
  text: z.string().default('').describe('One or two sentences about what you are doing, for the person who watches.'),
});

const controls = { finish, sleep, ask_user: askUser, narrate } as const;
type ControlName = keyof typeof controls;

const describe: Record<ControlName, string> = {
  finish: 'End the work: the goal is reached, or cannot be reached. Verify your work before you call it.',
  sleep: 'Sleep at no cost and go on later, with everything kept.',
  ask_user: 'Ask the person something and wait for the answer, which comes as a message. Waiting costs nothing.',
  narrate: 'Tell the person which phase of the work you are in. Costs no time; use it when a phase begins.',
};

/** JSON schemas of the controls, in a fixed order, for an agent's tool list. */
export const controlSpecs: ToolSpec[] = (Object.keys(controls) as ControlName[]).map((name) => ({
  ...{ name, description: describe[name], input_schema: schemaOf(controls[name]), effect: 'pure' },
}));

function schemaOf(control: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(control) as JsonSchema;
  return schema;
}

/** The agent with questions that offer choices. Its head is another one than that of sessions without them. */
export const withChoices = (agent: AgentSpec, offered: boolean | undefined): AgentSpec =>
  offered
    ? {
        ...agent,
        tools: agent.tools.map((tool) =>
          tool.name === 'ask_user' ? { ...tool, input_schema: schemaOf(askWithChoices) } : tool,
        ),
      }
    : agent;

export const isControl = (name: string): name is ControlName => Object.hasOwn(controls, name);

/** What the controls of one turn ask for, the strongest of each kind. */
export type Steering = {
  /** `json`: where the session has a schema for it; `misfits`: it was called with what does not fit. */
  finish: { result: string | null; json?: ResultJson } | null;
  misfits?: true;
  ask: { question: string; choices?: string[] | undefined } | null;
  /** `until`: an instant in milliseconds. Neither it nor `minutes`: until the next day's allowance. */
  sleep: { minutes: number | null; until: number | null; note: string | null } | null;
  phase: string | null;
};

export type Answered = { results: ToolResult[]; steering: Steering; journal: LogEntry[] };

const NOTED = 'Noted. If you read this, a message of the person came in meanwhile: take it up, then finish again.';

const saidIn = (text: string | undefined): string | null => (text === undefined || isBlank(text) ? null : text);

const wrong = (name: string, error: z.ZodError): string =>
  `The arguments of ${name} do not fit: ${z.prettifyError(error)}. Nothing was done; call it again with arguments of the right shape.`;

/** What makes a session's controls other ones than usual. */
type Shapes = Pick<SessionConfig, 'resultSchema' | 'offerChoices'>;

/** Answers the controls among `calls`; calls of other tools are left out of `results`. */
export function answerControls(
  calls: ToolCall[],
  phase: string | null,
  { resultSchema: schema, offerChoices }: Shapes = {},
): Answered {
  const results: ToolResult[] = [];
  const journal: LogEntry[] = [];
  const steering: Steering = { finish: null, ask: null, sleep: null, phase };
  const say = (call: ToolCall, content: string, isError = false) => results.push({ id: call.id, content, isError });

  for (const call of calls) {
    if (!isControl(call.name)) continue;
    if (call.name === 'finish' && schema) {
      const fault = resultFault(schema, call.input);
      if (fault === null) steering.finish ??= { result: null, json: call.input };
      else steering.misfits = true;
      say(call, fault ?? NOTED, fault !== null);
      continue;
    }
    const control = call.name === 'ask_user' && offerChoices ? askWithChoices : controls[call.name];
    const parsed = control.safeParse(call.input);
    if (!parsed.success) {
      say(call, wrong(call.name, parsed.error), true);
    } else if (call.name === 'finish') {
      steering.finish ??= { result: saidIn((parsed.data as z.infer<typeof finish>).result) };
      say(call, NOTED);
    } else if (call.name === 'ask_user') {
      steering.ask ??= parsed.data as z.infer<typeof askWithChoices>;
      say(call, 'The question was put to the person. The answer comes as a message.');
    } else if (call.name === 'sleep') {
      const data = parsed.data as z.infer<typeof sleep>;
      const until = data.until === undefined ? null : Date.parse(data.until);
      steering.sleep ??= { minutes: data.minutes ?? null, until, note: saidIn(data.note) };
      say(call, 'Noted. What you wrote is kept here, in the conversation.');
    } else {
      const data = parsed.data as z.infer<typeof narrate>;
      journal.push(...phaseEntries(steering.phase, data.phase_name, data.text));
      steering.phase = data.phase_name;
      say(call, 'Told.');
    }
  }
  return { results, steering, journal };
}

function phaseEntries(before: string | null, name: string, text: string): LogEntry[] {
  if (before === name) return [{ type: 'agent.phase.started', data: { phase_name: name, text, continued: true } }];
  const started: LogEntry = { type: 'agent.phase.started', data: { phase_name: name, text } };
  return before === null ? [started] : [{ type: 'agent.phase.completed', data: { phase_name: before } }, started];
}
