/** What an answer is: text of some kind, or something that cannot be read as text. */
import { decoded } from './decode.ts';

export type WebContent =
  | { kind: 'html' | 'text'; type: string; text: string }
  /** `type`: what it is by its header, else by its bytes. */
  | { kind: 'other'; type: string };

export const PDF = 'application/pdf';
const HTML = ['text/html', 'application/xhtml+xml'];
const TEXT =
  /^text\/|[/+](json|xml)$|^application\/(.*[+-])?(javascript|ecmascript|yaml|toml|ndjson|jsonlines|csv|sql|markdown|graphql|rtf|x-sh)$/;
/** Types that say nothing. */
const UNSAID = [
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'application/x-unknown-content-type',
  'unknown/unknown',
];
const SNIFFED = 1_024;
const MARKUP = /<(!doctype\s+html|html|head|body)\b/i;

/** `contentType`: the header. Its bytes decide where it says nothing, or says text of what is none. */
export function contentOf(body: Uint8Array, contentType = ''): WebContent {
  const said = contentType.split(';')[0]!.trim().toLowerCase().slice(0, 100);
  // A server that says PDF of what is none says nothing: a page of an error is often sent so.
  const type = said !== PDF && /^[\w.+-]+\/[\w.+-]+$/.test(said) ? said : '';
  const magic = byBytes(body);
  if (magic === PDF) return { kind: 'other', type: magic };
  const readable = type === '' || UNSAID.includes(type) || TEXT.test(type) || HTML.includes(type);
  if (!readable) return { kind: 'other', type };
  if (magic !== null || !isText(body)) return { kind: 'other', type: magic ?? (type || 'unknown bytes') };
  const text = decoded(body, contentType);
  const isHtml = HTML.includes(type) || (!TEXT.test(type) && MARKUP.test(text.slice(0, SNIFFED)));
  return { kind: isHtml ? 'html' : 'text', type: type === '' || UNSAID.includes(type) ? 'text/plain' : type, text };
}

/** A zero byte is in no text but UTF-16's, which begins with its mark. */
function isText(body: Uint8Array): boolean {
  const [a, b] = body;
  return (a === 0xfe && b === 0xff) || (a === 0xff && b === 0xfe) || !body.subarray(0, SNIFFED).includes(0);
}

const MAGIC: [string, string][] = [
  ['%PDF-', PDF],
  ['\x89PNG\r\n', 'image/png'],
  ['\xFF\xD8\xFF', 'image/jpeg'],
  ['GIF8', 'image/gif'],
  ['PK\x03\x04', 'application/zip'],
  ['\x1F\x8B', 'application/gzip'],
];

function byBytes(body: Uint8Array): string | null {
  const head = Buffer.from(body.subarray(0, 12)).toString('latin1');
  if (head.startsWith('RIFF') && head.endsWith('WEBP')) return 'image/webp';
  return MAGIC.find(([start]) => head.startsWith(start))?.[1] ?? null;
}
