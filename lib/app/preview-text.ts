/** What a file is shown as, and documents as markup. What comes out is for a frame in which nothing runs, never for this page. */
import type { File } from './types.ts';

export type Kind = 'document' | 'page' | 'image' | 'bytes';

const IMAGES = /\.(png|jpe?g|gif|webp|svg|ico)$/i;
const BYTES = /\.(zip|gz|tgz|tar|pdf|woff2?|ttf|wasm|sqlite|db|mp[34]|docx|xlsx)$/i;
const MOST_BYTES = 2_000_000;
const MOST_ROWS = 1_000;

export function kindOf({ path, bytes }: Pick<File, 'path' | 'bytes'>): Kind {
  if (IMAGES.test(path)) return 'image';
  if (BYTES.test(path) || bytes > MOST_BYTES) return 'bytes';
  return /\.html?$/i.test(path) ? 'page' : 'document';
}

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The body of the frame's document. */
export async function documentOf(name: string, text: string): Promise<string> {
  if (/\.(md|markdown)$/i.test(name)) {
    const { marked } = await import('marked');
    return marked.parse(text, { async: false, gfm: true });
  }
  if (/\.csv$/i.test(name)) return tableOf(csvRows(text, MOST_ROWS + 1));
  if (/\.json$/i.test(name)) return `<pre>${escaped(indented(text))}</pre>`;
  return `<pre>${escaped(text)}</pre>`;
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The first rows: fields in quotes may hold commas, line ends and doubled quotes. */
export function csvRows(text: string, most: number): string[][] {
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length && rows.length <= most; i++) {
    const sign = text[i]!;
    if (quoted) {
      if (sign !== '"') field += sign;
      else if (text[i + 1] === '"') {
        field += '"';
        i++;
      } else quoted = false;
    } else if (sign === '"' && field === '') quoted = true;
    else if (sign === ',' || sign === '\n') {
      rows.at(-1)!.push(field.replace(/\r$/, ''));
      field = '';
      if (sign === '\n') rows.push([]);
    } else field += sign;
  }
  if (field !== '' || rows.at(-1)!.length > 0) rows.at(-1)!.push(field);
  return rows.filter((row) => row.length > 0).slice(0, most);
}

function tableOf([head = [], ...rows]: string[][]): string {
  const cells = (row: string[], tag: string) => row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('');
  const shown = rows.slice(0, MOST_ROWS - 1);
  const more = rows.length > shown.length ? '<p>The first 1,000 rows. Download the file for all of them.</p>' : '';
  return `<table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${shown.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table>${more}`;
}
