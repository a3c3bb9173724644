/** The pages of /docs in their order: what each is called, what it is about, and its Markdown. */
import { readFileSync } from 'node:fs';
import { api } from './api.ts';
import { concepts } from './concepts.ts';
import { type Contract, contractDocument } from './contract.ts';
import { events } from './events.ts';
import { linked, nameOfPage } from './links.ts';
import { schemas } from './schemas.ts';

/** `about`: one line, in lists of pages. `make`: for a page that is made from the code; the others are documents of docs/. */
type Entry = { name: string; about: string; make?: (contract: Contract) => string };
/** `path`: as in `/docs/money`, and its Markdown at `/docs/money.md`. */
export type DocsPage = { path: string; title: string; about: string; markdown: string };
export type PageGroup = { title: string; pages: DocsPage[] };

const GROUPS: Record<string, Entry[]> = {
  Begin: [
    { name: 'start', about: 'What this is, and the first call.' },
    { name: 'install', about: 'A project of your own, and where it runs.' },
    { name: 'concepts', about: 'The words of the API, each in a sentence.', make: concepts },
    {
      name: 'life-of-a-session',
      about: 'From the request to the wake after midnight, and where the money is at each step.',
    },
    { name: 'money', about: 'How much an agent may spend, and how that is kept.' },
  ],
  Reference: [
    { name: 'api', about: 'Every operation: parameters, bodies, answers, problems, and a call to copy.', make: api },
    { name: 'schemas', about: 'What requests and answers hold, field by field.', make: schemas },
    { name: 'events', about: 'Every event of the journal and its fields.', make: events },
    { name: 'errors', about: 'Every problem: what it means for money and work, and what to do.' },
    { name: 'webhooks', about: 'Notices to a system of yours: bodies, signatures, retries.' },
  ],
  Use: [
    { name: 'client', about: 'The client for TypeScript and JavaScript.' },
    { name: 'cli', about: 'The command line.' },
    { name: 'dashboard', about: 'What people see of their agents.' },
    { name: 'files', about: 'The workspace of a session: read, write, archives.' },
    { name: 'memory', about: 'What sessions of a user remember together.' },
    { name: 'approvals', about: 'Calls that wait for a person, the inbox, and results as data.' },
    { name: 'schedules', about: 'Sessions that start by themselves: at set times, or by a signed message.' },
    { name: 'web', about: 'What agents may fetch and search.' },
    { name: 'git', about: 'Repositories that agents clone and push to.' },
    { name: 'mcp', about: 'MCP servers for sessions, and Circadian as one.' },
  ],
  Operate: [
    { name: 'operations', about: 'How to run it on localhost and on AWS, and what that costs.' },
    { name: 'configuration', about: 'Every setting.' },
    { name: 'payments', about: 'Budgets and top-ups that Stripe tells of.' },
    { name: 'tools', about: 'Agents and tools of your own.' },
    { name: 'testing', about: 'Tests of your agents and tools: a scripted model, and a clock that you move.' },
    { name: 'observability', about: 'Traces for an OpenTelemetry receiver.' },
    { name: 'security', about: 'What is defended, how, and what is not.' },
  ],
  Background: [
    { name: 'invariants', about: 'What users may rely on, and the rules that keep it.' },
    { name: 'glossary', about: 'Every word of the API and the code.' },
  ],
};

const documentOf = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8').replace(/^<!--[\s\S]*?-->\s*/, '');

const titleOf = (markdown: string): string => /^# (.+)$/m.exec(markdown)![1]!;

/** Of all that there is. A page that has no heading of its own is a fault. */
export async function pageGroups(): Promise<PageGroup[]> {
  const contract = await contractDocument();
  const served = new Set(Object.values(GROUPS).flatMap((entries) => entries.map(({ name }) => name)));
  return Object.entries(GROUPS).map(([title, entries]) => ({
    title,
    pages: entries.map(({ name, about, make }) => {
      const markdown = linked(make ? make(contract) : documentOf(name), served);
      return { path: nameOfPage(name), title: titleOf(markdown), about, markdown };
    }),
  }));
}
