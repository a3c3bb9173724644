/**
 * A session as a file: one JSON document, `circadian.session` version 1. Money in microdollars, instants ISO 8601 in UTC, files in base64.
 * It names no user and holds no key. What reads it is strict (a misspelt field must not pass for a missing one), except inside what the
 * model, tools and users wrote.
 *
 * A change that an older reader would misunderstand is a new version; `read` of import.ts then still takes the older ones.
 */
import * as z from 'zod';
import { CALL_ID, CALL_NAME } from '../core/acceptance.ts';
import { CHOICES } from '../core/approval.ts';
import { EFFORTS } from '../core/effort.ts';
import { EVENT_TYPES, EVENTS, OUTCOMES } from '../core/events.ts';
import { MOST_UNTAKEN, tooMuchWaits } from '../core/inbox.ts';
import { LONGEST_RESULT_JSON, schemaFault } from '../core/json-schema.ts';
import { Memory } from '../core/memory.ts';
import { MOST_MISFITTING_ENDS } from '../core/result-schema.ts';
import { MEMORY_NAME } from '../core/shared-memory.ts';
import { flawOf, WORKSPACE_LIMITS } from '../core/workspace.ts';
import { isBlank } from '../text.ts';
import { METHODS, MOST_SEARCHES, ruleOf } from '../web/access.ts';
import { isSmall, list, longList } from './lists.ts';

export const FORMAT = 'circadian.session';
export const VERSION = 1;

/** Most bytes of a document, and of what an export reads for one. A session's text, not its price, decides: 16 MiB are some 5,000 iterations. */
export const MOST_BYTES = 16 * 1024 * 1024;

const LONGEST_TEXT = 200_000;
const LONGEST_METADATA = 16_384;
const LONGEST_NAME = 200;
/** A checkpoint has some fifty, and a few for each kind of error that the agent meets. */
const MOST_OF_CHECKPOINT = 5_000;
/** From 1970 to 9999, milliseconds: what JavaScript and Postgres write alike. */
const isInstant = (at: number): boolean => at >= 0 && at <= 253_402_300_799_999;

const count = z.int().min(0).max(2_147_483_647);
const name = z.string().min(1).max(LONGEST_NAME);
const instant = z.iso.datetime().refine((text) => isInstant(Date.parse(text)), 'Must lie between 1970 and 9999');
const webRule = z.string().refine((text) => ruleOf(text) === text, 'Is no host in the form in which it is kept');
const webRules = list(webRule, { most: 100 });
const shellRule = z.strictObject({
  host: webRule,
  methods: list(z.enum(METHODS), { most: METHODS.length }),
  secret: name.nullable(),
});
const gitRule = z.strictObject({ host: webRule, push: z.boolean(), secret: name.nullable() });
const money = z.int().min(0);
const record = z.record(z.string(), z.unknown());
const error = z.strictObject({ code: name, message: z.string() });

/** As the core's StoredState. `until` null: until a user acts. */
const Rested = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('ready') }),
  z.strictObject({ state: z.literal('sleeping'), until: instant.nullable(), reason: name }),
  z.strictObject({
    state: z.literal('waiting'),
    question: z.string().nullable(),
    choices: list(z.string().min(1).max(CHOICES.characters), { most: CHOICES.most }).optional(),
    kind: z.literal('approval').optional(),
  }),
  z.strictObject({ state: z.literal('paused'), error: error.nullable() }),
  z.strictObject({ state: z.literal('exceeded'), until: instant.nullable() }),
  z.strictObject({
    state: z.literal('ended'),
    outcome: z.enum(OUTCOMES),
    result: z.string().nullable(),
    error: error.nullable(),
    resultJson: record.refine((value) => JSON.stringify(value).length <= LONGEST_RESULT_JSON, 'Too large').optional(),
  }),
]);

/** What the Messages API refuses in a history would end the session with its first request. */
const said = z.string().refine((text) => !isBlank(text), 'Has nothing that anybody would see');
const callId = z.string().regex(CALL_ID, 'Must be 1 to 128 letters, digits, hyphens and underscores');
const callName = z.string().regex(CALL_NAME, 'Must be 1 to 128 letters, digits, hyphens and underscores');
const textBlock = z.looseObject({ type: z.literal('text'), text: said });
/** What the runtime and users say, and what tools answered. Nothing whose tokens its bytes do not bound: no image, no document, no link. */
const userBlock = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: said, runtime: z.literal(true).optional() }),
  z.strictObject({
    type: z.literal('tool_result'),
    tool_use_id: callId,
    content: z.string(),
    is_error: z.literal(true).optional(),
  }),
]);
/** What the model says; fields that the provider added stay. */
const assistantBlock = z
  .discriminatedUnion('type', [
    textBlock,
    z.looseObject({ type: z.literal('tool_use'), id: callId, name: callName, input: record }),
    z.looseObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().min(1) }),
    z.looseObject({ type: z.literal('redacted_thinking'), data: z.string().min(1) }),
  ])
  .refine((block) => !('cache_control' in block), 'Must not set cache_control');

const content = <T extends z.ZodType>(block: T) => list(block, { least: 1 });
const numbered = { n: z.int().min(1), at: instant };
const Message = z.discriminatedUnion('role', [
  z.strictObject({ ...numbered, role: z.literal('user'), content: content(userBlock) }),
  z.strictObject({ ...numbered, role: z.literal('assistant'), content: content(assistantBlock) }),
]);

