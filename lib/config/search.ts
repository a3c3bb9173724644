/** The settings of the search service, and what the one that is named needs besides. */
import * as z from 'zod';
import { ownService, whole } from './forms.ts';
import { PASSED, type Setting } from './setting.ts';

export const SEARCH = {
  SEARCH_SERVICE: {
    schema: z.enum(['brave', 'tavily', 'searxng']).optional(),
    description:
      'The service behind the tool `web_search`. `brave` and `tavily` need `SEARCH_API_KEY`, `searxng` needs `SEARXNG_URL`. Without it, no agent has the tool.',
    ...PASSED,
  },
  SEARXNG_URL: {
    schema: ownService.optional(),
    description:
      'Address of a SearXNG of your own, which must answer in JSON. It may stand in a private network: this origin alone is exempt from the guard.',
    ...PASSED,
  },
  SEARCH_PRICE: {
    schema: whole('microdollars', 0).optional(),
    description: 'What a search is charged. Without it, the list price: 5000 at Brave, 8000 at Tavily, 0 at a SearXNG.',
    ...PASSED,
  },
} as const satisfies Record<string, Setting>;

type Given = { SEARCH_SERVICE?: unknown; SEARCH_API_KEY?: unknown; SEARXNG_URL?: unknown };

/** The variable that is missing; null: none. Functions that run no tools are given no key, and need none. */
export function missingForSearch(
  { SEARCH_SERVICE: service, SEARCH_API_KEY: key, SEARXNG_URL: url }: Given,
  { runsTools }: { runsTools: boolean },
): 'SEARCH_API_KEY' | 'SEARXNG_URL' | null {
  if (!service) return null;
  if (service === 'searxng') return url ? null : 'SEARXNG_URL';
  return key || !runsTools ? null : 'SEARCH_API_KEY';
}
