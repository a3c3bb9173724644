/** Which command runs, and what it calls the things that the API names otherwise. */
import type { Command } from 'commander';
import type { CircadianError } from '../client/index.ts';
import { quoted } from './text.ts';

/** What lists the things that these commands name. */
const LISTS: Record<string, string> = {
  ...{ schedules: 'circadian schedules', webhooks: 'circadian webhooks', memory: 'circadian memory' },
  admin: 'circadian admin users ls',
};

/** `at`: the words of the command, such as `admin keys ls`. `list`: what lists the things that it names; null: sessions. */
export function placeOf(command: Command): { at: string; list: string | null } {
  const words = wordsOf(command);
  const at = words.join(' ');
  if (at === 'files cat') return { at, list: `circadian files ls ${quoted(command.args[0] ?? '@last')}` };
  return { at, list: LISTS[words[0] ?? ''] ?? null };
}

/** The names of a command and those above it, without that of the program. */
export const wordsOf = (command: Command): string[] =>
  command.parent ? [...wordsOf(command.parent), command.name()] : [];

/** Fields of the API as options and arguments. */
const NAMES: Record<string, string> = {
  ...{ max_cost_microdollars: '--cap', amount_microdollars: 'dollars', subscription_budget_microdollars: '--budget' },
  ...{ daily_share_percent: '--share', model_ladder: '--ladder', subscription_renewal_date: '--renewal' },
  ...{ wake_policy: '--wake', time_zone: '--zone', metadata: '--meta', user_id: 'user' },
};

/** A refusal in the words of the command: options in place of fields, dollars in place of microdollars. */
export function spoken({ message, errors }: Pick<CircadianError, 'message' | 'errors'>): string {
  let text = message;
  for (const { path, message: fault } of errors) {
    const name = NAMES[path];
    const said = path.endsWith('_microdollars') ? fault.replace(/\d+/g, (digits) => `$${Number(digits) / 1e6}`) : fault;
    if (name !== undefined) text = text.replace(`${path}: ${fault}`, () => `${name}: ${said}`);
  }
  return text;
}