const base64 = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text, 'Must be base64');
const path = z.string().superRefine((text, ctx) => {
  const flaw = flawOf(text);
  if (flaw !== null) ctx.addIssue({ code: 'custom', message: `This path ${flaw}` });
});
const File = z.strictObject({
  path,
  mode: z.int().min(0).max(0o177777),
  updated_at: instant,
  content: base64,
});

/** A journal entry by its type. A field of its data that this version does not know stays, as a newer version may have written it. */
const entries = EVENT_TYPES.map((type) =>
  z.strictObject({
    seq: z.int().min(1),
    at: instant,
    iteration: count.default(0),
    type: z.literal(type),
    data: z.looseObject(EVENTS[type]),
  }),
);

/** The checkpoint's own fields that could harm as numbers or instants; the rest is Memory's matter. */
function soundMemory(memory: Memory): boolean {
  const { guard, rested, resume, context, phase } = memory;
  const instants = [rested?.since, resume?.until].every((at) => at == null || isInstant(at));
  const counts = [guard.streak, guard.peak, guard.escalations, memory.cuts, memory.floor, memory.failedSummaries];
  return (
    instants &&
    counts.every((n) => n >= 0) &&
    [context.from, context.clearedBefore].every((n) => n >= 1) &&
    (phase ?? '').length <= LONGEST_NAME * 10 &&
    memory.misfits >= 0 &&
    memory.misfits < MOST_MISFITTING_ENDS &&
    (memory.finishedJson === undefined || JSON.stringify(memory.finishedJson).length <= LONGEST_RESULT_JSON) &&
    // It is shown as the session's model, and exported as such.
    (memory.successor === null || name.safeParse(memory.successor).success)
  );
}

export const Document = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  exported_at: instant,
  session: z.strictObject({
    id: name,
    goal: z.string().min(1).max(LONGEST_TEXT),
    agent: name,
    model: name,
    tier: name,
    system: said.max(LONGEST_TEXT).nullable(),
    on_end_turn: z.enum(['complete', 'wait']),
    max_iterations: z.int().min(1).max(100_000),
    max_cost_microdollars: z.int().min(1).nullable(),
    daily_share_percent: z.int().min(1).max(100).nullable(),
    model_ladder: list(name, { most: 4 }),
    // Files of before these four have none.
    effort: z.enum(EFFORTS).nullable().default(null),
    max_output_tokens: z.int().min(1_024).max(1_000_000).nullable().default(null),
    tools: list(name, { most: 200 }).nullable().default(null),
    web: z
      .strictObject({
        allow: webRules.nullable(),
        deny: webRules,
        searches_per_day: z.int().min(0).max(MOST_SEARCHES).nullable().default(null),
        shell: list(shellRule, { most: 50 }).optional(),
        git: list(gitRule, { most: 50 }).optional(),
      })
      .nullable()
      .default(null),
    mcp: list(name, { most: 20 }).nullable().default(null),
    memory: z.string().regex(MEMORY_NAME).nullable().default(null),
    // Nor have files of before these three.
    approvals: list(name, { most: 200 }).nullable().default(null),
    result_schema: record
      .refine((schema) => schemaFault(schema) === null, 'Is no schema of a result')
      .nullable()
      .default(null),
    offer_choices: z.boolean().default(false),
    metadata: record.refine((value) => JSON.stringify(value).length <= LONGEST_METADATA, 'Too large'),
    created_at: instant,
  }),
  state: Rested,
  desired: z.enum(['run', 'pause', 'cancel']),
  iteration: count,
  cost_microdollars: money,
  checkpoint: z
    .unknown()
    .refine((value) => isSmall(value, MOST_OF_CHECKPOINT), { error: 'Is larger than a checkpoint is', abort: true })
    .pipe(Memory.refine(soundMemory, 'Holds what no checkpoint has')),
  messages: longList(Message, { least: 1 }),
  tool_calls: longList(
    z.strictObject({
      id: name,
      name,
      message_n: z.int().min(1),
      position: z.int().min(1),
      started: z.boolean(),
      done_at: instant.nullable(),
    }),
  ),
  inbox: longList(z.strictObject({ at: instant, content: said.max(LONGEST_TEXT) })).refine(
    (inbox) => !tooMuchWaits(inbox),
    `Too many unread messages: at most ${MOST_UNTAKEN.messages} messages and ${MOST_UNTAKEN.characters} characters in all. Let the session read them where it is, then export it again`,
  ),
  // Files of before it have none: then the agent has been told of all.
  received: longList(
    z.strictObject({
      path,
      bytes: z
        .int()
        .min(0)
        .max(2 ** 31 - 1)
        .nullable(),
    }),
    { most: 2 * WORKSPACE_LIMITS.files },
  )
    .refine((received) => new Set(received.map((one) => one.path)).size === received.length, 'Names a path twice')
    .default([]),
  journal: longList(z.discriminatedUnion('type', entries as [(typeof entries)[number], ...typeof entries]), {
    least: 1,
  }),
  files: longList(File, { most: WORKSPACE_LIMITS.files }),
  /** For the reader: what the original was charged. An import takes none of it over. */
  ledger: z.array(z.unknown()),
});
export type Document = z.infer<typeof Document>;
