/** A page of /docs as HTML that needs no script. */
import { Marked, type Token, type Tokens } from 'marked';
import { ofPages, slug } from './links.ts';
import type { DocsPage, PageGroup } from './pages.ts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const BRAND =
  '<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><circle cx="12" cy="12" r="9.5"/><path d="M12 2.5a9.5 9.5 0 0 1 0 19z"/></svg>';

/** Without signs of Markdown. */
const plain = (tokens: Token[]): string =>
  tokens
    .map((token) => ('tokens' in token && token.tokens ? plain(token.tokens) : 'text' in token ? token.text : ''))
    .join('');

type Rendered = { body: string; sections: { id: string; title: string }[] };

/** Markup in a document is text: what stands in `<…>` there is a placeholder. */
export function rendered(markdown: string): Rendered {
  const taken = new Map<string, number>();
  const sections: Rendered['sections'] = [];
  const anchor = (title: string): string => {
    const base = slug(title);
    const times = taken.get(base) ?? 0;
    taken.set(base, times + 1);
    return times === 0 ? base : `${base}-${times}`;
  };
  let under = '';
  const scrollers: Record<string, number> = {};
  /** What may be wider than the screen is scrolled by keys, too, so it has a name of its own. */
  const scroller = (what: string): string => {
    scrollers[what] = (scrollers[what] ?? 0) + 1;
    return `tabindex="0" role="region" aria-label="${what} ${scrollers[what]}: ${escaped(under)}"`;
  };
  const marked = new Marked({
    gfm: true,
    renderer: {
      html: ({ text }) => escaped(text),
      heading({ tokens, depth }: Tokens.Heading) {
        const title = plain(tokens);
        const inner = this.parser.parseInline(tokens);
        if (depth === 1) under = title;
        if (depth === 1) return `<h1>${inner}</h1>\n`;
        const id = anchor(title);
        if (depth === 2) sections.push({ id, title });
        under = title;
        return `<div class="titled"><h${depth} id="${id}">${inner}</h${depth}> <a class="here" href="#${id}" aria-label="Link to ${escaped(title)}">#</a></div>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${escaped(ofPages(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      code: ({ text }) => `<pre ${scroller('Example')}><code>${escaped(text)}</code></pre>\n`,
      // Without the end tags that HTML lets one leave out: the API carries every page.
      table(token: Tokens.Table) {
        const row = (cells: Tokens.TableCell[], tag: string) =>
          `<tr>${cells.map(({ tokens }) => (tag === 'th' && tokens.length === 0 ? '<td>' : `<${tag}>${this.parser.parseInline(tokens)}`)).join('')}`;
        const rows = token.rows.map((cells) => row(cells, 'td')).join('\n');
        return `<div class="wide" ${scroller('Table')}><table><thead>${row(token.header, 'th')}<tbody>${rows}</table></div>\n`;
      },
    },
  });
  return { body: marked.parse(markdown, { async: false }), sections };
}

function navigation(groups: PageGroup[], current: string | null, sections: Rendered['sections']): string {
  const inner = `<ul>${sections.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join('')}</ul>`;
  const item = ({ path, title }: DocsPage): string =>
    path === current
      ? `<li><a href="${path}" aria-current="page">${escaped(title)}</a>${sections.length > 0 ? inner : ''}</li>`
      : `<li><a href="${path}">${escaped(title)}</a></li>`;
  return groups.map(({ title, pages }) => `<h2>${title}</h2><ul>${pages.map(item).join('')}</ul>`).join('\n');
}

type Frame = { groups: PageGroup[]; style: string };

function framed({ groups, style }: Frame, head: string, path: string | null, { body, sections }: Rendered): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${head}
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${style}">
<body>
<a class="skip" href="#main">To the content</a>
<header class="top"><a class="brand" href="/docs">${BRAND}Circadian</a>
<nav aria-label="Main"><a href="/docs"${path === null ? '' : ' aria-current="true"'}>Documents</a><a class="pages" href="#pages">All pages</a><a href="/app">Dashboard</a></nav></header>
<div class="docs">
<main id="main" tabindex="-1">
${body}</main>
<nav id="pages" aria-label="Documents">
${navigation(groups, path, sections)}
</nav>
</div>
</body>
</html>
`;
}

export function pageOf(frame: Frame, page: DocsPage): string {
  const head = `<title>${escaped(page.title)}${page.path === '/docs' ? '' : ' · Circadian'}</title>
<meta name="description" content="${escaped(page.about)}">
<link rel="alternate" type="text/markdown" href="${page.path}.md">`;
  return framed(frame, head, page.path, rendered(page.markdown));
}

/** Of an address below /docs that is no page. */
export const missingPage = (frame: Frame): string =>
  framed(frame, '<title>Not found · Circadian</title>', null, {
    body: '<h1>Not found</h1>\n<p>There is no such page. All that there are stand in the list of pages, and <a href="/docs">the first one</a> says what this is.</p>\n',
    sections: [],
  });
