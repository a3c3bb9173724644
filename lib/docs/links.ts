/** Where links of the documents lead once they are pages. */
const START = 'start';

/** The address of a document's page: `money` → `/docs/money`. The first one is /docs itself. */
export const nameOfPage = (name: string): string => (name === START ? '/docs' : `/docs/${name}`);

const FENCE = /(^```[\s\S]*?^```)/m;
const LINK = /\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;

/**
 * Links between documents become addresses of their pages' Markdown, and a link to anything else in the repository becomes its text: that is not
 * served. `served`: the names of documents that are pages.
 */
export const linked = (markdown: string, served: ReadonlySet<string>): string =>
  markdown
    .split(FENCE)
    .map((part) => (part.startsWith('```') ? part : part.replace(LINK, (_, text, to) => linkOf(text, to, served))))
    .join('');

function linkOf(text: string, to: string, served: ReadonlySet<string>): string {
  if (/^(https?:|#|\/)/.test(to)) return `[${text}](${to})`;
  const [, name, anchor = ''] = /^([\w-]+)\.md(#.*)?$/.exec(to) ?? [];
  return name !== undefined && served.has(name) ? `[${text}](${nameOfPage(name)}.md${anchor})` : text;
}

/** The same link for who reads the page and not its Markdown. */
export const ofPages = (href: string): string => href.replace(/^(\/docs(?:\/[\w-]+)?)\.md(?=#|$)/, '$1');

/** The anchor of a heading, as code hosts make it. */
export const slug = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
