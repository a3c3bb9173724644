/** Notices of sessions as sentences for a user, made of what is no text of an agent or a user. */
import { dollars } from '../core/runtime-messages.ts';

type Facts = Record<string, unknown>;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const amount = (value: unknown): string => dollars(BigInt(typeof value === 'number' ? Math.trunc(value) : 0));
const until = (at: unknown): string =>
  text(at) ? `It goes on at ${text(at)}, or sooner with a top-up.` : 'It goes on when a user wakes it.';

/** `who`: the session by its id and agent. `type`: without its `session.`. */
export function sentenceOf(type: string, who: string, facts: Facts): string {
  switch (type) {
    case 'question':
      if (facts.turn_ended === true)
        return `${who} has ended its turn and waits for your next message, which costs nothing meanwhile.`;
      return `${who} asks a question. It waits for the answer, which costs nothing meanwhile.`;
    case 'approval':
      return `${who} asks for an approval. It waits, which costs nothing meanwhile${text(facts.expires_at) ? `; the question expires at ${text(facts.expires_at)}` : ''}.`;
    case 'completed':
      return `${who} has completed its goal.`;
    case 'failed':
      return `${who} has ended without reaching its goal (${text(facts.outcome) ?? 'failed'}). What it wrote stays readable.`;
    case 'cancelled':
      return `${who} was cancelled. What it wrote stays readable.`;
    case 'sleeping':
      return asleep(who, facts);
    case 'waking':
      return `${who} is awake and goes on.`;
    case 'paused':
      return text(facts.error_code)
        ? `${who} is paused by an error (${text(facts.error_code)}) that a person has to look at. Nothing is lost: resume it once that is mended.`
        : `${who} is paused. Nothing is lost: it goes on when it is resumed.`;
    default:
      return `${who} has stopped: ${amount(facts.spent_microdollars)} are spent today, more than the hard ceiling of ${amount(facts.hard_ceiling_microdollars)}. ${until(facts.wake_at)}`;
  }
}

const WHY: Record<string, string> = {
  allowance: "what is left of the day's allowance is too little for its next step",
  rate_limit: "the model's provider limits its requests",
  overloaded: "the model's provider is overloaded or away",
  server_away: 'an MCP server whose tools it has is away',
  agent: 'its agent wants to go on later',
  session_cap: 'its own cost cap leaves no room for its next step',
  claim_limit: 'it has begun as many steps today as a session may',
};

const asleep = (who: string, { reason, wake_at }: Facts): string =>
  `${who} sleeps: ${WHY[text(reason) ?? ''] ?? 'it waits'}. ${reason === 'allowance' ? until(wake_at) : text(wake_at) ? `It goes on at ${text(wake_at)}.` : 'It goes on when a user wakes it.'}`;
