/** Pages as Markdown: what is kept, what is left out, and that no page makes it take more than its share of work. */
import { describe, expect, it } from 'vitest';
import { walk } from '../../lib/web/elements.ts';
import { markdown } from '../../lib/web/markdown.ts';

const base = 'https://docs.example/guide/start';
const of = (html: string, most?: number) => markdown(html, { base, ...(most !== undefined && { most }) });
const text = (html: string) => of(html).text;

describe('a page', () => {
  it('keeps headings, lists, links, tables and code, and drops what is around them', () => {
    const page = of(`<!doctype html><html><head><title> The  Guide </title><style>p{}</style></head><body>
      <nav><ul><li><a href="/">Nav</a></ul></nav><header><h1>Start <em>here</em></h1></header>
      <p>Read <a href="../next?a=1&amp;b=2#top">the <b>next</b> page</a>&nbsp;first, or <a href="#here">this</a>, <a href="javascript:x()">that</a>.
      <ul><li>One<li>Two<ol><li>Inner</ol></li></ul>
      <table><thead><tr><th>Name<th>Size</thead><tr><td>a | b<td><p>1</p><p>2</p></table>
      <pre><code class="language-ts">const t = 1;
if (t) {
  run(t);
}</code></pre>
      <blockquote><p>Said<p>twice</blockquote><dl><dt>Term<dd>Meaning</dl>
      <p hidden>no</p><div aria-hidden="true">no</div><div style="color:red; display : none">no<div>no</div>no</div>
      <form><label>Search</label><input><button>Go</button></form><aside>no</aside><footer>no</footer><svg><text>no</text></svg>
      <p>Use <code>npm ci</code> &lt;now&gt;.<br>Then <img alt="a chart" src="x.png"></body>`);
    expect(page).toEqual({
      title: 'The Guide',
      cut: false,
      text: `# Start *here*

Read [the **next** page](https://docs.example/next?a=1&b=2#top) first, or this, that.

- One
- Two
  
  - Inner

| Name | Size |
| --- | --- |
| a \\| b | 1 2 |

\`\`\`ts
const t = 1;
if (t) {
  run(t);
}
\`\`\`

> Said

> twice

Term
  Meaning

Use \`npm ci\` <now>.
Then ![a chart]`.replace('\n  \n', '\n\n'),
    });
  });

  it('is its main part where that holds most of the text, and all of it where it does not', () => {
    const words = (n: number) => 'word '.repeat(n);
    expect(text(`<div>${words(50)}</div><main><h1>M</h1>${words(60)}</main>`)).toBe(`# M\n\n${words(60).trim()}`);
    expect(text(`<div role=main>only ${words(60)}</div>tail`)).toMatch(/^only/);
    expect(text(`<div>around ${words(50)}</div><main>${words(20)}</main>`)).toMatch(/^around/);
    expect(
      text(`<article>a ${words(9)}</article><article>b ${words(9)}</article><article>c ${words(9)}</article>`),
    ).toMatch(/^a.*\nb.*\nc/s);
  });

  it('is a form where that holds most of the text', () => {
    expect(text('<form><h1>Old page</h1><p>All of it is in one form.</form>')).toContain('All of it');
    expect(text(`<p>${'A long text. '.repeat(20)}</p><form>Your e-mail</form>`)).not.toContain('e-mail');
  });

  it('has a fence that its code does not end, and a table in a table is one of its own', () => {
    expect(text('<pre data-lang="md">```\nx\n```</pre>')).toBe('````md\n```\nx\n```\n````');
    const nested = '<table><tr><td>A<table><tr><th>x<th>y<tr><td>1<td>2</table></td><td>B</td></tr></table>';
    expect(text(nested)).toContain('\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\nB');
  });

  it('says that it needs JavaScript, and what it says of itself', () => {
    const page = `<head><meta property="og:title" content="Shop"><meta name=description content="All  things">
      <script type="application/ld+json">{"@type":"Product","price":"9"}</script></head><div id=root></div><script src=x></script>`;
    expect(text(page)).toBe(
      'This page needs JavaScript for more than this, and it is not run here. It says of itself:\n\n- og:title: Shop\n- description: All things\n- as data (JSON-LD): {"@type":"Product","price":"9"}',
    );
    expect(text('<p>Short, and whole.')).toBe('Short, and whole.');
    expect(text(`<script>x</script><p>${'Enough text. '.repeat(20)}`)).toMatch(/^Enough/);
  });

  it('shows no sign that cannot be seen', () => {
    expect(text('<p>a&shy;b\u200B\u202Ec\u{E0041}\u{E0042}d')).toBe('abcd');
  });
});

/** What could make it slow: pages that no person writes. `n`: about so many characters. */
const HOSTILE: Record<string, (n: number) => string> = {
  'unclosed tags, then end tags of none': (n) => '<b>'.repeat(n / 6) + '</i>'.repeat(n / 8),
  'end tags of an outer element': (n) => `<div>${'<p><b></div><div>'.repeat(n / 16)}`,
  'forms in each other': (n) => '<form>'.repeat(n / 6),
  'deep nesting': (n) => `${'<div>'.repeat(n / 22)}deep${'</div>'.repeat(n / 12)}`,
  'lists in each other': (n) => '<ul><li>x'.repeat(n / 9),
  'links without words': (n) => `<a href="${'x/'.repeat(20)}">`.repeat(n / 50),
  'tables in each other': (n) => '<table><tr><td>x'.repeat(n / 16),
  cells: (n) => `<table><tr>${'<td>'.repeat(n / 4)}`,
  attributes: (n) => `<p ${'a=b '.repeat(n / 4)}>`,
  'one attribute': (n) => `<p style="${'display '.repeat(n / 8)}">`,
  spaces: (n) => `<pre>${' '.repeat(n)}x</pre><p>${' '.repeat(n / 2)}x`,
  backticks: (n) => `<pre>${'`'.repeat(n)}`,
  entities: (n) => '&amp;&#60;&nosuch '.repeat(n / 18),
  'open angle brackets': (n) => '<'.repeat(n),
  'an unclosed comment': (n) => `<!--${'-'.repeat(n)}`,
  'an unclosed title': (n) => `<title>${'x <b>'.repeat(n / 5)}`,
  'names of tags': (n) => Array.from({ length: n / 8 }, (_, i) => `<a${i}>`).join(''),
  'parts of a page': (n) => '<main><article>x</article></main>'.repeat(n / 33),
};

/** What the page makes the reader do: elements that open and close, and pieces of text. */
function events(html: string) {
  const seen = { opened: 0, closed: 0, deepest: 0, pieces: 0 };
  walk(html, {
    open: () => {
      seen.opened += 1;
      seen.deepest = Math.max(seen.deepest, seen.opened - seen.closed);
    },
    close: () => {
      seen.closed += 1;
    },
    text: () => {
      seen.pieces += 1;
    },
    full: () => false,
  });
  return seen;
}

describe.each(Object.entries(HOSTILE))('a page of %s', (_, page) => {
  it('opens and closes each element once, and what it gives has its bound', () => {
    const html = page(1_000_000);
    const { opened, closed, deepest, pieces } = events(html);
    expect(closed).toBe(opened);
    expect(opened).toBeLessThanOrEqual(html.split('<').length);
    expect(deepest).toBeLessThanOrEqual(5_000);
    expect(pieces).toBeLessThanOrEqual(html.length);
    // A list that is searched for each of these tags would keep this busy beyond the test's time.
    expect(of(html, 20_000).text.length).toBeLessThan(45_000);
  });
});
