/** The public entry: what circadian.config.ts is written with (docs/tools.md). A definition is plain data, and is checked as a whole at start. */
import type * as z from 'zod';
import type { Config, ConfiguredAgent } from './agents/config.ts';
import type { ConfiguredTool } from './tools/configured.ts';

export type { Config, ConfiguredAgent, ConfiguredTier } from './agents/config.ts';
export type { EffectClass } from './core/session.ts';
export type { HttpAnswer, HttpRequest, Workspace } from './ports/index.ts';
export type { ApprovalRule, ConfiguredTool, RunContext } from './tools/configured.ts';
export type { Observation } from './tools/define.ts';
export { ToolFailure } from './tools/failure.ts';

/** The default export of circadian.config.ts. */
export const defineConfig = (config: Config): Config => config;

export const defineAgent = (agent: ConfiguredAgent): ConfiguredAgent => agent;

export const defineTool = <S extends z.ZodObject>(tool: ConfiguredTool<S>): ConfiguredTool<S> => tool;
