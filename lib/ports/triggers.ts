/** Inbound triggers: signed messages of other systems that start a session or speak to one (lib/ports/index.ts tells the rules of all ports). */
import type { Listed, ListPage } from './lists.ts';

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

/** `action`: all of it is replaced. `secret`: the one before counts for another day. */
export type TriggerChange = { name?: string; action?: TriggerAction; secret?: string };

/** The user's side is scoped by `userId`: another user's trigger is null, as one that never was. */
export type Triggers = {
  /** `full`: the user has as many as they may (`MOST_SCHEDULES`). `id` is minted before the first try: a repeat makes nothing more. */
  create(userId: string, trigger: NewTrigger): Promise<Trigger | 'full'>;
  /** Newest first. Throws `UnknownCursor`. */
  list(userId: string, page: ListPage): Promise<Listed<Trigger>>;
  get(userId: string, id: string): Promise<Trigger | null>;
  change(userId: string, id: string, change: TriggerChange): Promise<Trigger | null>;
  remove(userId: string, id: string): Promise<boolean>;
  /** Across users, for a message that names it: with every secret that counts. Not behind the wall, since nobody is known yet. */
  find(id: string): Promise<{ trigger: Trigger; secrets: string[] } | null>;
  /** Remembers that it was used, at most once a minute. */
  used(userId: string, id: string): Promise<void>;
};
