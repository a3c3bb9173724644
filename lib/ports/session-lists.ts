/** Which sessions, and how much of one, a user reads at a time. */
import type { Status } from '../core/status.ts';

/** Which sessions a list shows: those for which all that is named holds. Instants are milliseconds; `createdBefore` is exclusive. */
export type SessionFilter = {
  statuses?: Status[] | undefined;
  agent?: string | undefined;
  createdAfter?: number | undefined;
  createdBefore?: number | undefined;
  /** Entries of its metadata that are these texts. */
  metadata?: Record<string, string> | undefined;
};

/** `bytes`: of the contents as they are stored. */
export type MessagePage = { after: number; limit: number; bytes: number };
export type FilePage = { after: string; limit: number };

/** A page for whoever names none: what an answer can carry, and most histories and workspaces whole. */
export const MESSAGE_PAGE: MessagePage = { after: 0, limit: 1_000, bytes: 4_000_000 };
export const FILE_PAGE: FilePage = { after: '', limit: 1_000 };
