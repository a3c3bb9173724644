/**
 * Which addresses of the web a session may ask. A rule is a host and all below it, with or without the beginning of a path: `example.com`,
 * `docs.example.com/v2`. What a session does not allow it denies, and a denial counts more than an allowance.
 */

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];
/** They change nothing, so they may be repeated. Source: RFC 9110, 9.2.1. */
export const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** What the shell may ask of a host. `secret`: the name of the one that the runtime puts in; null: none. */
export type ShellRule = { host: string; methods: Method[]; secret: string | null };

/** Whose repositories git may take, and whether it may push to them. `secret`: as in `ShellRule`. */
export type GitRule = { host: string; push: boolean; secret: string | null };

/**
 * `allow` null: no list, so that only known addresses are asked (known.ts). `searchesPerDay`: the most searches of a UTC day; null or left out: as
 * many as its money allows. `shell` left out: the shell has no network.
 */
export type WebAccess = {
  allow: string[] | null;
  deny: string[];
  searchesPerDay?: number | null;
  shell?: ShellRule[];
  git?: GitRule[];
};

/** How web_fetch may ask an address. `unlisted`: there is a list, and it is not on it. `known only`: there is no list. */
export type WebVerdict = 'allowed' | 'denied' | 'unlisted' | 'known only';

type Rule = { host: string; path: string };

/** More a day is no limit that anybody means. */
export const MOST_SEARCHES = 100_000;

const LONGEST_RULE = 253 + 512;
/** A host of letters, digits and hyphens with a dot in it; the parser has turned all other letters into these (IDN). */
const HOST = /^(?=.{1,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)+$/;

/** The rule as it is kept: its host in ASCII and lower case. Null for what is none: a scheme, a port, a query, a single name, a wildcard. */
export function ruleOf(text: string): string | null {
  const rule = parsed(text);
  const kept = rule && rule.host + (rule.path === '/' ? '' : rule.path);
  // A path with a space in it, say, could not be read back.
  return kept !== null && parsed(kept)?.path === rule?.path ? kept : null;
}

function parsed(text: string): Rule | null {
  if (text.length > LONGEST_RULE || /[\s?#@:*\\]/.test(text) || !URL.canParse(`https://${text}`)) return null;
  const url = new URL(`https://${text}`);
  const host = hostOf(url);
  const path = plainPath(url.pathname);
  return HOST.test(host) && path !== null ? { host, path } : null;
}

/** A dot at the end names the same host. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/\.$/, '');

export function verdictOn(address: string, access: WebAccess | null): WebVerdict {
  const url = new URL(address);
  const { allow = null, deny = [] } = access ?? {};
  if (deny.some((rule) => covers(rule, url, true))) return 'denied';
  if (allow === null) return 'known only';
  return allow.some((rule) => covers(rule, url, false)) ? 'allowed' : 'unlisted';
}

/** The first rule by which the shell may ask the address so. Null: none, or it is denied. */
export function shellRuleFor(address: string, method: string, { deny, shell = [] }: WebAccess): ShellRule | null {
  const url = new URL(address);
  if (deny.some((rule) => covers(rule, url, true))) return null;
  return shell.find(({ host, methods }) => methods.some((one) => one === method) && covers(host, url, false)) ?? null;
}

/** The first rule by which git may ask for the repository at the address; with or without `.git` at its end. Null: none, or it is denied. */
export function gitRuleFor(address: string, isPush: boolean, { deny, git = [] }: WebAccess): GitRule | null {
  const urls = [new URL(address), new URL(address.replace(/\.git$/, ''))];
  if (deny.some((rule) => urls.some((url) => covers(rule, url, true)))) return null;
  return git.find(({ host, push }) => (push || !isPush) && urls.some((url) => covers(host, url, false))) ?? null;
}

/** Whether the address is one of this very host's; what is below it is not. */
export const isOf = (rule: string, address: string): boolean =>
  covers(rule, new URL(address), false) && parsed(rule)?.host === hostOf(new URL(address));

/** A path that servers may read in more than one way is covered by each denial of its host, and by no allowance of a part of it. */
function covers(text: string, url: URL, denies: boolean): boolean {
  const rule = parsed(text);
  const host = hostOf(url);
  if (rule === null || (host !== rule.host && !host.endsWith(`.${rule.host}`))) return false;
  if (rule.path === '/') return true;
  const path = plainPath(url.pathname);
  if (path === null) return denies;
  const [own, given] = denies ? [rule.path.toLowerCase(), path.toLowerCase()] : [rule.path, path];
  const folder = own.replace(/\/$/, '');
  return given === folder || given.startsWith(`${folder}/`);
}

/** Decoded, without doubled slashes. Null where that is not all: what is encoded twice, and slashes, dots and backslashes in disguise. */
function plainPath(pathname: string): string | null {
  try {
    const path = decodeURIComponent(pathname);
    if (/%2f|%5c/i.test(pathname) || /%[0-9a-f]{2}|\\|[;\0]/i.test(path)) return null;
    if (path.split('/').some((part) => part === '..' || part === '.')) return null;
    return path.replace(/\/{2,}/g, '/');
  } catch {
    return null;
  }
}
