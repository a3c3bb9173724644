/**
 * What of the Messages API a model takes, as far as a conversation must be written differently for it. Pure data by the families' names, so
 * that a dated id is the model it belongs to.
 */
import { isKnownModel, weightsOf } from './prices.ts';

/** Models that take `role: "system"` within `messages` (provider's page "Mid-conversation system messages and tool changes", November 2026). */
const SYSTEM_TURNS = /^claude-(?:fable-5|mythos-5|opus-4-8|opus-5|sonnet-5-5|haiku-5-5)(?:-|$)/;

/** Whether the runtime's own words can go out as a system message, which neither a file nor a web page can imitate. */
export const takesSystemTurns = (model: string): boolean => SYSTEM_TURNS.test(model);

/** Whether the model thinks adaptively, on the output tokens of its reply. False for an unknown model. */
export const thinks = (model: string): boolean => isKnownModel(model) && weightsOf(model).adaptive;
