/** May a user have a session of this kind? Each check throws the problem of what is not so; nothing is started and nothing is spent. */
import { type Effort, modelLimits, priceOf, retiredOn, retirement, successorOn, thinkingOf } from '../budget/index.ts';
import { REMOTE_TOOL } from '../core/remote.ts';
import type { NewSession, User } from '../ports/index.ts';
import { Problem } from '../problem.ts';
import type { Ordering } from './deps.ts';
import { invalid } from './problems.ts';

/** Throws the problem of a cost cap under which not even the first step can be taken: the session could only fail. */
export function affordsAStep(deps: Ordering, userId: string, session: NewSession): void {
  const { maxCost } = session;
  if (maxCost === null || !deps.firstStepCost) return;
  const { possible, enough } = deps.firstStepCost(userId, session);
  if (maxCost >= possible) return;
  const message = `Allows no step: the first one alone needs ${possible} or more; ${enough} is enough for it`;
  throw invalid([{ path: 'max_cost_microdollars', message }]);
}

/** Throws the problem of the first model on the ladder that is dearer than the one above it: it would spend more as money runs short. */
export function goesDown(models: string[]): void {
  for (const [above, below] of models.slice(1).map((below, i) => [models[i]!, below] as const)) {
    const [from, to] = [priceOf(above).rates, priceOf(below).rates];
    if (to.input <= from.input && to.output <= from.output) continue;
    throw new Problem(
      'invalid_request',
      `model_ladder: ${below} costs more than ${above}, and a ladder leads down. Nothing was started and nothing was spent.`,
    );
  }
}

type Asked = { effort?: Effort | null | undefined; max_output_tokens?: number | null | undefined };

/** Throws the problem of an effort or a length of replies that the model does not take. Cheaper ones of a ladder take what is nearest. */
export function takes(model: string, { effort, max_output_tokens: most }: Asked): void {
  const { efforts } = thinkingOf(model);
  const { maxOutput } = modelLimits(model);
  const message =
    effort && !efforts.includes(effort)
      ? `effort: ${model} takes ${efforts.length > 0 ? efforts.join(', ') : 'none; leave it out'}`
      : most && most > maxOutput
        ? `max_output_tokens: a reply of ${model} has at most ${maxOutput}`
        : null;
  if (message === null) return;
  throw new Problem('invalid_request', `${message}. Nothing was started and nothing was spent.`);
}

/**
 * Throws the problem of the tools that the agent does not have. Of an agent that this deployment has. `field`: which names them. Tools of MCP servers are
 * known only once the session has asked for them, so that any such name is taken.
 */
export function hasTools(
  { agents }: Ordering,
  wanted: { agent: string; tools?: string[] | null | undefined },
  field = 'tools',
): void {
  const known = agents.find(({ name }) => name === wanted.agent)?.tools.map(({ name }) => name) ?? [];
  const faults = (wanted.tools ?? []).flatMap((name, i) =>
    known.includes(name) || name.startsWith(REMOTE_TOOL)
      ? []
      : [
          {
            path: `${field}.${i}`,
            message: `Is no tool of the agent ${wanted.agent}, which has ${known.join(', ') || 'none'}`,
          },
        ],
  );
  if (faults.length > 0) throw invalid(faults);
}

/** Throws the problem of credentials that this deployment does not have: what asks by them would be refused. */
export function hasCredentials(
  { credentials = [] }: Ordering,
  web: Record<'shell' | 'git', Named[]> | null | undefined,
) {
  const message = `Is no credential of this deployment, which has ${credentials.join(', ') || 'none'}`;
  const faults = (['shell', 'git'] as const).flatMap((kind) =>
    (web?.[kind] ?? []).flatMap(({ secret }, i) =>
      secret === null || credentials.includes(secret) ? [] : [{ path: `web.${kind}.${i}.secret`, message }],
    ),
  );
  if (faults.length > 0) throw invalid(faults);
}

/** Throws the problem of MCP servers that this deployment does not have. */
export function hasServers({ mcpServers = [] }: Ordering, wanted: readonly string[] | null | undefined): void {
  const message = `Is no MCP server of this deployment, which has ${mcpServers.join(', ') || 'none'}`;
  const faults = (wanted ?? []).flatMap((name, i) =>
    mcpServers.includes(name) ? [] : [{ path: `mcp.${i}`, message }],
  );
  if (faults.length > 0) throw invalid(faults);
}

type Named = { secret: string | null };

/**
 * May this user have a session of this agent and these models here? Throws the problem of what is not known, of a missing budget, or of a
 * model that the provider serves no more.
 */
export async function permit(
  deps: Ordering,
  user: User,
  { agent, models }: { agent: string; models: string[] },
): Promise<void> {
  const known = deps.agents.map(({ name }) => name);
  if (!known.includes(agent)) throw unknown('agent', agent, known);
  for (const name of models) {
    if (!deps.isKnownModel(name)) throw unknown('model', name, deps.knownModels);
  }
  if (user.budget <= 0n) {
    throw new Problem(
      'no_budget',
      'You have no subscription budget: none is set, or its paid period is over. Nothing was started and nothing was spent; renew the subscription, or ask the operator to set a budget.',
    );
  }
  await servedStill(deps, user, models);
}

/** By the database's clock, which is asked only where a model has an end at all. Throws the problem of the first that is retired. */
async function servedStill(deps: Ordering, user: User, models: string[]): Promise<void> {
  if (models.every((name) => retirement(name) === null)) return;
  const { date } = (await deps.accounts.budget(user.id)).day;
  const gone = models.find((name) => retiredOn(name, date));
  if (gone === undefined) return;
  const heir = successorOn(gone, date);
  throw new Problem(
    'retired_model',
    `The provider retired ${gone} on ${retirement(gone)?.at}. Nothing was started and nothing was spent; ${heir ? `take ${heir}, its successor` : 'choose another model'}.`,
  );
}

export const full = (tier: string, most: number | undefined): Problem =>
  new Problem(
    'too_many_sessions',
    `A user of the tier ${tier} may have ${most} sessions at a time that have not ended, and you have. Nothing was started and nothing was ` +
      'spent; wait until one ends, or cancel one.',
  );

/** A name that is not on the list. An unknown model is refused rather than guessed, since its price is not known. */
export function unknown(what: 'agent' | 'model' | 'tier', name: string, known: readonly string[]): Problem {
  return new Problem(
    `unknown_${what}`,
    `The ${what} ${JSON.stringify(name.slice(0, 100))} is not known. Nothing was done and nothing was spent; choose one of ${known.join(', ')}.`,
  );
}
