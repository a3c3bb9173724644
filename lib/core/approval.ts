/**
 * The words of approvals: a tool call that a person must decide on before it runs. What follows from a decision is in gate.ts. Questions and
 * decisions are rows of `tool_approvals`; of each question at most one decision is ever kept, by a lock in SQL.
 */

/** What a person may answer. `edit`: run it with other arguments. */
export const ANSWERS = ['approve', 'deny', 'edit'] as const;
/**
 * How a question ends. `expired`: nobody answered in time. `withdrawn`: the person wrote a message instead. Neither of the two is a denial, and each is told
 * in its own words.
 */
export const DECISIONS = [...ANSWERS, 'expired', 'withdrawn'] as const;
export type ApprovalAnswer = (typeof ANSWERS)[number];
export type ApprovalDecision = (typeof DECISIONS)[number];

/**
 * The question about one open call, and its decision. `input`: the arguments that run if it is approved. `edited`: they are the person's, and not those of
 * the model. `toolSha`: the tool that was asked about. `expiresAt`: milliseconds of the database's clock.
 */
export type CallApproval = {
  input: Record<string, unknown>;
  edited: boolean;
  toolSha: string;
  expiresAt: number;
  decision: ApprovalDecision | null;
  reason: string | null;
};

/** The call with the arguments that run: of a question, those that were asked about and decided on. */
export const asRun = <C extends { input: Record<string, unknown>; approval?: CallApproval }>(call: C): C =>
  call.approval ? { ...call, input: call.approval.input } : call;

/** A question to be written down with a save; it takes the place of an earlier one about the same call. `schema`: of the tool's arguments. */
export type ApprovalRequest = {
  id: string;
  tool: string;
  input: Record<string, unknown>;
  edited: boolean;
  argsSha: string;
  toolSha: string;
  schema: Record<string, unknown>;
  expiresAt: number;
};

/**
 * What the deployment knows and the core cannot: whether a person must decide on a call, and how texts are hashed (SHA-256, hexadecimal). Both are pure. A rule of an
 * operator that throws asks.
 */
export type ApprovalRules = {
  asks: (call: { name: string; input: Record<string, unknown> }) => boolean;
  hash: (text: string) => string;
};

/** How long a question waits: longer than a billing cycle and a long holiday. Milliseconds. */
export const APPROVAL_MS = 60 * 86_400_000;
/** Choices of one question, and characters of each. */
export const CHOICES = { least: 2, most: 10, characters: 200 };
/** Of why a person decided so. Characters. */
export const LONGEST_REASON = 2_000;
