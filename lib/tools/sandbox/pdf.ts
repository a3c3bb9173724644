/**
 * The text of a PDF, page by page. It runs in the sandbox since a small PDF may inflate to gigabytes or never end: then the process is ended from
 * outside. Fonts, images and scripts of the document are neither loaded nor run.
 */
import { getDocumentProxy } from 'unpdf';
import type { Jobs, Reply } from './jobs.ts';

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof getDocumentProxy>>['getPage']>>;

const OPTIONS = {
  ...{ isEvalSupported: false, stopAtErrors: true, verbosity: 0, disableFontFace: true, useSystemFonts: false },
  ...{ enableXfa: false, isImageDecoderSupported: false, isOffscreenCanvasSupported: false },
};

export async function pdf({ content, mostPages, mostCharacters }: Jobs['pdf']['ask']): Promise<Reply<'pdf'>> {
  try {
    const document = await getDocumentProxy(Uint8Array.from(content), OPTIONS);
    const texts: string[] = [];
    let room = mostCharacters;
    while (texts.length < Math.min(document.numPages, mostPages) && room > 0) {
      const page = await document.getPage(texts.length + 1);
      const text = (await textOf(page)).slice(0, room).toWellFormed();
      room -= text.length;
      texts.push(text);
      page.cleanup();
    }
    return { answer: { pages: document.numPages, texts, cut: texts.length < document.numPages || room <= 0 } };
  } catch (error) {
    return { refused: whyNot(error as Error) };
  }
}

async function textOf(page: Page): Promise<string> {
  const { items } = await page.getTextContent();
  return items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
}

function whyNot({ name, message }: Error): string {
  if (name === 'PasswordException') return 'it is protected by a password';
  return `it is damaged, cut off or none at all (${message.slice(0, 200)})`;
}
