/**
 * Images and PDFs of a request: what the API refuses of them, and about what they cost. Sources: the provider's pages "Vision" and "PDF support", and the
 * words of its refusals in issues of its clients (2025 and 2026). Pixels are not unpacked: a PNG without any stands for one that cannot be processed.
 */
import { imageHead } from '../../image.ts';
import { invalid } from './problem.ts';
import { blocksOf, type PromptRequest, type RequestBlock } from './shape.ts';

const MOST_IMAGE_CHARACTERS = 5 * 1024 * 1024;
const MOST_PIXELS = 8_000;
const MANY_IMAGES = 20;
const MOST_PIXELS_OF_MANY = 2_000;
const MOST_IMAGES = 100;
const MOST_PAGES = 100;
const PATCH = 28;
const MOST_TOKENS = 4_784;
const PAGE_TOKENS = 2_400;
const FIELDS = new Set(['type', 'source', 'cache_control', 'title', 'context', 'citations']);

type Source = { type: 'base64'; media_type: string; data: string };

/** The base64 of an image or PDF block, or null. */
function sourceOf(block: RequestBlock): Source | null {
  if (block.type !== 'image' && block.type !== 'document') return null;
  const { source } = block as { source?: Partial<Source> };
  return source?.type === 'base64' && typeof source.data === 'string' ? (source as Source) : null;
}

const pagesIn = (data: Buffer): number => data.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;

/** Tokens of a block, and the characters of it that are no text. Null: it is no image and no PDF. */
export function mediaOf(block: RequestBlock): { tokens: number; characters: number } | null {
  const source = sourceOf(block);
  if (source === null) return null;
  const data = Buffer.from(source.data, 'base64');
  const { width, height } = imageHead(data)?.size ?? { width: 0, height: 0 };
  const tokens =
    block.type === 'document'
      ? pagesIn(data) * PAGE_TOKENS
      : Math.min(MOST_TOKENS, Math.ceil(width / PATCH) * Math.ceil(height / PATCH));
  return { tokens, characters: source.data.length };
}

/** Throws `ApiProblem`. */
export function checkMedia({ messages }: PromptRequest): void {
  const found = messages.flatMap((message, i) =>
    blocksOf(message).flatMap((block, j) => {
      const source = sourceOf(block);
      return source === null ? [] : [{ block, source, at: `messages.${i}.content.${j}` }];
    }),
  );
  const images = found.filter(({ block }) => block.type === 'image');
  if (images.length > MOST_IMAGES) throw invalid(`messages: too many images: ${images.length} > ${MOST_IMAGES}`);
  let pages = 0;
  for (const { block, source, at } of found) {
    const extra = Object.keys(block).find((field) => !FIELDS.has(field));
    if (extra) throw invalid(`${at}.${block.type}.${extra}: Extra inputs are not permitted`);
    const data = Buffer.from(source.data, 'base64');
    if (block.type === 'image') checkImage(source, data, at, images.length > MANY_IMAGES);
    else {
      if (source.media_type !== 'application/pdf' || !data.subarray(0, 5).equals(Buffer.from('%PDF-')))
        throw invalid(`${at}.document.source.base64.data: The PDF specified was not valid.`);
      pages += pagesIn(data);
    }
  }
  if (pages > MOST_PAGES) throw invalid(`A maximum of ${MOST_PAGES} PDF pages may be provided.`);
}

function checkImage({ media_type, data }: Source, bytes: Buffer, at: string, many: boolean): void {
  const place = `${at}.image.source.base64`;
  if (data.length > MOST_IMAGE_CHARACTERS)
    throw invalid(`${place}: image exceeds 5 MB maximum: ${data.length} bytes > ${MOST_IMAGE_CHARACTERS} bytes`);
  const head = imageHead(bytes);
  if (!head?.size || (head.type === 'image/png' && !bytes.includes('IDAT'))) throw invalid('Could not process image');
  if (head.type !== media_type)
    throw invalid(`${place}.data: Image does not match the provided media type ${media_type}`);
  const most = many ? MOST_PIXELS_OF_MANY : MOST_PIXELS;
  if (Math.max(head.size.width, head.size.height) > most)
    throw invalid(`${place}.data: At least one of the image dimensions exceed max allowed size: ${most} pixels`);
}
