/**
 * Images and PDFs in the conversation (PURE): how a turn holds them, what they cost at most, and when they are left out. A turn keeps the bytes
 * themselves and no reference to a file: files change, and a prompt must stay what it was, for the provider's cache and for the thinking that is bound to
 * it. What is left out of a prompt can be read again.
 *
 * Sources: the provider's pages "Vision" and "PDF support" (November 2026): 8,000 px a side, and 2,000 px above 20 images; 5 MB of base64 an image; 32 MB
 * and 100 pages a request; a token for each 28 × 28 px, formerly each 750 px. A page of a PDF is its text and its image.
 */
import { grouped } from '../text.ts';
import type { Block, MediaBlock, Message, StoredMessage, TextBlock } from './session.ts';

/** Of one image or PDF; pixels of a side. */
export const MEDIA_LIMITS = { bytes: 3_750_000, pixels: 8_000, pages: 20 };
/** Of one prompt, all images and PDFs together. Far below what a request may have, since each is kept, sent and read again with every call. */
const PROMPT_LIMITS = { items: 20, pages: 60, characters: 15_000_000 };
/** Room is made for more at once, not for one: leaving anything out costs the cache of the whole prompt. */
const KEPT = 0.5;

/** What the dearest models make of the largest image, 4,784, and of what a PDF's page looks like; with a margin. */
const MOST_IMAGE_TOKENS = 5_000;
const PATCH = 28;
const PIXELS_PER_TOKEN = 750;
/** What a block and a page have around them. */
const FRAME_TOKENS = 50;

export const isMedia = (block: Block): block is MediaBlock =>
  (block.type === 'image' || block.type === 'document') && 'file' in block;

/** A bound. The provider's own reading of a PDF may find other text than ours did: such a prompt is counted before it is paid for. */
export function mediaTokens({ source, file }: MediaBlock): number {
  if ('pages' in file) return FRAME_TOKENS + file.pages * (MOST_IMAGE_TOKENS + FRAME_TOKENS) + 2 * file.textBytes;
  // Its pictures may be larger than the screen that its head speaks of.
  if (source.media_type === 'image/gif') return FRAME_TOKENS + MOST_IMAGE_TOKENS;
  const { width, height } = file;
  const patches = Math.ceil(width / PATCH) * Math.ceil(height / PATCH);
  return FRAME_TOKENS + Math.min(MOST_IMAGE_TOKENS, Math.max(patches, Math.ceil((width * height) / PIXELS_PER_TOKEN)));
}

/** As the API takes it. */
export function bare({ file: _, ...block }: MediaBlock): Block {
  return block;
}

/** Without its bytes, whose tokens are no matter of their number. */
export const unloaded = (block: Block): Block =>
  block.type === 'image' || block.type === 'document'
    ? { ...block, source: { ...(block as MediaBlock).source, data: '' } }
    : block;

/** For people and for the model: what it is, by its bytes. */
export function nameOf({ source, file }: MediaBlock): string {
  const size =
    'pages' in file
      ? `${file.pages} page${file.pages === 1 ? '' : 's'}`
      : `${grouped(file.width)} × ${grouped(file.height)} px`;
  return `${JSON.stringify(file.path)}, ${source.media_type}, ${size}, ${grouped(file.bytes)} bytes`;
}

const said = (text: string): TextBlock => ({ type: 'text', text: `[runtime] ${text}` });

/** What stands for it where it is not shown: older turns of a prompt, lists of messages, exports. */
export const leftOut = (block: MediaBlock): TextBlock =>
  said(`(${nameOf(block)}: not shown here; read_file shows it again.)`);

/** Content in which images and PDFs are told and not shown. The same content where there are none. */
export const withoutMedia = (content: Block[]): Block[] =>
  content.some(isMedia) ? content.map((block) => (isMedia(block) ? leftOut(block) : block)) : content;

/** What tools show, as it stands after the results of its turn. What one prompt has no room for is told instead. */
export function shownIn(found: MediaBlock[]): Block[] {
  let sum = NOTHING;
  return found.flatMap((block): Block[] => {
    const more = plus(sum, block);
    if (!fits(more, 1))
      return [said(`(${nameOf(block)}: not shown, since too much is shown at once. Read it again alone.)`)];
    sum = more;
    return [said(`${nameOf(block)}:`), block];
  });
}

type Sum = { items: number; pages: number; characters: number };
const NOTHING: Sum = { items: 0, pages: 0, characters: 0 };

const plus = (sum: Sum, { source, file }: MediaBlock): Sum => ({
  items: sum.items + 1,
  pages: sum.pages + ('pages' in file ? file.pages : 0),
  characters: sum.characters + source.data.length,
});

const fits = ({ items, pages, characters }: Sum, share: number): boolean =>
  items <= PROMPT_LIMITS.items * share &&
  pages <= PROMPT_LIMITS.pages * share &&
  characters <= PROMPT_LIMITS.characters * share;

const sumOf = (content: Block[], before: Sum): Sum => content.filter(isMedia).reduce(plus, before);

/**
 * The first row whose images and PDFs the next prompt can show, beside those of `turn`. `from`: the first that shows them now, which is the answer
 * where all have room.
 */
export function mediaFrom(rows: StoredMessage[], turn: Message['content'], from: number): number {
  const showing = rows.filter(({ n, content }) => n >= from && content.some(isMedia));
  const own = sumOf(turn, NOTHING);
  if (
    fits(
      showing.reduce((sum, { content }) => sumOf(content, sum), own),
      1,
    )
  )
    return from;
  let sum = own;
  for (const { n, content } of showing.reverse()) {
    sum = sumOf(content, sum);
    if (!fits(sum, KEPT)) return n + 1;
  }
  return from;
}
