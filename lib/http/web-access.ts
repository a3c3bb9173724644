/** A session's part of the web, as the contract has it. */
import { z } from '@hono/zod-openapi';
import { MOST_SEARCHES, ruleOf, type WebAccess } from '../web/access.ts';

const Rule = z
  .string()
  .max(300)
  .refine(
    (text) => ruleOf(text) !== null,
    'Must be a host such as example.com, with or without the beginning of a path',
  );
const Rules = z.array(Rule).max(100);
const Searches = z.int().min(0).max(MOST_SEARCHES);

const about = {
  allow:
    'The only hosts that the session may fetch from, each with all below it and with or without the beginning of a path. null: no list; then it fetches only addresses that the goal, a message or a page or search result before named, letter for letter.',
  searches:
    'The most searches of the web in one UTC day. They are counted in the session, also over restarts and summaries; a search that fails counts. null: as many as its money allows.',
  deny: 'Hosts, or parts of them, that it never fetches from. Counts more than `allow`.',
};

/** As it is asked for. */
export const WantedWeb = z
  .strictObject({
    allow: Rules.nullable()
      .default(null)
      .openapi({ description: about.allow, example: ['example.com', 'docs.example.org/v2'] }),
    deny: Rules.default([]).openapi({ description: about.deny }),
    searches_per_day: Searches.nullable().default(null).openapi({ description: about.searches, example: 20 }),
  })
  .openapi('WantedWeb');

/** As it is kept. */
export const WebJson = z
  .strictObject({
    allow: z.array(z.string()).nullable().openapi({ description: about.allow }),
    deny: z.array(z.string()).openapi({ description: about.deny }),
    searches_per_day: Searches.nullable().openapi({ description: about.searches }),
  })
  .openapi('Web');

export const accessOf = ({ allow, deny, searches_per_day: searchesPerDay }: z.infer<typeof WantedWeb>): WebAccess => ({
  allow: allow && kept(allow),
  deny: kept(deny),
  searchesPerDay,
});

const kept = (rules: string[]): string[] => [...new Set(rules.flatMap((rule) => ruleOf(rule) ?? []))];

export const webJson = ({ allow, deny, searchesPerDay }: WebAccess): z.infer<typeof WebJson> => ({
  allow,
  deny,
  searches_per_day: searchesPerDay ?? null,
});
