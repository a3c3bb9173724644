/** A deployment in memory: the product's own loop, tools, prices and API, on ports that keep everything in this process. */
import { approvalsOf } from '../agents/approvals.ts';
import { catalogOf } from '../agents/catalog.ts';
import { type Config, secretNames } from '../agents/config.ts';
import { specFor } from '../agents/define.ts';
import { isKnownModel } from '../budget/index.ts';
import { readEnv } from '../config/env.ts';
import { SETTINGS } from '../config/settings.ts';
import type { ScheduleDeps } from '../engine/schedules.ts';
import { facilitiesOf } from '../facilities.ts';
import { app } from '../http/app.ts';
import type { Deps } from '../http/deps.ts';
import { orderRun } from '../http/templates.ts';
import { discreetSessions, redactor } from '../observe/redact.ts';
import type { Http, Log, Mcp, Model, World } from '../ports/index.ts';
import { tools } from '../tools/index.ts';
import { worldFrom } from '../world.ts';
import type { MemoryWorld } from './memory/index.ts';

/** Of nobody: nothing is ever asked there. */
const NOWHERE = {
  DATABASE_URL: 'postgresql://testing:testing@testing.invalid/testing',
  UPSTASH_REDIS_REST_URL: 'https://testing.invalid',
  UPSTASH_REDIS_REST_TOKEN: 'testing',
  QUEUE_URL: 'https://testing.invalid/queue',
  SCHEDULE_GROUP: 'testing',
  SCHEDULE_ROLE_ARN: 'testing',
  WAKE_FUNCTION_ARN: 'testing',
  ANTHROPIC_API_KEY: 'testing',
  ADMIN_API_KEY: 'the-key-of-the-operator-of-a-test',
};

/** Sleepers wake at midnight, and not some minutes later each. */
const USUAL = { WAKE_WINDOW_MS: '0' };

/** What a deployment may set and a test cannot have: it would leave this machine. */
const LEADS_OUT = ['SEARCH_SERVICE', 'RUN_CODE'];

type Given = {
  memory: MemoryWorld;
  model: Model;
  config: Config;
  settings: Record<string, string>;
  secrets: Record<string, string>;
  http: Http;
  mcp: Mcp;
  log: Log;
};

/** Throws a sentence for definitions or settings that cannot be used. `wake`: what the
 * function of that name works with; `deliver`: the API, a request in and its answer out. */
export function deployed({ memory, config, settings, secrets: values, http, log, ...own }: Given) {
  const outside = LEADS_OUT.find((name) => settings[name] && settings[name] !== 'off');
  if (outside)
    throw new Error(
      `${outside} leads out of the test. Leave it out, and give the agent a tool that answers in its place.`,
    );
  const unknown = Object.keys(settings).find((name) => !Object.hasOwn(SETTINGS, name));
  if (unknown !== undefined)
    throw new Error(`${unknown} is no setting, so it would change nothing. All settings: docs/configuration.md.`);
  const env = readEnv({ ...USUAL, ...settings, ...NOWHERE });
  const names = secretNames(config);
  const secrets = new Map(names.map((name) => [name, values[name] ?? `testing-secret-${name}`]));
  const redact = redactor([...secrets.values()]);
  const { api, policy } = worldFrom(env, config, secrets);
  const facilities = { ...facilitiesOf(env, { secrets, redact, log, credentials: config.credentials ?? [] }), http };
  const catalog = catalogOf(config, { isKnownModel, secret: (name) => secrets.get(name) }, facilities);
  const world: World = {
    ...memory,
    ...own,
    sessions: discreetSessions(memory.sessions, redact),
    tools: tools(catalog.tools),
    asks: approvalsOf(config),
    log,
    policy,
    agent(name, web) {
      const found = catalog.find(name);
      return found && specFor(found, web ?? null);
    },
  };
  let elapsed = 0;
  const time: Deps['time'] = {
    now: () => memory.store.real,
    elapsed: () => elapsed,
    async sleep(ms) {
      elapsed += ms;
    },
  };
  const deps: Deps = { ...memory, ...api, limiter: undefined, log, time };
  const hono = app(deps);
  const wake = {
    ...world,
    schedules: memory.schedules,
    order: (...[schedule, dueAt]: Parameters<ScheduleDeps['order']>) => orderRun(deps, schedule, dueAt),
  };
  return { world, wake, deliver: async (request: Request): Promise<Response> => hono.fetch(request) };
}
