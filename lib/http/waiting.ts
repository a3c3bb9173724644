/** What a session waits for of its user, as the contract has it and as it is shown. */
import { z } from '@hono/zod-openapi';
import { resumeCost } from '../budget/index.ts';
import type { SessionView } from '../ports/index.ts';
import { iso } from './iso.ts';

const ApprovalJson = z
  .object({
    call_id: z.string(),
    tool: z.string(),
    input: z
      .record(z.string(), z.unknown())
      .optional()
      .openapi({ description: 'The arguments that run if you approve it. In lists absent where they are long.' }),
    input_preview: z.string().optional().openapi({ description: 'In lists, the beginning of long arguments as JSON.' }),
    edited: z
      .boolean()
      .openapi({ description: 'The arguments are yours: you approved them before a deployment changed the tool.' }),
    args_sha: z.string().openapi({ description: 'SHA-256 of tool and arguments as JSON with sorted keys.' }),
    tool_sha: z
      .string()
      .openapi({ description: "SHA-256 of the tool's description, schema and effect as JSON with sorted keys." }),
    asked_at: z.iso.datetime(),
    expires_at: z.iso.datetime().openapi({
      description: 'From then on the call does not run, and its agent is told that nobody decided.',
    }),
  })
  .openapi('Approval');

export const WaitingJson = z.object({
  kind: z.enum(['question', 'approval']),
  question: z.string().nullable(),
  choices: z
    .array(z.string())
    .nullable()
    .openapi({ description: 'Answers that the question offers; others are taken, too.' }),
  since: z.iso.datetime(),
  resume_cost_microdollars: z.int().nullable().openapi({
    format: 'int64',
    description:
      "For reading its context anew when it goes on, if the provider's cache has forgotten it by then; null: not known.",
  }),
  approvals: z.array(ApprovalJson).openapi({ description: 'Of `approval`: the calls that wait for your decision.' }),
});

export function waitingJson({ waiting, model, contextTokens }: SessionView) {
  if (!waiting) return null;
  const resumes = resumeCost(model, contextTokens);
  return {
    kind: waiting.kind,
    question: waiting.question,
    choices: waiting.choices,
    since: iso(waiting.since),
    resume_cost_microdollars: resumes === null ? null : Number(resumes),
    approvals: waiting.approvals.map((asked) => ({
      call_id: asked.callId,
      tool: asked.tool,
      ...(asked.input && { input: asked.input }),
      ...(asked.inputPreview !== null && { input_preview: asked.inputPreview }),
      edited: asked.edited,
      args_sha: asked.argsSha,
      tool_sha: asked.toolSha,
      asked_at: iso(asked.askedAt),
      expires_at: iso(asked.expiresAt),
    })),
  };
}
