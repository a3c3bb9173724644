/** The order of a new session: what its body may say, and what becomes of it here. */
import { z } from '@hono/zod-openapi';
import { EFFORTS } from '../budget/index.ts';
import { MOST_MCP_SERVERS } from '../core/remote.ts';
import { newId } from '../ids.ts';
import type { NewSession, User } from '../ports/index.ts';
import type { Ordering } from './deps.ts';
import { FirstFiles, firstFiles, outsideMemory } from './first-files.ts';
import { MemoryName } from './memory-entries.ts';
import { affordsAStep, goesDown, hasCredentials, hasServers, hasTools, permit, takes, unknown } from './permits.ts';
import { ResultSchema } from './result-schema.ts';
import { Metadata, moneyIn, text } from './schemas.ts';
import { accessOf, WantedWeb } from './web-access.ts';

/** Fewer tokens hold no useful reply. */
const LEAST_OUTPUT = 1_024;

export const Wanted = z
  .strictObject({
    goal: text().openapi({ example: 'Write a short guide to the moons of Jupiter in guide.md.' }),
    agent: z.string().default('assistant'),
    model: z.string().optional().openapi({ description: "By default the agent's, else the model of the user's tier." }),
    system: text().nullish().openapi({ description: "Added to the agent's own system prompt." }),
    on_end_turn: z.enum(['complete', 'wait']).default('complete'),
    max_iterations: z.int().min(1).max(100_000).default(150),
    max_cost_microdollars: moneyIn(1).nullish(),
    daily_share_percent: z.int().min(1).max(100).nullish().openapi({
      description: "The most of each day's allowance that this session may use; the rest is left to your others.",
    }),
    model_ladder: z
      .array(z.string())
      .max(4)
      .default([])
      .openapi({
        description:
          "Cheaper models to go down to as the day's money runs short, in that order, instead of sleeping early.",
        example: ['claude-haiku-5-5'],
      }),
    effort: z.enum(EFFORTS).nullish().openapi({
      description:
        "How much the model puts into its replies, and so what they cost; by default the agent's, else the tier's. As the day's money runs short it goes down before the model does.",
    }),
    max_output_tokens: z.int().min(LEAST_OUTPUT).nullish().openapi({
      description:
        'The most tokens of one reply, thinking included; at most what the model can. All of them are held before each call.',
    }),
    tools: z
      .array(z.string().max(64))
      .max(200)
      .nullish()
      .openapi({
        description:
          'The only tools of its agent that this session may use, for its whole life; by default all of them. Tools of MCP servers are named as the model knows them, such as `mcp__mail__send`. The controls by which an agent sleeps, asks, tells and finishes always stay.',
        example: ['read_file', 'write_file'],
      }),
    approvals: z
      .array(z.string().max(64))
      .max(200)
      .nullish()
      .openapi({
        description:
          'Tools whose calls you must approve before they run, besides those of which the deployment says so.',
        example: ['web_search'],
      }),
    result_schema: ResultSchema.nullish(),
    offer_choices: z
      .boolean()
      .default(false)
      .openapi({ description: 'Its questions may offer answers to choose from.' }),
    web: WantedWeb.nullish().openapi({
      description:
        'What the session may ask of the web. By default it fetches only addresses that the goal, a message or a page or search result before named.',
    }),
    mcp: z.array(z.string().max(20)).max(MOST_MCP_SERVERS).nullish().openapi({
      description:
        'The MCP servers of this deployment whose tools it has, for its whole life; by default those of its agent. `agent.mcp_tools_taken` says which tools it got.',
    }),
    memory: MemoryName.nullish().openapi({
      description:
        'The memory that this session shares with your other sessions of it, for its whole life: a folder memory/ of its workspace. Made with its first entry. By default it has none.',
      example: 'team',
    }),
    metadata: Metadata.default({}),
    files: FirstFiles,
  })
  .openapi('NewSession');

/** What was asked for, with the names resolved. Throws the problem of the first name that is not known, or of a missing budget. */
export async function order(deps: Ordering, user: User, wanted: z.infer<typeof Wanted>): Promise<NewSession> {
  const ofAgent = deps.agents.find(({ name }) => name === wanted.agent)?.model;
  const model = wanted.model ?? ofAgent ?? deps.tierModels[user.tier];
  if (model === undefined) throw unknown('tier', user.tier, Object.keys(deps.tierModels));
  await permit(deps, user, { agent: wanted.agent, models: [model, ...wanted.model_ladder] });
  goesDown([model, ...wanted.model_ladder]);
  takes(model, wanted);
  hasTools(deps, wanted);
  hasTools(deps, { ...wanted, tools: wanted.approvals }, 'approvals');
  hasCredentials(deps, wanted.web);
  hasServers(deps, wanted.mcp);
  const files = firstFiles(wanted.files);
  outsideMemory(wanted, files ?? []);
  const session: NewSession = {
    id: newId('ses'),
    goal: wanted.goal,
    agent: wanted.agent,
    model,
    tier: user.tier,
    system: wanted.system ?? null,
    onEndTurn: wanted.on_end_turn,
    maxIterations: wanted.max_iterations,
    maxCost: wanted.max_cost_microdollars == null ? null : BigInt(wanted.max_cost_microdollars),
    ladder: wanted.model_ladder,
    share: wanted.daily_share_percent ?? null,
    effort: wanted.effort ?? null,
    maxOutputTokens: wanted.max_output_tokens ?? null,
    tools: wanted.tools ?? null,
    web: wanted.web ? accessOf(wanted.web) : null,
    mcp: wanted.mcp ? [...new Set(wanted.mcp)] : null,
    memoryName: wanted.memory ?? null,
    approvals: wanted.approvals ?? null,
    resultSchema: wanted.result_schema ?? null,
    offerChoices: wanted.offer_choices,
    metadata: wanted.metadata,
    ...(files && { firstFiles: files }),
  };
  affordsAStep(deps, user.id, session);
  return session;
}
