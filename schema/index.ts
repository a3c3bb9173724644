/** Every table, for drizzle and drizzle-kit. */
export * from './agent-checkpoints.ts';
export * from './agent-events.ts';
export * from './agent-messages.ts';
export * from './agent-sessions.ts';
export * from './api-keys.ts';
export * from './app-clock.ts';
export * from './budget-days.ts';
export * from './budget-holds.ts';
export * from './idempotency-keys.ts';
export * from './plan-tiers.ts';
export * from './session-inbox.ts';
export * from './tool-calls.ts';
export * from './top-ups.ts';
export * from './usage-ledger.ts';
export * from './user-settings.ts';
export * from './workspace-files.ts';
