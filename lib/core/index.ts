/** What an agent may do and spend, as a pure function. */
export type { Effect, Rest, Save, Settlement } from './effect.ts';
export type { Event, Failure, RefusedBy } from './event.ts';
export { freshMemory, Memory } from './memory.ts';
export { next } from './next.ts';
export type { Session } from './session.ts';
export type { Step } from './step.ts';
