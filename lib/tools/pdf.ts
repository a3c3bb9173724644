/** PDFs as text, by the sandbox's reader. */
import type { Sandbox } from '../ports/index.ts';
import { ToolFailure } from './failure.ts';
import { type OutputBounds, offload } from './offload.ts';
import { processes } from './processes.ts';
import type { Jobs } from './sandbox/jobs.ts';
import { grouped, plural } from './text.ts';

/** Of one document. What is beyond is not read. */
export const MOST_PDF_PAGES = 200;
const MOST_PDF_CHARACTERS = 400_000;

export const PDF_BOUNDS: OutputBounds = {
  wallMs: 20_000,
  heapMb: 320,
  processMb: 500,
  advice: 'Small PDFs can hide much: this one is not read. Go on without it.',
};

export const isPdf = (content: Uint8Array): boolean =>
  Buffer.from(content.subarray(0, 5)).toString('latin1') === '%PDF-';

export type PdfText = Jobs['pdf']['answer'];

/** Throws a `ToolFailure` that begins with `what`, the document's quoted name, for one that cannot be read. */
export type PdfReader = (what: string, content: Uint8Array, signal: AbortSignal) => Promise<PdfText>;

export const pdfReader =
  (sandbox: Sandbox = processes, bounds: OutputBounds = PDF_BOUNDS): PdfReader =>
  async (what, content, signal) => {
    const ask = { content, mostPages: MOST_PDF_PAGES, mostCharacters: MOST_PDF_CHARACTERS };
    try {
      return await offload(sandbox, 'pdf', ask, bounds, signal);
    } catch (error) {
      if (!(error instanceof ToolFailure)) throw error;
      throw new ToolFailure(`${what} cannot be read as a PDF: ${error.message}`);
    }
  };

/** Without any text it is pictures of pages, such as a scan. */
export const hasText = ({ texts }: PdfText): boolean => texts.some((text) => text.trim() !== '');

/** Each page under a line with its number. */
export const pagesOf = ({ texts }: PdfText): string =>
  texts.map((text, i) => `[page ${i + 1}]\n${text.trim()}`).join('\n\n');

/** What is left out, or nothing. */
export const leftOut = ({ pages, texts, cut }: PdfText): string =>
  cut
    ? `Only ${plural(texts.length, 'page')} of ${grouped(pages)} and ${grouped(MOST_PDF_CHARACTERS)} characters at most are read.`
    : '';
