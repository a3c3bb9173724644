/** What an address that a user gave must look like, before anything is resolved: the part of the guard that can be told at once. */
import { isIP } from 'node:net';
import { isLoopback, isPublic } from './address.ts';

/**
 * `loopback`: plain http to this very machine, on any port, is allowed besides; for trying things on localhost. `origin`: this one origin is allowed
 * besides, with its scheme and port, also in a private network. It is the operator's word, never a user's or an agent's.
 */
export type UrlRules = { loopback?: boolean; origin?: string };

const MOST_CHARACTERS = 2_048;

/** The host without the brackets of an IPv6 literal. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** True for an address that means this machine, by the rule that allows it. */
export const isForLoopback = (url: URL, { loopback = false }: UrlRules): boolean =>
  loopback && url.protocol === 'http:' && (hostOf(url) === 'localhost' || isLoopback(hostOf(url)));

/** True for an address of the origin that the operator named. */
export const isOfOrigin = (url: URL, { origin }: UrlRules): boolean => origin !== undefined && url.origin === origin;

/**
 * The URL, or what is wrong with it, to be read after the field's name. The URL parser turns every notation of an IPv4 address (decimal,
 * octal, hexadecimal, short) into plain dotted decimals. So one look at the host is enough.
 */
export function checkUrl(text: string, rules: UrlRules = {}): { url: URL } | { fault: string } {
  if (text.length > MOST_CHARACTERS) return { fault: `must be at most ${MOST_CHARACTERS} characters` };
  if (!URL.canParse(text)) return { fault: 'must be an https address' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return { fault: 'must not carry a user name or a password' };
  if (isForLoopback(url, rules) || isOfOrigin(url, rules)) return { url };
  if (url.protocol !== 'https:') return { fault: 'must be an https address' };
  if (url.port !== '') return { fault: 'must be on port 443' };
  const host = hostOf(url);
  if (isIP(host) ? !isPublic(host) : !/[^.]\.[^.]/.test(host)) return { fault: 'must name a public host' };
  return { url };
}
