/**
 * The user's and the operator's side of the ports (lib/ports/index.ts tells the rules of all): sessions as users see and steer them, users,
 * keys, money.
 */
import type { Effort } from '../budget/prices.ts';
import type { LogEntry } from '../core/events.ts';
import type { Day, StoredMessage } from '../core/session.ts';
import type { Status } from '../core/status.ts';
import type { WebAccess } from '../web/access.ts';
import type { AllEvents, EventsPlace } from './all-events.ts';
import type { UserApprovals } from './approvals.ts';
import type { BudgetDay, DayRange, KeyView, Listed, ListPage, TopUp, UserFilter, UserStanding } from './lists.ts';
import type { ThresholdPassed } from './notifications.ts';
import type { AttachmentRefusal, SessionCommand } from './session-commands.ts';
import type { FilePage, MessagePage, SessionFilter } from './session-lists.ts';
import type { SessionView } from './session-view.ts';
import type { UsageGroup, UsagePage, UsageRange, UsageRow } from './usage.ts';
import type { FileEntry, FileRefusal, FileWrite, NewFile, WorkspaceFile } from './workspace.ts';

/** `id` is minted by the caller before the first try (`newId('ses')`): a blind repeat with it creates nothing more. */
export type NewSession = {
  id: string;
  goal: string;
  agent: string;
  model: string;
  tier: string;
  system: string | null;
  onEndTurn: 'complete' | 'wait';
  maxIterations: number;
  maxCost: bigint | null;
  /** Cheaper models to go down to as the day's money runs short, in that order. */
  ladder: string[];
  /** The most of each day's allowance that it may use, in per cent; null: all of it. */
  share: number | null;
  /** How much its model puts into a reply, and the most tokens of one; null: as its agent, its tier and the deployment have it. */
  effort: Effort | null;
  maxOutputTokens: number | null;
  /** The only tools of its agent that it may use, controls aside; null: all of them. */
  tools: string[] | null;
  /** The MCP servers whose tools it has, by name; null or left out: those of its agent. */
  mcp?: string[] | null;
  /** Which addresses of the web it may ask, and how often it may search; null: only addresses that others have named, and no limit of searches. */
  web: WebAccess | null;
  /** The shared memory of the user that it reads and writes, by its name, for its whole life; null or left out: none. */
  memoryName?: string | null;
  metadata: Record<string, unknown>;
  /** Tools whose calls a person must approve; left out: those alone of which the deployment says so. */
  approvals?: string[] | null;
  /** JSON Schema of its result; left out: a text. */
  resultSchema?: Record<string, unknown> | null;
  /** Its questions may offer choices; left out: they may not. */
  offerChoices?: boolean;
  /** Files that its workspace begins with, as if a user had put them there; left out: none. Paths are without a flaw, a clash or a double. */
  firstFiles?: { path: string; content: Uint8Array }[];
};

/** A journal row. Numbers rise by one per session, without a gap. */
export type JournalRow = LogEntry & { seq: number; at: number; iteration: number };

/** What a user may change of a session that has begun. Only what is given changes. */
export type SessionChange = Partial<
  Pick<NewSession, 'maxIterations' | 'maxCost' | 'ladder' | 'share' | 'effort' | 'maxOutputTokens' | 'web' | 'metadata'>
>;

/** An idempotent request of a user: same key and same `fingerprint` answer as the first time; same key, other fingerprint: conflict. */
export type Once = { key: string; fingerprint: string };

/** What a change came to. */
export type Changed = { view: SessionView; ended: boolean };

