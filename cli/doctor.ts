/** What is looked at, from the machine to the money; the first that is wrong ends it, since the rest depends on it. */

import { CircadianError } from '../client/index.ts';
import { budgetAndNow, type Cli } from './cli.ts';
import { failureHere } from './local.ts';
import { plural, span } from './text.ts';

export type Finding = { ok: boolean; what: string; next?: string };

/** A clock that differs by less is right enough. */
const SAME_MS = 60_000;

export async function doctor(cli: Cli): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const look of [node, address, reach, key, budget]) {
    const finding = await look(cli).catch((error: unknown): Finding => {
      const { message, next } = failureHere(cli, error);
      return { ok: false, what: message, ...(next && next !== 'circadian doctor' && { next }) };
    });
    found.push(finding);
    if (!finding.ok) break;
  }
  return found;
}

async function node(): Promise<Finding> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const what = `Node ${process.versions.node}`;
  if (major > 22 || (major === 22 && minor >= 18)) return { ok: true, what };
  return { ok: false, what: `${what} is too old: it takes 22.18 or later.`, next: 'https://nodejs.org' };
}

async function address(cli: Cli): Promise<Finding> {
  const { url, from } = cli.connection();
  return { ok: true, what: `The API is at ${url} (${from}).` };
}

async function reach(cli: Cli): Promise<Finding> {
  const { url, isLocal } = cli.connection();
  const started = cli.io.now();
  const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(10_000) }).catch(
    (error: unknown) => error as Error,
  );
  if (response instanceof Error) {
    if (isLocal) throw new CircadianError('unreachable', response.message);
    const local = /^http:\/\/(127\.|localhost|\[::1\])/.test(url);
    return {
      ok: false,
      what: `It does not answer (${response.message}).`,
      next: local ? 'circadian dev' : 'look at the address, and at the network',
    };
  }
  const { status } = (await response.json().catch(() => ({}))) as { status?: string };
  const ms = cli.io.now() - started;
  if (status === 'ok') return { ok: true, what: `It answers within ${ms} ms, and work goes on.` };
  if (status === 'degraded')
    return { ok: false, what: 'It answers, but sessions that are due do not move.', next: 'tell the operator' };
  return {
    ok: false,
    what: `What answers there (HTTP ${response.status}) is no Circadian.`,
    next: 'circadian login --url https://…',
  };
}

async function key(cli: Cli): Promise<Finding> {
  const me = await cli.client().me();
  return { ok: true, what: `The key is that of ${me.id}, tier ${me.tier}.` };
}

async function budget(cli: Cli): Promise<Finding> {
  const { budget, now } = await budgetAndNow(cli.client(), cli.io);
  if (budget.subscription.budget_microdollars === 0)
    return {
      ok: false,
      what: 'No budget is set, so no agent may think.',
      next: 'ask the operator: circadian admin users set USER --budget 50 --renewal DAY',
    };
  const ahead = now - cli.io.now();
  const differs =
    Math.abs(ahead) < SAME_MS ? '' : ` Its clock is ${span(Math.abs(ahead))} ${ahead > 0 ? 'ahead' : 'behind'}.`;
  return { ok: true, what: `There is a budget, renewed in ${plural(budget.subscription.days_left, 'day')}.${differs}` };
}
