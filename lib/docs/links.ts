/** Where links of the documents lead once they are pages. */
import { posix } from 'node:path';

const START = 'start';

/** The address of a document's page: `money` → `/docs/money`. The first one is /docs itself. */
export const nameOfPage = (name: string): string => (name === START ? '/docs' : `/docs/${name}`);

const FENCE = /(^```[\s\S]*?^```)/m;
const LINK = /\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;

/**
 * Links between documents become addresses of their pages' Markdown, and a link to what is no page becomes its text: the sources are not served.
 */
export const linked = (markdown: string, from: string): string =>
  markdown
    .split(FENCE)
    .map((part) => (part.startsWith('```') ? part : part.replace(LINK, (_, text, to) => linkOf(text, to, from))))
    .join('');

function linkOf(text: string, to: string, from: string): string {
  if (/^(https?:|#|\/)/.test(to)) return `[${text}](${to})`;
  const [file, anchor] = to.split('#') as [string, string?];
  const path = posix.normalize(posix.join('docs', file));
  const name = /^docs\/([\w-]+)\.md$/.exec(path)?.[1];
  if (/^[a-z]+:/.test(to)) throw new Error(`${from} links to ${to}, which is no address of the web`);
  return name === undefined ? text : `[${text}](${nameOfPage(name)}.md${anchor === undefined ? '' : `#${anchor}`})`;
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
