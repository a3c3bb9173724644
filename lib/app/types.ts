/** The API's answers, by the schemas of its contract: types alone, so that none of the server comes along. */
import type * as z from 'zod';
import type { EventData, EventType } from '../core/events.ts';
import type { EntryJson, MemoryJson } from '../http/memory-entries.ts';
import type { ChangedUserJson, KeyViewJson } from '../http/routes/admin.ts';
import type { ListedUserJson } from '../http/routes/admin-users.ts';
import type { BudgetDayJson, TopUpJson } from '../http/routes/budget-lists.ts';
import type { AgentJson, ModelJson } from '../http/routes/catalog.ts';
import type { StopJson } from '../http/routes/emergency-stop.ts';
import type { FileJson } from '../http/routes/files.ts';
import type { SystemHealthJson } from '../http/routes/health.ts';
import type { TriggerJson, WithSecret } from '../http/routes/triggers.ts';
import type { UsageJson } from '../http/routes/usage.ts';
import type { RunJson, ScheduleJson } from '../http/schedule-json.ts';
import type { BudgetJson, SessionJson, UserJson } from '../http/schemas.ts';
import type { DeliveryJson, WebhookJson } from '../http/webhook-json.ts';

export type Session = z.infer<typeof SessionJson>;
export type Approval = NonNullable<Session['waiting']>['approvals'][number];
export type Budget = z.infer<typeof BudgetJson>;
export type Day = z.infer<typeof BudgetDayJson>;
export type TopUp = z.infer<typeof TopUpJson>;
export type Usage = z.infer<typeof UsageJson>;
export type Agent = z.infer<typeof AgentJson>;
export type Model = z.infer<typeof ModelJson>;
export type File = z.infer<typeof FileJson>;
export type Schedule = z.infer<typeof ScheduleJson>;
export type Run = z.infer<typeof RunJson>;
export type Trigger = z.infer<typeof TriggerJson>;
export type TriggerWithSecret = z.infer<typeof WithSecret>;
export type Webhook = z.infer<typeof WebhookJson>;
export type Delivery = z.infer<typeof DeliveryJson>;
export type Memory = z.infer<typeof MemoryJson>;
export type MemoryEntry = z.infer<typeof EntryJson>;
export type Me = z.infer<typeof UserJson>;
export type ListedUser = z.infer<typeof ListedUserJson>;
export type ChangedUser = z.infer<typeof ChangedUserJson>;
export type KeyView = z.infer<typeof KeyViewJson>;
export type Stop = z.infer<typeof StopJson>;
export type SystemHealth = z.infer<typeof SystemHealthJson>;
type Common = { seq: number; at: string; session_id: string; iteration: number };
export type EventOf<T extends EventType> = Common & { type: T } & EventData<T>;
export type JournalEvent = { [T in EventType]: EventOf<T> }[EventType];

/** A page of a list. */
export type Page<T> = { data: T[]; next_cursor: string | null };
/** The reply that is being written, as the stream of a session sends it: `text` belongs at `offset`. */
export type Delta = { type: 'agent.delta'; iteration: number; kind: 'text' | 'thought'; offset: number; text: string };
