/**
 * An HTML page as Markdown, in one pass: time and memory are linear in the page, and what is written has a bound. Navigation, footers, asides,
 * scripts, controls and what is hidden are left out, and so is a form that does not hold most of the page. Links are absolute.
 */
import { type Attributes, walk } from './elements.ts';
import { selfDescription } from './self-description.ts';
import { linkStart, tableStart } from './structures.ts';
import { writerOf } from './writer.ts';

/** `text`: Markdown. `cut`: there was more than `most` characters of it. */
export type Page = { title: string; text: string; cut: boolean };

/** Far more than an agent reads of one page. */
export const MOST_MARKDOWN = 400_000;

const LEFT_OUT = new Set(
  'script style noscript template svg math iframe object canvas audio video nav footer aside button select textarea datalist dialog'.split(
    ' ',
  ),
);
const HIDDEN_STYLE = /display\s*:\s*none|visibility\s*:\s*hidden/i;
const PARAGRAPHS = new Set(
  'p div section header ul ol dl figure figcaption fieldset address details summary'.split(' '),
);
const HEADING = /^h[1-6]$/;
/** A part that holds more of the text than this is the page; a form that holds less is none of it. */
const MAIN_SHARE = 0.4;
const LONGEST_TITLE = 500;

type Region = { main: boolean; from: number; to: number; characters: number };

/** `base`: the address of the page. */
export function markdown(html: string, { base, most = MOST_MARKDOWN }: { base: string; most?: number }): Page {
  const out = writerOf(most);
  const self = selfDescription();
  const table = tableStart(out);
  const link = linkStart(out, base);
  const ends: ((() => void) | null)[] = [];
  const regions: Region[] = [];
  let [title, skipped, mains] = ['', 0, 0];
  let inTitle = false;
  let code: { pieces: string[]; size: number; language: string } | null = null;

  function regionStart(main: boolean): () => void {
    if (main) mains += 1;
    out.lines(2);
    const [from, before] = [out.mark(), out.characters()];
    return () => {
      out.lines(2);
      if (main) mains -= 1;
      if (!main || mains === 0) regions.push({ main, from, to: out.mark(), characters: out.characters() - before });
    };
  }

  function codeStart(attributes: Attributes): (() => void) | null {
    if (code) return null;
    const own = { pieces: [] as string[], size: 0, language: languageOf(attributes) };
    code = own;
    return () => {
      code = null;
      const text = own.pieces.join('').replace(/^\n/, '');
      if (text.trim() !== '') out.block(fenced(text, own.language));
    };
  }

  const codeText = (piece: string): void => {
    if (!code || code.size >= most) return;
    code.pieces.push(piece);
    code.size += piece.length;
  };

  /** What its end does. */
  function start(name: string, attributes: Attributes): (() => void) | null {
    if (code) {
      if (name === 'br') codeText('\n');
      if (name === 'code') code.language ||= languageOf(attributes);
      return null;
    }
    if (HEADING.test(name)) return block(out.isOnOneLine() ? null : out.leading(`${'#'.repeat(Number(name[1]))} `));
    if (PARAGRAPHS.has(name)) return block(null);
    switch (name) {
      case 'main':
      case 'article':
        return regionStart(true);
      case 'form':
        return regionStart(false);
      case 'pre':
        return codeStart(attributes);
      case 'code':
      case 'kbd':
      case 'samp':
        return out.around('`', '`');
      case 'strong':
      case 'b':
        return out.around('**', '**');
      case 'em':
      case 'i':
        return out.around('*', '*');
      case 'a':
        return link(attributes);
      case 'img':
        return image(attributes.get('alt') ?? '');
      case 'br':
        out.lines(1);
        return null;
      case 'hr':
        return block(null, '---');
      case 'li':
        out.lines(1);
        return out.prefixed('  ', out.isOnOneLine() ? null : '- ');
      case 'dt':
        out.lines(2);
        return () => out.lines(1);
      case 'dd':
        out.lines(1);
        return out.prefixed('  ', null);
      case 'blockquote':
        return quoteStart();
      default:
        return table(name);
    }
  }

  function block(end: (() => void) | null, text = ''): () => void {
    out.lines(2);
    out.write(text);
    return () => {
      end?.();
      out.lines(2);
    };
  }

  function quoteStart(): () => void {
    out.lines(2);
    const end = out.prefixed('> ', null);
    return () => {
      out.lines(2);
      end();
    };
  }

  function image(alt: string): null {
    const words = alt.trim().slice(0, LONGEST_TITLE);
    if (words !== '') out.text(`![${words}]`, table.isCell());
    return null;
  }

  walk(html, {
    open(name, attributes) {
      if (skipped > 0) skipped += 1;
      else if (name === 'title') [skipped, inTitle] = [1, title === ''];
      else if (LEFT_OUT.has(name) || isHidden(name, attributes)) {
        skipped = 1;
        self.begin(name, attributes);
      } else {
        self.note(name, attributes);
        if (attributes.get('role') === 'main' && name !== 'main') ends.push(regionStart(true));
        else ends.push(start(name, attributes));
      }
    },
    close() {
      if (skipped === 0) ends.pop()?.();
      else if (--skipped === 0) {
        inTitle = false;
        self.end();
      }
    },
    text(piece) {
      if (inTitle && title.length < LONGEST_TITLE) title += piece;
      else if (skipped > 0) self.text(piece);
      else if (code) codeText(piece);
      else out.text(piece, table.isCell());
    },
    full: out.full,
  });

  const text = chosen(regions, out).join('').trim();
  return {
    title: title.replace(/\s+/g, ' ').trim().slice(0, LONGEST_TITLE),
    text: self.isBare(out.characters()) ? `${self.told()}\n\n${text}`.trim() : text,
    cut: out.full(),
  };
}

/** The body itself is often hidden until a script has run, or while a dialogue lies above it. */
const isHidden = (name: string, attributes: Attributes): boolean =>
  name !== 'body' &&
  name !== 'html' &&
  (attributes.has('hidden') ||
    attributes.get('aria-hidden') === 'true' ||
    HIDDEN_STYLE.test(attributes.get('style')?.slice(0, 500) ?? ''));

const languageOf = (attributes: Attributes): string =>
  attributes.get('data-lang') ??
  attributes.get('data-language') ??
  /(?:^|\s)(?:lang|language|highlight-source)-([\w+#.-]{1,30})/.exec(
    attributes.get('class')?.slice(0, 500) ?? '',
  )?.[1] ??
  '';

/** With more backticks than the code itself has in a row. */
function fenced(text: string, language: string): string {
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language.replace(/[^\w+#.-]/g, '').slice(0, 30)}\n${text.trimEnd()}\n${fence}`;
}

/** The main part where it holds most of the text, else all but small forms. */
function chosen(regions: Region[], out: ReturnType<typeof writerOf>): string[] {
  const whole = out.characters();
  for (const { main, from, to, characters } of regions)
    if (!main && characters <= whole * MAIN_SHARE) out.erase(from, to);
  const [best] = regions.filter(({ main }) => main).sort((a, b) => b.characters - a.characters);
  return best && best.characters > whole * MAIN_SHARE ? out.piecesFrom(best.from, best.to) : out.piecesFrom(0);
}
