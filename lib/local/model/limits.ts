/** What a model takes: known at all, room in its window, longest output. Window and output sizes are those of lib/budget's price table. */
import { isKnownModel, modelLimits } from '../../budget/index.ts';
import { ApiProblem, invalid } from '../messages-api/problem.ts';

/** Prefixes shorter than this many tokens are not cached (prompt caching documentation, October 2026). */
const LEAST_CACHED: [RegExp, number][] = [
  [/^claude-(fable-5|mythos-5|opus-5|sonnet-5-5|haiku-5-5)/, 512],
  [/^claude-opus-4-7/, 2_048],
  [/^claude-(opus-4-[56]|haiku-4-5)/, 4_096],
];

export const leastCached = (model: string): number =>
  LEAST_CACHED.find(([pattern]) => pattern.test(model))?.[1] ?? 1_024;

/** Throws `ApiProblem` for a request that the model would refuse. `maxTokens` null: only the prompt is looked at. */
export const checkLimits = (model: string, promptTokens: number, maxTokens: number | null): void => {
  if (!isKnownModel(model)) throw new ApiProblem(404, 'not_found_error', `model: ${model}`);
  const { contextWindow, maxOutput } = modelLimits(model);
  if (maxTokens !== null && maxTokens > maxOutput) {
    throw invalid(
      `max_tokens: ${maxTokens} > ${maxOutput}, which is the maximum allowed number of output tokens for ${model}`,
    );
  }
  if (promptTokens > contextWindow)
    throw invalid(`prompt is too long: ${promptTokens} tokens > ${contextWindow} maximum`);
};
