/** A service that searches the web. */

/** `text`: what the service shows of the page. `date`: when the page was written, as the service says it. All of it was written by others. */
export type SearchResult = { title: string; url: string; text: string; date: string | null };

/**
 * Why there are no results. `refused`: the query, as it is. `credentials`: the key, or what the service lets this deployment do. `quota`: the
 * account has nothing left. `slow`: too many searches at once. `away`: no answer, or none that can be read.
 */
export type SearchFault = 'refused' | 'credentials' | 'quota' | 'slow' | 'away';

/**
 * `billed`: whether the service charges the search; null: nobody knows, since the answer was lost. `retryAfter`: seconds, where the service says so.
 * `why`: a part of a sentence for the operator's log, without query and key.
 */
export type NoResults = { fault: SearchFault; billed: boolean | null; retryAfter: number | null; why: string };

/**
 * Asks the service once: a repeat is another search, and is billed again. At most `count` results, the best first. Throws the signal's reason where
 * the signal ends it, and then it is unknown whether the search was billed.
 */
export type Search = (
  asking: { query: string; count: number },
  signal: AbortSignal,
) => Promise<{ results: SearchResult[] } | NoResults>;
