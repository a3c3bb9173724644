/** Inbound triggers: signed messages of other systems that start a session or speak to one (lib/ports/index.ts tells the rules of all ports). */
import type { Listed, ListPage } from './lists.ts';
import type { Once } from './users.ts';

/** What a genuine message does: starts a session from a template, at most so dear, or says something to a session. */
export type TriggerAction =
  | { template: Record<string, unknown>; maxCost: bigint; sessionId: null }
  | { template: null; maxCost: null; sessionId: string };

export type NewTrigger = TriggerAction & { id: string; name: string; secret: string };

/** Without its secrets. `lastUsedAt`: of the last genuine message, known to a minute. Milliseconds. */
export type Trigger = TriggerAction & {
  id: string;
  userId: string;
  name: string;
  createdAt: number;
  updatedAt: number;
  lastUsedAt: number | null;
};

/** `action`: all of it is replaced. */
export type TriggerChange = { name?: string; action?: TriggerAction };

/** The user's side is scoped by `userId`: another user's trigger is null, as one that never was. */
export type Triggers = {
  /** `full`: the user has as many as they may (`MOST_SCHEDULES`). `id` is minted before the first try: a repeat makes nothing more. */
  create(userId: string, trigger: NewTrigger, once: Once | null): Promise<Trigger | 'conflict' | 'full'>;
  /** Newest first. Throws `UnknownCursor`. */
  list(userId: string, page: ListPage): Promise<Listed<Trigger>>;
  get(userId: string, id: string): Promise<Trigger | null>;
  change(userId: string, id: string, change: TriggerChange): Promise<Trigger | null>;
  /**
   * Another secret, once for `operation`; the one before counts for another day, and the four before at most. `isNew` false: an earlier request with
   * this `operation` made another secret than this one.
   */
  rotate(
    userId: string,
    id: string,
    secret: string,
    operation: string,
  ): Promise<{ trigger: Trigger; isNew: boolean } | null>;
  remove(userId: string, id: string): Promise<boolean>;
  /** Across users, for a message that names it: with every secret that counts. Not behind the wall, since nobody is known yet. */
  find(id: string): Promise<{ trigger: Trigger; secrets: string[] } | null>;
  /** Remembers that it was used, at most once a minute. */
  used(userId: string, id: string): Promise<void>;
};
