/** Files as the model sees them: what may be shown, and the words for what may not. */
import { MEDIA_LIMITS } from '../core/media.ts';
import type { MediaBlock } from '../core/session.ts';
import type { ImageHead } from '../image.ts';
import type { Observation } from './define.ts';
import { ToolFailure } from './failure.ts';
import { shown } from './paths.ts';
import type { PdfText } from './pdf.ts';
import { grouped, plural } from './text.ts';

export function showImage(path: string, content: Uint8Array, { type, size }: ImageHead): Observation {
  if (size === null)
    throw new ToolFailure(`${shown(path)} begins as ${type}, but is damaged or cut off: it is not shown.`);
  const { width, height } = size;
  if (Math.max(width, height) > MEDIA_LIMITS.pixels)
    throw new ToolFailure(
      `${shown(path)} has ${grouped(width)} × ${grouped(height)} px, and ${grouped(MEDIA_LIMITS.pixels)} a side can be shown.`,
    );
  refuseLarge(path, content);
  return showing({
    ...{ type: 'image', source: sourceOf(type, content) },
    file: { path: shown(path), bytes: content.length, width, height },
  });
}

export function showDocument(path: string, content: Uint8Array, { pages, texts, cut }: PdfText): Observation {
  if (pages > MEDIA_LIMITS.pages || cut)
    throw new ToolFailure(
      `${shown(path)} has ${plural(pages, 'page')}, and ${MEDIA_LIMITS.pages} can be looked at${cut ? ', with their text' : ''}. Read its text instead, or look at a part of it.`,
    );
  refuseLarge(path, content);
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text.normalize('NFKC')), 0);
  return showing({
    ...{ type: 'document', source: sourceOf('application/pdf', content) },
    file: { path: shown(path), bytes: content.length, pages, textBytes },
  });
}

const sourceOf = (media_type: string, content: Uint8Array): MediaBlock['source'] => ({
  ...{ type: 'base64', media_type },
  data: Buffer.from(content).toString('base64'),
});

function refuseLarge(path: string, content: Uint8Array): void {
  if (content.length <= MEDIA_LIMITS.bytes) return;
  throw new ToolFailure(
    `${shown(path)} has ${plural(content.length, 'byte')}, and ${grouped(MEDIA_LIMITS.bytes)} can be shown. Ask the person for a smaller one.`,
  );
}

const showing = (block: MediaBlock): Observation => ({
  content: `${block.file.path} is shown after the results.`,
  isError: false,
  media: [block],
});
