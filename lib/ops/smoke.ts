/**
 * The smoke test of a deployment: one session that chains more rounds than AWS's recursion guard lets through, and one that sleeps and is
 * woken early. It uses the HTTP API alone, a cheap model, and a cost cap on each session.
 */
import { COUNT_GOAL, COUNT_TO, SLEEP_GOAL } from './smoke-goals.ts';

export type SmokeOptions = {
  url: string;
  /** A user's key, `ck_…`. The user needs some 40 cents of today's allowance. */
  key: string;
  model?: string;
  show: (line: string) => void;
  /** Milliseconds between two looks, and until a session must have come to what is expected of it. */
  pollMs?: number;
  patienceMs?: number;
};

type Session = {
  id: string;
  status: string;
  iteration_number: number;
  cost_microdollars: number;
  wake_at: string | null;
  result: string | null;
  error: { code: string; message: string } | null;
};

/** Most that each of the two sessions may cost, microdollars. */
const COST_CAP = 200_000;
/** Milliseconds for one answer. */
const ANSWER_MS = 30_000;
const ENDED = new Set(['completed', 'failed', 'cancelled']);

/** Throws a sentence that says what was expected and what came instead. */
export async function smoke(options: SmokeOptions): Promise<void> {
  const { show } = options;
  const began = performance.now();
  const health = await ask<{ status?: string }>(options, 'GET', '/healthz');
  show(`Health: ${health.status ?? 'answers'}.`);

  const counting = await start(options, COUNT_GOAL);
  show(`Session ${counting.id} counts to ${COUNT_TO}, one iteration each.`);
  const counted = await until(options, counting.id, ({ status }) => ENDED.has(status), `counting to ${COUNT_TO}`);
  expectThat(counted.status === 'completed', `Session ${counted.id} is ${counted.status}: ${counted.error?.message}`);
  const rounds = `${counted.iteration_number} iterations`;
  expectThat(
    counted.iteration_number >= COUNT_TO,
    `The session ended after ${rounds}; at least ${COUNT_TO} were asked for.`,
  );
  show(`It completed after ${rounds} for ${dollars(counted)}: the chain is not cut.`);

  const sleeping = await start(options, SLEEP_GOAL);
  const asleep = await until(
    options,
    sleeping.id,
    ({ status }) => status === 'sleeping' || ENDED.has(status),
    'falling asleep',
  );
  expectThat(
    asleep.status === 'sleeping' && asleep.wake_at !== null,
    `Session ${asleep.id} is ${asleep.status} instead of asleep.`,
  );
  show(`Session ${asleep.id} sleeps until ${asleep.wake_at}.`);
  await ask(options, 'POST', `/v1/sessions/${asleep.id}/wake`);
  const woken = await until(options, asleep.id, ({ status }) => ENDED.has(status), 'waking early');
  expectThat(woken.status === 'completed', `Session ${woken.id} is ${woken.status}: ${woken.error?.message}`);
  expectThat(Date.parse(asleep.wake_at!) > Date.now(), 'It ended only after its hour: the early wake did nothing.');
  show(`It was woken early and completed: ${woken.result}.`);
  show(`All is well, after ${Math.round((performance.now() - began) / 1_000)} s.`);
}

const start = (options: SmokeOptions, goal: string): Promise<Session> =>
  ask(options, 'POST', '/v1/sessions', {
    ...{
      goal,
      model: options.model ?? 'claude-haiku-5-5',
      max_iterations: 3 * COUNT_TO,
      max_cost_microdollars: COST_CAP,
    },
    metadata: { smoke: true },
  });

async function until(
  options: SmokeOptions,
  id: string,
  enough: (session: Session) => boolean,
  what: string,
): Promise<Session> {
  const { pollMs = 2_000, patienceMs = 600_000, show } = options;
  const deadline = performance.now() + patienceMs;
  let told = 0;
  for (;;) {
    const session = await ask<Session>(options, 'GET', `/v1/sessions/${id}`);
    if (enough(session)) return session;
    const { status, iteration_number: iteration } = session;
    expectThat(
      performance.now() < deadline,
      `${what}: still ${status} at iteration ${iteration} after ${patienceMs / 1_000} s.`,
    );
    if (iteration >= told + 10) {
      told = iteration - (iteration % 10);
      show(`  iteration ${told}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function ask<T = unknown>({ url, key }: SmokeOptions, method: string, path: string, body?: object): Promise<T> {
  const what = `${method} ${new URL(path, url)}`;
  const response = await fetch(new URL(path, url), {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    signal: AbortSignal.timeout(ANSWER_MS),
    ...(body && { body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw new Error(`${what}: no answer (${(error.cause as Error | undefined)?.message ?? error.message}).`);
  });
  const text = await response.text();
  expectThat(response.ok, `${what}: ${response.status} ${text.slice(0, 500)}`);
  const answer = parsed(text);
  expectThat(answer !== undefined, `${what}: what answers there is not Circadian (${text.slice(0, 100)}).`);
  return answer as T;
}

/** Undefined: no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

const dollars = ({ cost_microdollars: cost }: Session): string => `$${(cost / 1e6).toFixed(4)}`;