/** The user's side of the sessions. Every method is scoped by `userId`; another user's session is `null`, as one that never was. */
export type UserSessions = UserApprovals<SessionView> & {
  /** `full`: the user has `mostLive` sessions that have not ended, so nothing was created, and `once` stays free. */
  create(
    userId: string,
    session: NewSession,
    once: Once | null,
    mostLive?: number | null,
  ): Promise<SessionView | 'conflict' | 'full'>;
  /** What a `create` under this key made before, also if it is gone by now; null: nothing did. */
  earlier(userId: string, once: Once): Promise<{ id: string } | 'conflict' | null>;
  get(userId: string, id: string): Promise<SessionView | null>;
  /** Newest first. `cursor` is opaque; throws `UnknownCursor`. A rare match may read all of the user's sessions. */
  list(
    userId: string,
    page: { limit: number; cursor: string | null },
    filter?: SessionFilter,
  ): Promise<{ data: SessionView[]; next: string | null }>;
  /** How many of the user's sessions have each status now. */
  counts(userId: string): Promise<Record<Status, number>>;
  /**
   * Takes effect with the next call; a sleeper takes it up when it wakes. `ended`: nothing but `metadata` can be changed any more, and nothing was.
   * `operation` as for `command`.
   */
  change(userId: string, id: string, change: SessionChange, operation: string): Promise<Changed | 'conflict' | null>;
  /**
   * The history, oldest first, from the number `after` on: `limit` rows, and of these as many as `bytes` of JSON hold, but one at least.
   * `next`: the `after` of the next page, null at the end. A page ends where the role changes, if it can.
   */
  messages(
    userId: string,
    id: string,
    page?: MessagePage,
  ): Promise<{ data: StoredMessage[]; next: number | null } | null>;
  events(userId: string, id: string, page: { after: number; limit: number }): Promise<JournalRow[] | null>;
  /**
   * What the journals of all the user's sessions have after `place`, oldest first. Null: only the place where they end now. Looks at each session that has not ended.
   */
  allEvents(userId: string, place: EventsPlace | null, limit: number): Promise<AllEvents>;
  /** The number of the journal's last row. */
  lastSeq(userId: string, id: string): Promise<number | null>;
  /** In the order of their paths' bytes, from the path `after` on; `next` as in `messages`. */
  fileList(userId: string, id: string, page?: FilePage): Promise<{ data: FileEntry[]; next: string | null } | null>;
  file(userId: string, id: string, path: string): Promise<Uint8Array | null>;
  /** The files themselves, from the path `after` on: as many as `bytes` hold, but one at least. `next` as in `messages`. */
  fileContents(
    userId: string,
    id: string,
    page: { after: string; bytes: number },
  ): Promise<{ data: (WorkspaceFile & { updatedAt: number })[]; next: string | null } | null>;
  /**
   * Puts a file into the workspace or removes one, within `WORKSPACE_LIMITS`. `path` is a stored one without a flaw (`flawOf`). It is what
   * `file`, `fileList` and an export show from now on. A claim takes it into the workspace, after all that the agent did without knowing of
   * it, and the agent is told. Until then an owner does not suspend the session (R5). A sleeper sleeps on. `operation` as for `command`.
   */
  writeFile(
    userId: string,
    id: string,
    write: FileWrite,
    operation: string,
  ): Promise<{ file: FileEntry; created: boolean } | { removed: true } | FileRefusal | null>;
  /** As `writeFile` for many, each path once: all of them or none. A file that is there already, byte for byte, is not told of. */
  writeFiles(
    userId: string,
    id: string,
    files: NewFile[],
    operation: string,
  ): Promise<{ taken: true } | FileRefusal | null>;
  /**
   * `ended`: the command came too late; the view says how it ended. `full`: a message beside which too much would wait untaken (`MOST_UNTAKEN`).
   * `refused`: its files cannot be taken; `absent`: one is not there. None of these is recorded, so a repeat finds out again. `conflict`: `operation` stands for another command of this session.
   */
  command(
    userId: string,
    id: string,
    command: SessionCommand,
    operation: string,
  ): Promise<{ view: SessionView; ended: boolean } | AttachmentRefusal | 'full' | 'conflict' | null>;
  /** Cancel plus a tombstone: gone for the user at once, purged when no hold is open. Ledger and holds stay. */
  remove(userId: string, id: string): Promise<boolean>;
};

