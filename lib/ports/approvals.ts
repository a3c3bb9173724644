/** What waits for a user, and how they answer (index.ts says the rules of all ports). Instants are milliseconds. */
import type { ApprovalAnswer, ApprovalDecision } from '../core/approval.ts';

/**
 * A question about one call without a decision. `argsSha`, `toolSha`: SHA-256 of what is asked about. In lists the `input` is null where it is long, and
 * `inputPreview` is its beginning as JSON; else that is null.
 */
export type PendingApproval = {
  callId: string;
  tool: string;
  input: Record<string, unknown> | null;
  inputPreview: string | null;
  edited: boolean;
  argsSha: string;
  toolSha: string;
  askedAt: number;
  expiresAt: number;
};

/** `question` null: the agent has handed over, and the next message moves it. `approvals`: of `approval`, those without a decision, in the order of their calls. */
export type WaitingView = {
  kind: 'question' | 'approval';
  question: string | null;
  choices: string[] | null;
  since: number;
  approvals: PendingApproval[];
};

/**
 * A person's decision. `argsSha`, `toolSha`: of what they decided on; a question about anything else is not answered by it. `input`: of an edit, checked by the
 * tool's schema before.
 */
export type ApprovalReply = {
  decision: ApprovalAnswer;
  input?: Record<string, unknown>;
  reason?: string;
  argsSha?: string;
  toolSha?: string;
};

/**
 * `answered`: it is decided so, by this request or an equal one before. `decided`: it was decided otherwise before. `expired`: nobody decided in time. `changed`:
 * it is asked about other arguments, or another tool. `absent`: no such question is or was open. `conflict`: `operation` stands for another request.
 */
export type AnsweredApproval =
  | { answered: true }
  | { decided: ApprovalDecision }
  | { expired: number }
  | { changed: 'arguments' | 'tool' }
  | 'absent'
  | 'ended'
  | 'conflict';

/** Sessions that wait for their user, by since when. `kind` left out: both. */
export type InboxPage = {
  limit: number;
  cursor: string | null;
  order: 'newest' | 'oldest';
  kind?: 'question' | 'approval' | undefined;
};

/** A part of the port UserSessions. Every method is scoped by `userId`; another user's session is null, as one that never was. */
export type UserApprovals<View> = {
  /** The question about one call, if it has no decision yet, with the schema of its tool's arguments; else `absent`. */
  approval(
    userId: string,
    id: string,
    callId: string,
  ): Promise<(Omit<PendingApproval, 'inputPreview'> & { schema: Record<string, unknown> }) | 'absent' | null>;
  /**
   * Decides on a call, once: of two answers the first counts, and an equal one changes nothing. It does not run the call: the session becomes due, and what a claim
   * finds decided it runs. `operation` as for `command`; one that is refused is not recorded.
   */
  answer(
    userId: string,
    id: string,
    callId: string,
    reply: ApprovalReply,
    operation: string,
  ): Promise<AnsweredApproval | null>;
  /** Throws `UnknownCursor`. */
  inbox(userId: string, page: InboxPage): Promise<{ data: View[]; next: string | null }>;
};
