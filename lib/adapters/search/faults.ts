/** What a status other than 200 says of a search. */
import type { HttpAnswer, NoResults, SearchFault } from '../../ports/index.ts';

/** 432 and 433 are Tavily's own: the plan's limit, and the limit of paying as used. Source: https://docs.tavily.com/documentation/api-reference/endpoint/search */
const FAULTS: Record<number, SearchFault> = {
  400: 'refused',
  401: 'credentials',
  402: 'quota',
  403: 'credentials',
  422: 'refused',
  429: 'slow',
  432: 'quota',
  433: 'quota',
};
/** Who is told to wait longer than this has used up more than a moment's share. */
const LONG_WAIT_S = 3_600;

/** Services bill no refusal. What fails on their side after the search may be billed all the same. */
export function faultOf({ status, headers }: HttpAnswer): NoResults {
  const retryAfter = waitOf(headers);
  const fault = FAULTS[status] ?? 'away';
  return {
    fault: fault === 'slow' && retryAfter !== null && retryAfter > LONG_WAIT_S ? 'quota' : fault,
    billed: status >= 500 ? null : false,
    retryAfter,
    why: `it answered ${status}`,
  };
}

/** Seconds; null: it does not say. */
function waitOf(headers: Record<string, string>): number | null {
  const after = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,8}$/.test(after)) return Number(after);
  const windows = numbers(headers['x-ratelimit-reset']);
  const left = numbers(headers['x-ratelimit-remaining']);
  const usedUp = windows.filter((_, at) => left[at] === 0);
  const waits = usedUp.length > 0 ? usedUp : windows.slice(0, 1);
  return waits.length === 0 ? null : Math.max(...waits);
}

/** Brave's limits have several windows, the shortest first. Source: https://api-dashboard.search.brave.com/documentation/guides/rate-limiting */
const numbers = (list = ''): number[] =>
  list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => /^\d{1,8}$/.test(part))
    .map(Number);
