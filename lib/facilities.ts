/** What the tools work with, from the settings: in the function that runs them, and in those that only describe them. */
import { lambdaSandbox } from './adapters/aws/sandbox.ts';
import { e2bMachine } from './adapters/e2b.ts';
import { guardedHttp } from './adapters/http.ts';
import { mcpServers } from './adapters/mcp/index.ts';
import { SEARCH_PRICES, searchAt } from './adapters/search/index.ts';
import { type ConfiguredMcpServer, mcpAccess } from './agents/mcp.ts';
import type { Env } from './config/env.ts';
import type { Redact } from './observe/redact.ts';
import type { Log, MachineTerms, Mcp, Sandbox } from './ports/index.ts';
import { type Facilities, NO_FACILITIES, runsNone } from './tools/configured.ts';
import { processes } from './tools/processes.ts';

type Given = { secrets: ReadonlyMap<string, string> | null; redact: Redact; log: Log } & Pick<
  Facilities,
  'credentials'
>;

export const facilitiesOf = (env: Env<'iterate'>, { secrets, redact, log, credentials }: Given): Facilities => ({
  http: guardedHttp({ loopback: env.TOOLS_LOOPBACK }),
  search: searchOf(env),
  sandbox: sandboxOf(env, log),
  machine: machineOf(env),
  secret: (name) => secrets?.get(name),
  redact,
  credentials,
});

type OfServers = Pick<Facilities, 'redact' | 'secret'> & { servers: readonly ConfiguredMcpServer[] };

export const mcpOf = (env: Env<'iterate'>, { redact, secret, servers }: OfServers): Mcp =>
  mcpServers({
    ...{ http: guardedHttp({ loopback: env.TOOLS_LOOPBACK }), redact },
    servers: servers.map((server) => mcpAccess(server, secret)),
  });

/** Null: this deployment has none. A key is there in the one function that searches. */
function searchOf(env: Env<'migrate'>): Facilities['search'] {
  const { SEARCH_SERVICE: service, SEARCH_API_KEY: key, SEARXNG_URL: url } = env;
  if (service === undefined) return null;
  const http = guardedHttp(service === 'searxng' && url ? { origin: new URL(url).origin } : {});
  const price = BigInt(env.SEARCH_PRICE ?? SEARCH_PRICES[service]);
  return { search: searchAt({ http, service, key, url }), price: price === 0n ? null : price };
}

type OfMachine = Pick<Env<'migrate'>, 'RUN_CODE' | 'RUN_CODE_SECONDS' | 'RUN_CODE_MICRODOLLARS'>;
const termsOf = ({ RUN_CODE_SECONDS: seconds, RUN_CODE_MICRODOLLARS: price }: OfMachine): MachineTerms => ({
  seconds,
  most: BigInt(seconds * price),
});

/** What a process that runs no tools can say of them. */
export const described = (env: Env<'migrate'>): Facilities => ({
  ...NO_FACILITIES,
  search: searchOf(env),
  machine: env.RUN_CODE === 'off' ? null : { ...termsOf(env), run: runsNone },
});

/** Throws a sentence where the key is missing. */
function machineOf(env: Env<'iterate'>): Facilities['machine'] {
  if (env.RUN_CODE === 'off') return null;
  const { E2B_API_KEY: apiKey, RUN_CODE_TEMPLATE: template } = env;
  if (apiKey === undefined)
    throw new Error(
      'Circadian cannot start: RUN_CODE is e2b, and E2B_API_KEY is missing. Set the key, or leave RUN_CODE out, and start again.',
    );
  return e2bMachine({ apiKey, template, terms: termsOf(env) });
}

/** On localhost there is one machine, and no function of its own. */
const sandboxOf = (env: Env<'iterate'>, log: Log): Sandbox =>
  env.SANDBOX_FUNCTION ? lambdaSandbox({ functionName: env.SANDBOX_FUNCTION, here: processes, log }) : processes;
