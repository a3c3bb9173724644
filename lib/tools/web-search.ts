/**
 * `web_search`: what a search service finds. Results of sites that the session does not allow are not shown, and a session without a list may fetch
 * the addresses of those that are (lib/web/known.ts).
 */
import * as z from 'zod';
import type { NoResults, Search, SearchResult } from '../ports/index.ts';
import { verdictOn, type WebAccess } from '../web/access.ts';
import { addressOf, WEB_SEARCH } from '../web/known.ts';
import { defineTool, type Tool, type ToolOutcome } from './define.ts';
import { ToolFailure } from './failure.ts';
import { plural } from './text.ts';
import { framed, markOf } from './web-frame.ts';

/** The service that a deployment has, and what a search of it costs, microdollars; null: nothing. */
export type SearchFacility = { search: Search; price: bigint | null };

const MOST_RESULTS = 20;
/** The longest that Brave takes. Source: https://api-dashboard.search.brave.com/documentation/services/web-search */
const MOST_QUERY = 400;
const MOST_TITLE = 200;
const MOST_TEXT = 1_000;
/** Of all texts of one answer: less of each, rather than a cut in the middle. */
const MOST_TEXTS = 16_000;

const DESCRIPTION = 'Searches the web: titles, addresses and excerpts of pages, which web_fetch can read.';

export function webSearch({ search, price }: SearchFacility, now: () => number = Date.now): Tool {
  return defineTool({
    name: WEB_SEARCH,
    description: price === null ? DESCRIPTION : `${DESCRIPTION} Each search costs money.`,
    effect: 'pure',
    ...(price !== null && { price }),
    input: z.object({
      query: z.string().trim().min(1).max(MOST_QUERY),
      count: z.int().min(1).max(MOST_RESULTS).default(10),
    }),
    async run(asking, { signal, web, idempotencyKey, log }) {
      const answer = await search(asking, signal);
      if ('results' in answer) return shown(answer.results, web.access, markOf(idempotencyKey), now());
      log('a search failed', { fault: answer.fault, why: answer.why });
      throw new ToolFailure(failed(answer), costOf(answer.billed, price));
    },
  });
}

const costOf = (billed: boolean | null, price: bigint | null): { cost?: bigint } =>
  billed === null ? {} : { cost: billed ? (price ?? 0n) : 0n };

/** Never the query: an address in it would become one that the web has named. */
function shown(results: SearchResult[], access: WebAccess | null, mark: string, at: number): ToolOutcome | string {
  const usable = results.flatMap((result) => {
    const url = addressOf(result.url);
    return url === null ? [] : [{ ...result, url }];
  });
  const allowed = usable.filter(({ url }) => !['denied', 'unlisted'].includes(verdictOn(url, access)));
  const hidden = usable.length - allowed.length;
  const left = hidden === 0 ? '' : ` ${plural(hidden, 'more result')} of sites that this session does not allow.`;
  if (allowed.length === 0) return `The search found nothing${hidden === 0 ? '' : ' else'}.${left} Try other words.`;
  const most = Math.min(MOST_TEXT, Math.floor(MOST_TEXTS / allowed.length));
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const list = allowed.map((result, i) => `${i + 1}. ${entry(result, most)}`).join('\n\n');
  return framed(`${plural(allowed.length, 'search result')}, ${when} UTC.${left}`, list, mark);
}

function entry({ title, url, text, date }: SearchResult, most: number): string {
  const head = [oneLine(title, MOST_TITLE) || '(no title)', url, ...(date ? [`date: ${oneLine(date, 40)}`] : [])];
  const excerpt = oneLine(text, most);
  return [...head, ...(excerpt === '' ? [] : [excerpt])].join('\n   ');
}

function oneLine(words: string, most: number): string {
  const line = words
    .slice(0, 2 * most)
    .replace(/\s+/g, ' ')
    .trim();
  return (line.length > most ? `${line.slice(0, most - 1)}…` : line).toWellFormed();
}

/** What the service said goes to the operator; the agent is told what to do. */
function failed({ fault, retryAfter }: NoResults): string {
  switch (fault) {
    case 'refused':
      return 'The search service did not take this query. Use fewer and plainer words.';
    case 'credentials':
      return 'The search service does not accept this deployment, so no search works until its operator mends that. Go on without.';
    case 'quota':
      return 'The account at the search service is used up for now, so no search works. Go on without, or search another day.';
    case 'slow':
      return `The search service is asked too often at the moment. Search again ${retryAfter === null ? 'later' : `in ${plural(retryAfter, 'second')} or more`}, and do something else until then.`;
    case 'away':
      return 'The search service gave no answer that can be read. Search again later, or go on without.';
  }
}
