/** The rules about a request's settings, each by its model: thinking, effort, sampling, tool choice, limits. All throw `ApiProblem`. */
import { isKnownModel, modelLimits } from '../../budget/index.ts';
import { factsOf, isRetired } from './models.ts';
import { ApiProblem, invalid } from './problem.ts';
import type { MessagesRequest, PromptRequest } from './shape.ts';

/** "Thinking": the least budget of manual thinking. */
const LEAST_BUDGET = 1_024;
/** The header that `thinking.block_binding` needs ("Preserved thinking: Set the mismatch behavior"). */
export const BINDING_BETA = 'thinking-binding-controls-2026-08-01';

function checkModel(model: string, now: number) {
  if (!isKnownModel(model) || isRetired(model, now)) throw new ApiProblem(404, 'not_found_error', `model: ${model}`);
}

/** In the words of the API, which names the setting to use instead. */
const notSupported = (type: string, insteadOf: string) =>
  invalid(
    `"thinking.type.${type}" is not supported for this model. Use ${insteadOf}"thinking.type.adaptive" and ` +
      `"output_config.effort" to control thinking behavior.`,
  );

function checkThinking(request: PromptRequest, betas: readonly string[]) {
  const { thinking, model, output_config } = request;
  if (!thinking) return;
  const { type } = thinking;
  const { thinking: accepted } = factsOf(model);
  if (!accepted.includes(type)) {
    if (type === 'adaptive') throw invalid('adaptive thinking is not supported on this model');
    throw notSupported(
      type,
      type === 'disabled' && accepted.includes('between_tools')
        ? '"thinking.type.between_tools" for the lowest thinking setting, or '
        : '',
    );
  }
  const others = Object.keys(thinking).filter((key) => key !== 'type');
  const known: Record<typeof type, string[]> = {
    adaptive: ['display', ...(betas.includes(BINDING_BETA) ? ['block_binding'] : [])],
    enabled: ['display', 'budget_tokens', ...(betas.includes(BINDING_BETA) ? ['block_binding'] : [])],
    disabled: [],
    between_tools: [],
  };
  const unknown = others.find((key) => !known[type].includes(key));
  if (unknown) throw invalid(`thinking.${type}.${unknown}: Extra inputs are not permitted`);
  if (type === 'enabled') {
    const { budget_tokens } = thinking;
    if (budget_tokens === undefined) throw invalid('thinking.enabled.budget_tokens: Field required');
    if (budget_tokens < LEAST_BUDGET)
      throw invalid(`thinking.enabled.budget_tokens: Input should be greater than or equal to ${LEAST_BUDGET}`);
    const { max_tokens } = request as Partial<MessagesRequest>;
    if (max_tokens !== undefined && max_tokens <= budget_tokens)
      throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  // "What's new in Claude Sonnet 5.5: Turn off up-front thinking".
  const effort = output_config?.effort;
  if (type === 'between_tools' && (effort === 'xhigh' || effort === 'max'))
    throw invalid(`"thinking.type.between_tools" is not supported with effort "${effort}".`);
  // Opus 5 thinks at the two highest levels.
  if (type === 'disabled' && model === 'claude-opus-5' && (effort === 'xhigh' || effort === 'max'))
    throw invalid(`"thinking.type.disabled" is not supported with effort "${effort}".`);
}

function checkEffort({ model, output_config }: PromptRequest) {
  const effort = output_config?.effort;
  if (effort === undefined || effort === null) return;
  const { effort: accepted } = factsOf(model);
  if (!accepted) throw invalid('This model does not support the effort parameter.');
  if (!accepted.includes(effort))
    throw invalid(
      `output_config.effort: '${effort}' is not supported for this model. Use one of: ${accepted.join(', ')}.`,
    );
}

function checkSampling(request: PromptRequest) {
  if (factsOf(request.model).sampling) return;
  const { temperature, top_p, top_k } = request as Partial<MessagesRequest>;
  const set = { temperature: temperature !== undefined && temperature !== 1, top_p, top_k };
  for (const [name, value] of Object.entries(set)) {
    if (value !== undefined && value !== false) throw invalid(`\`${name}\` is deprecated for this model.`);
  }
}

function checkToolChoice({ model, tool_choice, tools = [] }: PromptRequest) {
  if (!tool_choice) return;
  const { type, name } = tool_choice;
  if (!factsOf(model).forcedTools && (type === 'any' || type === 'tool'))
    throw invalid('tool_choice: type "tool" and "any" are not supported for this model.');
  if (type === 'tool' && !tools.some((tool) => tool.name === name))
    throw invalid(`tool_choice.name: Tool '${String(name)}' not found in provided tools`);
  if (type !== 'none' && tools.length === 0) throw invalid('tool_choice may only be specified while providing tools.');
}

/** `promptTokens`: how long the prompt is taken to be. Without `max_tokens` in the request only the prompt is looked at. */
function checkLimits(request: PromptRequest, promptTokens: number) {
  const { model } = request;
  const { contextWindow, maxOutput } = modelLimits(model);
  const { max_tokens } = request as Partial<MessagesRequest>;
  if (max_tokens !== undefined && max_tokens > maxOutput) {
    throw invalid(
      `max_tokens: ${max_tokens} > ${maxOutput}, which is the maximum allowed number of output tokens for ${model}`,
    );
  }
  if (promptTokens > contextWindow)
    throw invalid(`prompt is too long: ${promptTokens} tokens > ${contextWindow} maximum`);
}

export type Settings = { now: number; betas: readonly string[]; promptTokens: number };

export function checkSettings(request: PromptRequest, { now, betas, promptTokens }: Settings): void {
  checkModel(request.model, now);
  checkThinking(request, betas);
  checkEffort(request);
  checkSampling(request);
  checkToolChoice(request);
  checkLimits(request, promptTokens);
}
