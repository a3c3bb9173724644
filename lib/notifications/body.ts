/**
 * The body of a notice. It is made of the journal's entry, or of the alert, and of nothing that changes later: a repeat has the same bytes. Text
 * of a goal, a question, an answer or a tool goes out only to a webhook that asked for it (`includeText`).
 */
import type { DueDelivery } from '../ports/index.ts';
import { alertJson } from './json.ts';
import { sentenceOf } from './sentences.ts';
import { slackBody, type Told } from './slack.ts';

/** Of an entry's data: what names and counts. Whatever else it has is text or unknown, and is not sent. */
const FACTS = [
  ...['kind', 'expires_at', 'outcome', 'iterations', 'reason', 'early', 'wake_at', 'limit'],
  ...['needed_microdollars', 'available_microdollars', 'resume_cost_microdollars'],
  ...['spent_microdollars', 'hard_ceiling_microdollars'],
];
/** And what is sent with `includeText`: previews of up to 2,000 characters, as the journal has them. */
const TEXTS = ['question', 'choices', 'result', 'note'];

/** What is posted. */
export function bodyOf(due: DueDelivery): string {
  const { quote, ...told } = toldOf(due);
  return due.format === 'slack' ? slackBody({ ...told, quote }) : JSON.stringify(told);
}

function toldOf(due: DueDelivery): Told {
  const { type, userId, alert, session } = due;
  const timestamp = new Date(due.at).toISOString();
  if (alert) {
    const data = { user_id: userId, ...alertJson(alert) };
    return { type, timestamp: data.at, data, quote: null };
  }
  if (session) return { type, timestamp, ...ofSession(due, session) };
  const message = 'This is a test of your webhook. Nothing has happened, and nothing was spent.';
  return { type, timestamp, data: { user_id: userId, webhook_id: due.webhookId, message }, quote: null };
}

function ofSession(due: DueDelivery, { id, agent, seq, data, goal }: NonNullable<DueDelivery['session']>) {
  const error = data.error as { code: string; message: string } | undefined;
  const facts = { ...picked(data, FACTS), ...(error && { error_code: error.code }) };
  const texts = due.includeText ? { goal, ...picked(data, TEXTS), ...(error && { error_message: error.message }) } : {};
  const message = sentenceOf(due.type.slice('session.'.length), `Session ${id} (${agent})`, {
    ...facts,
    turn_ended: data.question === null,
  });
  const quote = due.includeText ? (data.question ?? data.result ?? error?.message ?? data.note) : null;
  return {
    data: { user_id: due.userId, session_id: id, agent, seq, ...facts, ...texts, message },
    quote: typeof quote === 'string' ? quote : null,
  };
}

const picked = (data: Record<string, unknown>, names: string[]): Record<string, unknown> =>
  Object.fromEntries(names.flatMap((name) => (data[name] === undefined ? [] : [[name, data[name]]])));
