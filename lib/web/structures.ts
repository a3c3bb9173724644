/** Tables and links of a page as Markdown. */
import type { Attributes } from './elements.ts';
import type { Writer } from './writer.ts';

const MOST_COLUMNS = 200;
const LONGEST_ADDRESS = 2_048;

/** `layout`: a table in one of its cells shows that it places things on the page. `cells`: of the present row. */
type Table = { layout: boolean; rows: number; cells: number };

/** Begins a table, a row or a cell, and returns what its end does. */
export function tableStart(out: Writer) {
  const tables: Table[] = [];
  let cell: Table | null = null;

  function table(): () => void {
    const around = cell;
    if (around) around.layout = true;
    cell = null;
    const end = out.onLines();
    out.lines(2);
    tables.push({ layout: false, rows: 0, cells: 0 });
    return () => {
      tables.pop();
      out.lines(2);
      cell = around;
      // What is left of a cell that holds a table is written in lines, too.
      if (!around) end();
    };
  }

  function row(own: Table): (() => void) | null {
    out.lines(1);
    own.cells = 0;
    return () => {
      if (own.layout || own.cells === 0) return;
      out.space();
      out.write('|');
      if (own.rows === 0) {
        out.lines(1);
        out.write(`|${' --- |'.repeat(Math.min(own.cells, MOST_COLUMNS))}`);
      }
      own.rows += 1;
      out.lines(1);
    };
  }

  function cellStart(own: Table): () => void {
    if (own.layout) {
      out.lines(1);
      return () => {};
    }
    const before = cell;
    cell = own;
    own.cells += 1;
    out.space();
    out.write('|');
    out.space();
    const end = out.onOneLine();
    return () => {
      cell = before;
      if (!own.layout) end();
    };
  }

  const start = (name: string): (() => void) | null => {
    const own = tables.at(-1);
    if (name === 'table') return table();
    if (name === 'tr' && own) return row(own);
    if ((name === 'td' || name === 'th') && own) return cellStart(own);
    if (name === 'caption') out.lines(2);
    return null;
  };
  return Object.assign(start, { isCell: () => cell !== null && !cell.layout });
}

/** Begins a link. Only the web's own addresses are kept; of others, and of places on the page itself, the words stay. */
export const linkStart =
  (out: Writer, base: string) =>
  (attributes: Attributes): (() => void) | null => {
    const href = attributes.get('href') ?? '';
    if (out.full() || href === '' || href.startsWith('#') || href.length > LONGEST_ADDRESS) return null;
    const endOfLine = out.onOneLine();
    // Resolved only where there are words, so that the work has the bound that the writing has.
    const to = () => absolute(href, base);
    const end = out.around('[', '');
    const from = out.mark();
    return () => {
      endOfLine();
      const address = out.mark() > from ? to() : null;
      if (address === null) out.erase(from - 1, from);
      end();
      if (address !== null) out.joined(`](${address})`);
    };
  };

function absolute(href: string, base: string): string | null {
  if (!URL.canParse(href, base)) return null;
  const url = new URL(href, base);
  return ['https:', 'http:', 'mailto:'].includes(url.protocol) && url.href.length <= LONGEST_ADDRESS ? url.href : null;
}
