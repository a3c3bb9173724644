/** Secrets that the runtime puts into requests for sessions: which there are, and where each may go. Their values never leave this process otherwise. */
import { isOf } from '../web/access.ts';

export type ConfiguredCredential = {
  /** A name such as `GITHUB_TOKEN`; sessions name it, too. The value comes from the variable `TOOL_SECRET_…`. */
  secret: string;
  /** The only hosts that it is sent to, each with or without the beginning of a path. What is below a host is another host. */
  hosts: readonly string[];
  /** The field that carries it, where `{secret}` stands for the value. Left out: `authorization: Bearer {secret}`. */
  header?: string;
  /** The name with which git signs in, where the value is the password. Left out: `x-access-token`. */
  user?: string;
};

export const HEADER = /^([A-Za-z][A-Za-z0-9-]*): *([^\r\n]*\{secret\}[^\r\n]*)$/;
const BEARER = 'authorization: Bearer {secret}';

/** What is known of one, and how its value is had. */
export type Credentials = {
  credentials: readonly ConfiguredCredential[];
  secret: (name: string) => string | undefined;
};

/** The value of the secret, for a request to the address. Throws a sentence where it is not there, or not for this host. */
export function secretFor(name: string, address: string, { credentials, secret }: Credentials) {
  const found = credentials.find((one) => one.secret === name);
  const value = found && secret(name);
  const { host } = new URL(address);
  if (!found || value === undefined)
    throw new Error(`${host} was not asked: this deployment has no credential ${JSON.stringify(name)}`);
  if (!found.hosts.some((rule) => isOf(rule, address)))
    throw new Error(`${host} was not asked: the credential ${name} is not for this address`);
  return { value, header: found.header ?? BEARER, user: found.user ?? 'x-access-token' };
}

/** The field of a request that carries the secret, by its name in lower case. */
export function carrying({
  value,
  header,
}: Pick<ReturnType<typeof secretFor>, 'value' | 'header'>): Record<string, string> {
  const [, name = '', text = ''] = HEADER.exec(header) ?? [];
  return { [name.toLowerCase()]: text.replaceAll('{secret}', () => value) };
}
