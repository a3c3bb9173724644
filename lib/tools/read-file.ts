/** `read_file`: a text file with line numbers, a page at a time; a PDF as its text or as it looks; an image as it looks. The bytes say which. */
import * as z from 'zod';
import { MEDIA_LIMITS } from '../core/media.ts';
import { imageHead } from '../image.ts';
import { readBytes, readText } from './content.ts';
import { defineTool, type Observation } from './define.ts';
import { ToolFailure } from './failure.ts';
import { showDocument, showImage } from './media.ts';
import { shown } from './paths.ts';
import { hasText, isPdf, leftOut, type PdfReader, type PdfText, pagesOf, pdfReader } from './pdf.ts';
import { grouped, plural } from './text.ts';

const MOST_LINES = 2000;
/** Less than a result may hold, so that a page is never cut in its middle. */
const PAGE_CHARACTERS = 28_000;
const LINE_CHARACTERS = 2000;

export const createReadFile = (pdf: PdfReader = pdfReader()) =>
  defineTool({
    name: 'read_file',
    description: `Reads a file of the workspace: text and the text of a PDF, or an image (PNG, JPEG, GIF, WebP), which you then see. Each line comes with its number and a tab in front, which are not part of the file. Gives up to ${grouped(MOST_LINES)} lines or ${grouped(PAGE_CHARACTERS)} characters and says where to go on. Lines over ${grouped(LINE_CHARACTERS)} characters are cut.`,
    effect: 'pure',
    input: z.object({
      path: z.string().describe('Relative to the workspace, or absolute under /workspace.'),
      offset: z.int().min(1).max(10_000_000).optional().describe('First line to read, counted from 1. Default 1.'),
      limit: z.int().min(1).max(MOST_LINES).optional().describe(`Number of lines. Default ${MOST_LINES}.`),
      look: z
        .boolean()
        .optional()
        .describe(`See the pages of a PDF, at most ${MEDIA_LIMITS.pages}, instead of its text: 2,500 tokens each.`),
    }),
    run: async ({ path: given, offset = 1, limit = MOST_LINES, look = false }, { files, signal }) => {
      const workspace = await files();
      const { path, content } = readBytes(workspace, given);
      const head = imageHead(content);
      if (head !== null) return showImage(path, content, head);
      if (isPdf(content))
        return readPdf(path, await pdf(shown(path), content, signal), content, { offset, limit, look });
      return textPage(path, readText(workspace, given).text, offset, limit);
    },
  });

export const readFile = createReadFile();

type Asked = { offset: number; limit: number; look: boolean };

/** A scan has no text, so that only its pages say something. */
function readPdf(path: string, pdf: PdfText, content: Uint8Array, asked: Asked): Observation {
  if (asked.look || !hasText(pdf)) return showDocument(path, content, pdf);
  const note = leftOut(pdf);
  const text = textPage(path, pagesOf(pdf), asked.offset, asked.limit);
  return { content: note === '' ? text : `${text}\n[${note}]`, isError: false };
}

function textPage(path: string, text: string, offset: number, limit: number): string {
  if (text === '') return `(${shown(path)} is empty)`;
  const lines = linesOf(text);
  if (offset > lines.length) throw new ToolFailure(`${shown(path)} has only ${plural(lines.length, 'line')}.`);
  return page(lines, offset, Math.min(lines.length, offset - 1 + limit), text.includes('\r\n'));
}

/** A newline at the end closes the last line; it does not begin another. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function page(lines: string[], first: number, last: number, carriageReturns: boolean): string {
  const shownLines: string[] = [];
  let room = PAGE_CHARACTERS;
  let number = first;
  for (; number <= last; number++) {
    const line = `${number}\t${cutLine((lines[number - 1] ?? '').replace(/\r$/, ''))}`;
    room -= line.length + 1;
    if (room < 0) break;
    shownLines.push(line);
  }
  const notes: string[] = [];
  if (number <= lines.length) {
    notes.push(`[lines ${first} to ${number - 1} of ${lines.length}; go on with offset ${number}]`);
  }
  if (carriageReturns) notes.push('[lines end with \\r\\n]');
  return [...shownLines, ...notes].join('\n');
}

const cutLine = (line: string): string =>
  line.length <= LINE_CHARACTERS
    ? line
    : `${line.slice(0, LINE_CHARACTERS)} [… ${grouped(line.length - LINE_CHARACTERS)} more characters in this line]`;
