/** A session's part of the web, as the contract has it. */
import { z } from '@hono/zod-openapi';
import { METHODS, MOST_SEARCHES, ruleOf, type WebAccess } from '../web/access.ts';

const Rule = z
  .string()
  .max(300)
  .refine(
    (text) => ruleOf(text) !== null,
    'Must be a host such as example.com, without a port, with or without the beginning of a path',
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

const ABOUT_SHELL =
  'What curl and JavaScript in the shell may ask of hosts, each with all below it. Left out or empty: the shell has no network. The first rule that fits a request counts; `deny` counts more.';

const Shell = z.strictObject({
  host: Rule.openapi({ description: 'As in `allow`.', example: 'api.github.com' }),
  methods: z
    .array(z.enum(METHODS))
    .min(1)
    .default(['GET', 'HEAD'])
    .openapi({ description: 'A script that sent another method than GET and HEAD is not run again after a crash.' }),
  secret: z.string().max(100).nullable().default(null).openapi({
    description:
      'The name of a credential of the deployment, whose value the runtime adds to these requests where it is for the host. The shell never sees it.',
  }),
});

const ABOUT_GIT =
  'Which repositories the tools git and git_push may take, by https. Left out or empty: the session has no such tools.';

const Git = z.strictObject({
  host: Rule.openapi({ description: 'As in `allow`.', example: 'github.com/me/site' }),
  push: z.boolean().default(false).openapi({ description: 'Whether the session may push there.' }),
  secret: z.string().max(100).nullable().default(null).openapi({ description: 'As in `shell`; git signs in with it.' }),
});

/** As it is asked for. */
export const WantedWeb = z
  .strictObject({
    allow: Rules.nullable()
      .default(null)
      .openapi({ description: about.allow, example: ['example.com', 'docs.example.org/v2'] }),
    deny: Rules.default([]).openapi({ description: about.deny }),
    searches_per_day: Searches.nullable().default(null).openapi({ description: about.searches, example: 20 }),
    shell: z.array(Shell).max(50).default([]).openapi({ description: ABOUT_SHELL }),
    git: z.array(Git).max(50).default([]).openapi({ description: ABOUT_GIT }),
  })
  .openapi('WantedWeb');

/** As it is kept. */
export const WebJson = z
  .strictObject({
    allow: z.array(z.string()).nullable().openapi({ description: about.allow }),
    deny: z.array(z.string()).openapi({ description: about.deny }),
    searches_per_day: Searches.nullable().openapi({ description: about.searches }),
    shell: z
      .array(z.strictObject({ host: z.string(), methods: z.array(z.enum(METHODS)), secret: z.string().nullable() }))
      .openapi({ description: ABOUT_SHELL }),
    git: z
      .array(z.strictObject({ host: z.string(), push: z.boolean(), secret: z.string().nullable() }))
      .openapi({ description: ABOUT_GIT }),
  })
  .openapi('Web');

export const accessOf = ({
  allow,
  deny,
  searches_per_day: searchesPerDay,
  shell,
  git,
}: z.infer<typeof WantedWeb>): WebAccess => ({
  allow: allow && kept(allow),
  deny: kept(deny),
  searchesPerDay,
  ...(shell.length > 0 && { shell: shell.map(inForm) }),
  ...(git.length > 0 && { git: git.map(inForm) }),
});

const inForm = <R extends { host: string }>(rule: R): R => ({ ...rule, host: ruleOf(rule.host) ?? rule.host });

const kept = (rules: string[]): string[] => [...new Set(rules.flatMap((rule) => ruleOf(rule) ?? []))];

export const webJson = ({ allow, deny, searchesPerDay, shell = [], git = [] }: WebAccess): z.infer<typeof WebJson> => ({
  ...{ allow, deny, shell, git },
  searches_per_day: searchesPerDay ?? null,
});