export type User = {
  id: string;
  tier: string;
  budget: bigint;
  renewalDate: string | null;
  wakePolicy: 'auto' | 'manual';
  /** No day gets more than so many times an even part of the cycle's money, two digits after the point; null: no such limit. */
  maxDailyMultiple: number | null;
};
export type BudgetView = {
  /** By the database's clock, milliseconds. */
  now: number;
  day: Day;
  /** First UTC date of the billing cycle. */
  cycleStart: string;
  /** The plan's money, what was carried over into this cycle, and what was topped up in it. */
  budget: bigint;
  /** Of the budget: topped up before this cycle, and not used by its start. */
  carriedOver: bigint;
  /** Carried over or topped up, and neither spent nor held yet. It is used before the plan's own money, and carries over the renewal. */
  toppedUpLeft: bigint;
  spent: bigint;
  remaining: bigint;
  daysLeft: number;
  renewalDate: string | null;
  /** Of this day, the first that was raised first. */
  alerts: ThresholdPassed[];
  /** When the first of the user's sessions must move by itself, milliseconds; past while one works. Null: none will. */
  nextDue: number | null;
};
/**
 * Refused, and nothing was done: the user's money of one cycle would pass `MOST_MICRODOLLARS`. `has`: what counts beside the amount that was
 * named; `most`: the most that this may be.
 */
export type TooMuch = { tooMuch: { has: bigint; most: bigint } };

/** `firstBudget`: in microdollars, as `budget`. */
export type UserChange = Partial<Omit<User, 'id'>> & { firstBudget?: bigint };

/** Users, keys and money, from the user's and the operator's side. */
export type Accounts = {
  /**
   * Creates or changes; only what is given changes. `firstBudget`: that of a user who is new and is given none. A raise wakes the user's sleepers, and wake policy `auto` after `manual` those that
   * slept until a user acts. `nudged`: some of the user's sessions are due and unowned, so that a repeat says it again; hint them.
   */
  putUser(id: string, change: UserChange): Promise<{ user: User; nudged: boolean } | TooMuch>;
  getUser(id: string): Promise<User | null>;
  /**
   * By id. With a filter a page looks at no more users than a request may, so it may have fewer than `limit`, or none, though there are more:
   * `next` alone says whether.
   */
  users(filter: UserFilter, page: ListPage): Promise<Listed<User & UserStanding>>;
  addKey(userId: string, key: { id: string; name: string | null; hash: string; prefix: string }): Promise<boolean>;
  revokeKey(userId: string, keyId: string): Promise<boolean>;
  /** All keys that the user ever had, the oldest first, revoked ones too; null: no such user. Nothing here opens anything. */
  keysOf(userId: string): Promise<KeyView[] | null>;
  /** The user of a live key, by its SHA-256. Remembers that the key was used, at most once in five minutes. */
  whoIs(keyHash: string): Promise<User | null>;
  budget(userId: string): Promise<BudgetView>;
  topUp(
    userId: string,
    amount: bigint,
    spread: 'today' | 'cycle',
    once: Once,
  ): Promise<BudgetView | TooMuch | 'conflict'>;
  /** All of the user's, by whatever way they came, the newest first. */
  topUps(userId: string, page: ListPage): Promise<Listed<TopUp>>;
  /** The newest first. A day is there once it was opened, by a call or a question of that day; this opens today. */
  days(userId: string, range: DayRange, page: ListPage): Promise<Listed<BudgetDay>>;
  /**
   * The ledger, summed. By `tool`, a call's cost and tokens are shared out evenly over the tool calls of its reply, to the last
   * microdollar; `NO_TOOL` has those without any, and `calls` counts tool calls. By `iteration`, keys are `session:iteration` with the
   * number of the reply that the call was made for, its failed attempts and compactions included. By `hour`, keys are the hour's beginning
   * in ISO 8601: a call counts in the hour of its hold, and once that is removed, 92 days later, in the hour of the same day in which it was
   * settled. Rows are ordered by key, numbers as numbers, and always sum to the ledger. Without a page they are all there are.
   */
  usage(userId: string, range: UsageRange, groupBy: UsageGroup, page?: UsagePage): Promise<UsageRow[]>;
};
