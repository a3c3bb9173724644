/** MCP servers in circadian.config.ts: what the operator says of each, and what is wrong with that. */
import type { EffectClass } from '../core/session.ts';
import { carrying, HEADER } from '../tools/credentials.ts';
import { EFFECTS, quoted } from './words.ts';

export type ConfiguredMcpServer = {
  /** As sessions and agents name it: lower-case letters, digits and `-`, at most 20. It stands in the names of its tools. */
  name: string;
  /** Streamable HTTP, by https. Every session that names the server may have its tools: give its key no more rights than all may have. */
  url: string;
  /** A name such as `LINEAR_KEY`; the value comes from the variable `TOOL_SECRET_…` and is sent to the origin of `url` alone. */
  secret?: string;
  /** The field that carries it, where `{secret}` stands for the value. Left out: `authorization: Bearer {secret}`. */
  header?: string;
  /** The only tools that are taken, by the server's own names. Left out: all. */
  tools?: readonly string[];
  /** No tool of the server counts as laxer, whatever its hints say. Left out: its hints count, and where there are none, `once`. */
  effect?: EffectClass;
  /** For one call. Left out: 60; 300 at most. */
  timeoutSeconds?: number;
};

export const MCP_SERVER_NAME = /^[a-z][a-z0-9-]{0,19}$/;
const TIMEOUT_SECONDS = { usual: 60, most: 300 };
const BEARER = 'authorization: Bearer {secret}';

/** What no request would be made to is refused before there is one. Plain http is for this very machine, where TOOLS_LOOPBACK allows it. */
function isAskable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:'
    ? port === ''
    : protocol === 'http:' && /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

/** Sentences; none has the value of a secret. Fields and secrets are judged by the caller, as for every definition. */
export function mcpFaults(of: string, server: ConfiguredMcpServer): string[] {
  const { name, url, header, tools, effect, timeoutSeconds: seconds = 1 } = server;
  const checks: [boolean, string][] = [
    [
      typeof name === 'string' && MCP_SERVER_NAME.test(name),
      `${of} needs a name of at most 20 lower-case letters, digits and hyphens.`,
    ],
    [
      typeof url === 'string' && isAskable(url),
      `${of} has the address ${quoted(url)}: it must be an https address on port 443, without a user name and a password.`,
    ],
    [
      header === undefined || (typeof header === 'string' && HEADER.test(header)),
      `${of} has the header ${quoted(header)}: it must be of the form 'x-api-key: {secret}'.`,
    ],
    [header === undefined || server.secret !== undefined, `${of} has a header and no secret for it.`],
    [
      tools === undefined || (Array.isArray(tools) && tools.every((tool) => typeof tool === 'string')),
      `${of} needs a list of names as its \`tools\`.`,
    ],
    [
      effect === undefined || EFFECTS.includes(effect),
      `${of} has the effect ${quoted(effect)}: it must be one of ${EFFECTS.join(', ')}.`,
    ],
    [
      Number.isSafeInteger(seconds) && seconds >= 1 && seconds <= TIMEOUT_SECONDS.most,
      `${of} has the time ${quoted(seconds)}: it must be whole seconds from 1 to ${TIMEOUT_SECONDS.most}.`,
    ],
  ];
  return checks.flatMap(([holds, sentence]) => (holds ? [] : [sentence]));
}

/** As the adapter asks it. */
export function mcpAccess(server: ConfiguredMcpServer, secret: (name: string) => string | undefined) {
  const { name, url, tools, effect: least = 'pure', header = BEARER } = server;
  const value = server.secret === undefined ? undefined : secret(server.secret);
  return {
    ...{ name, url, tools, least },
    headers: value === undefined ? {} : carrying({ value, header }),
    timeoutMs: 1_000 * (server.timeoutSeconds ?? TIMEOUT_SECONDS.usual),
  };
}
