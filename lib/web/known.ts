/**
 * The addresses that others have named: persons in the goal and in messages, and the web itself in results. Without an allow-list only these are
 * asked, letter for letter. An address of the agent's own could carry out what it knows, in its path or its query.
 */

/** A stored turn, as far as it is looked at here. */
type Row = { n: number; role: string; content: readonly object[] };

/** The tools whose results have addresses of the web. What other tools give may come from the agent itself. */
export const WEB_FETCH = 'web_fetch';
export const WEB_SEARCH = 'web_search';
const GOAL = 1;
/** The runtime's own words, and those of the agent that it quotes: a summary, a hand-off note. */
const QUOTED = '[runtime]';

const ADDRESS = /\bhttps?:\/\/[^\s<>"`\\^{}|\u3000-\u303F\uFF00-\uFF20]+/giu;
/** A host that a person names without a scheme, with what follows it. */
const BARE =
  /(?<![\w\p{L}\p{N}@./:-])(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,24}(?:\/[^\s<>"`\\^{}|]*)?/gu;
const LONGEST = 2_048;
/** Signs that may end an address or the sentence around it: both are taken. */
const MAY_END = /[)\]}>'"*_~.,;:!?…]$/;
const MOST_ENDS = 8;

/** The form in which addresses are compared and asked: without a fragment, by https. Null for what is no address of the web. */
export function addressOf(text: string): string | null {
  if (text.length > LONGEST || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  url.hash = '';
  // Links of old are asked where they lead to today; only this machine itself is asked otherwise, where that is allowed at all.
  if (url.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) url.protocol = 'https:';
  return url.href;
}

/** `byPerson`: names of hosts count, too. */
export function addressesIn(text: string, byPerson: boolean): string[] {
  const plain = text.replaceAll('\\/', '/');
  const found = [
    ...(plain.match(ADDRESS) ?? []),
    ...(byPerson ? (plain.match(BARE) ?? []).map((name) => `https://${name}`) : []),
  ];
  return found.flatMap(endings).flatMap((one) => addressOf(one) ?? []);
}

function endings(address: string): string[] {
  const all = [address];
  for (let rest = address; all.length < MOST_ENDS && MAY_END.test(rest); ) {
    rest = rest.slice(0, -1);
    all.push(rest);
  }
  return all;
}

/** `rows`: stored turns, never the prompt, where summaries take their place. `said`: messages that no row has yet. */
export function knownIn(rows: readonly Row[], said: readonly string[]): Set<string> {
  const known = new Set(said.flatMap((text) => addressesIn(text, true)));
  const web = new Map<string, ReadonlySet<string>>();
  for (const { n, role, content } of rows) {
    for (const block of content as readonly Record<string, unknown>[]) {
      if (role === 'assistant') {
        if (block.type === 'tool_use' && (block.name === WEB_FETCH || block.name === WEB_SEARCH))
          web.set(String(block.id), own(block.input));
      } else for (const address of named(block, n, web)) known.add(address);
    }
  }
  return known;
}

/** What the agent put into its query may come back in a result. It is named by nobody else. */
const own = (input: unknown): ReadonlySet<string> =>
  new Set(addressesIn(String((input as { query?: unknown } | null)?.query ?? ''), true));

/** An error may repeat what the agent asked for, so it names nothing. */
function named(block: Record<string, unknown>, n: number, web: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  if (block.type === 'tool_result') {
    const asked = web.get(String(block.tool_use_id));
    if (asked === undefined || block.is_error === true) return [];
    return addressesIn(String(block.content), false).filter((address) => !asked.has(address));
  }
  if (block.type !== 'text' || block.runtime === true) return [];
  const text = String(block.text);
  return n !== GOAL && text.startsWith(QUOTED) ? [] : addressesIn(text, true);
}
