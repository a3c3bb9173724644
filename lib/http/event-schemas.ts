/** The journal's events as the contract has them: one schema a type, told apart by `type`. */
import { z } from '@hono/zod-openapi';
import { EVENT_TYPES, EVENTS, type EventType } from '../core/events.ts';
import { instant } from './schemas.ts';

/** `agent.tool.called` → `AgentToolCalledEvent`. */
const nameOf = (type: EventType): string =>
  `${type
    .split(/[._]/)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('')}Event`;

const COMMON = {
  seq: z.int().openapi({ description: 'Rises by one per session, without a gap.' }),
  at: instant(),
  session_id: z.string(),
  iteration: z.int().openapi({ description: 'The reply that it belongs to, or the last one saved before it.' }),
};

const each = EVENT_TYPES.map((type) =>
  z.object({ ...COMMON, type: z.literal(type), ...EVENTS[type] }).openapi(nameOf(type)),
);

export const EventJson = z
  .discriminatedUnion('type', each as [(typeof each)[number], ...typeof each])
  .openapi('Event', { description: 'An entry of the journal; `type` tells which.' });
