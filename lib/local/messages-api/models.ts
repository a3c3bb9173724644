/**
 * What each model takes and refuses, as far as the Messages API's answers differ by model. SessionConfig as of November 2026 from the provider's
 * documents, named at each rule; windows, longest outputs and which models exist are in lib/budget's price table.
 */
import { retiredOn } from '../../budget/index.ts';

export type ThinkingType = 'adaptive' | 'enabled' | 'disabled' | 'between_tools';
export type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type ModelFacts = Readonly<{
  /** Runs the prefix check on thinking blocks, and signs its own over what stands before them ("Prefix checks on thinking blocks"). */
  binds: boolean;
  /** Its thinking works only in the account that produced it ("Preserved thinking: Thinking blocks stay with the account"). */
  accountBound: boolean;
  /** Accepted values of `thinking.type`. */
  thinking: readonly ThinkingType[];
  /** Without the field it thinks, adaptively ("Thinking: Configuring thinking"). */
  thinksByDefault: boolean;
  /** `display` where the request does not say it ("Thinking: Controlling thinking display"). */
  display: 'summarized' | 'omitted';
  /** Accepted values of `output_config.effort`; null where the model has no effort ("Effort"). */
  effort: readonly Effort[] | null;
  /** `tool_choice` of type `any` or `tool` ("What's new in Claude Sonnet 5.5: Forced tool use is not supported"). */
  forcedTools: boolean;
  /** `temperature`, `top_p` and `top_k` other than their defaults ("Model deprecations: API parameters"). */
  sampling: boolean;
  /** `role: "system"` within `messages` ("Mid-conversation system messages"). */
  systemRole: boolean;
}>;

const ALL: readonly Effort[] = ['low', 'medium', 'high', 'xhigh', 'max'];
const BEFORE_XHIGH: readonly Effort[] = ['low', 'medium', 'high', 'max'];

/** A model of before 4.6: thinks by a budget when asked, and takes all else that later ones refuse. */
const EARLY: ModelFacts = {
  binds: false,
  accountBound: false,
  thinking: ['enabled', 'disabled'],
  thinksByDefault: false,
  display: 'summarized',
  effort: null,
  forcedTools: true,
  sampling: true,
  systemRole: false,
};
const OF_4_6: ModelFacts = { ...EARLY, thinking: ['adaptive', 'enabled', 'disabled'], effort: BEFORE_XHIGH };
const OF_4_7: ModelFacts = {
  ...EARLY,
  thinking: ['adaptive', 'disabled'],
  display: 'omitted',
  effort: ALL,
  sampling: false,
};
const OF_5: ModelFacts = { ...OF_4_7, thinksByDefault: true };
const BOUND: ModelFacts = { ...OF_5, binds: true, systemRole: true };

/** The first pattern that fits. Account binding is documented for Sonnet 5.5 and Haiku 5.5, and taken to hold for what came after. */
const FACTS: readonly [RegExp, ModelFacts][] = [
  [/^claude-(fable|mythos)-5-2$/, { ...BOUND, accountBound: true, thinking: ['adaptive'], forcedTools: false }],
  [/^claude-(fable|mythos)-5-1$/, { ...BOUND, thinking: ['adaptive'], forcedTools: false }],
  [/^claude-opus-5-5$/, { ...BOUND, thinking: ['adaptive'], forcedTools: false }],
  [
    /^claude-sonnet-5-5$/,
    { ...BOUND, accountBound: true, thinking: ['adaptive', 'between_tools'], forcedTools: false },
  ],
  // "Claude Haiku 5.5 migration guide": a forced tool choice and `disabled` are accepted.
  [/^claude-haiku-5-5$/, { ...BOUND, accountBound: true, thinking: ['adaptive', 'disabled'] }],
  [/^claude-(fable|mythos)-5$/, { ...OF_5, thinking: ['adaptive'], systemRole: true }],
  [/^claude-opus-5$/, { ...OF_5, systemRole: true }],
  [/^claude-sonnet-5$/, OF_5],
  [/^claude-opus-4-8$/, { ...OF_4_7, systemRole: true }],
  [/^claude-opus-4-7/, OF_4_7],
  [/^claude-(opus|sonnet)-4-6/, OF_4_6],
  [/^claude-opus-4-5/, { ...EARLY, effort: ['low', 'medium', 'high'] }],
];

export const factsOf = (model: string): ModelFacts => FACTS.find(([pattern]) => pattern.test(model))?.[1] ?? EARLY;

const isFable = (model: string): boolean => /^claude-(fable|mythos)-5/.test(model);
const ONLY_OPUS_5_5_READS = 'claude-sonnet-5-5';

/**
 * Whether a model reads another's thinking; what it cannot read, the API drops without an error. "Preserved thinking: Switching models
 * mid-conversation", "What's new in Claude Sonnet 5.5: Thinking blocks are tied to the model", and, on Haiku 5.5, whose blocks every model
 * reads and who reads nobody's, Amazon Bedrock's "Preserved thinking".
 */
export function reads(reader: string, producer: string): boolean {
  if (reader === producer || producer === 'claude-haiku-5-5') return true;
  if (reader === 'claude-haiku-5-5') return false;
  if (reader === 'claude-opus-5-5') return !isFable(producer);
  if (producer === ONLY_OPUS_5_5_READS) return false;
  if (/-5-2$/.test(reader)) return true;
  if (/-5-2$/.test(producer)) return false;
  if (/^claude-(fable|mythos)-5-1$/.test(reader)) return true;
  if (/-5-1$/.test(producer) || producer === 'claude-opus-5-5') return false;
  if (reader === ONLY_OPUS_5_5_READS) return !isFable(producer) && producer !== 'claude-opus-5';
  return true;
}

/** Answered by 404, as lib/budget's price table dates it ("Model deprecations"). `now`: milliseconds. */
export const isRetired = (model: string, now: number): boolean =>
  retiredOn(model, new Date(now).toISOString().slice(0, 10));
