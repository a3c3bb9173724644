/** The answer of a tool as text for the model. */
import { grouped } from '../../text.ts';

/** What a result holds: https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-result */
type Part = Record<string, unknown>;
type Result = { content?: unknown; structuredContent?: unknown; isError?: unknown };

/** Images, sounds and files are told and not shown. Structured content is told where there is no text, which has the same as a rule. */
export function told({ content, structuredContent, isError }: Result): { content: string; isError: boolean } {
  const parts = (Array.isArray(content) ? content : []) as Part[];
  const texts = parts.map(partOf).filter((text) => text !== '');
  const data =
    structuredContent !== undefined && !parts.some(({ type }) => type === 'text')
      ? [JSON.stringify(structuredContent)]
      : [];
  return { content: [...texts, ...data].join('\n\n') || '(no output)', isError: isError === true };
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : '');

const bytes = (base64: unknown): string => `${grouped(Math.floor((shown(base64).length * 3) / 4))} bytes`;

function partOf(part: Part): string {
  const { type, text, mimeType, data, uri, name } = part;
  const resource = (part.resource ?? {}) as Part;
  switch (type) {
    case 'text':
      return shown(text);
    case 'image':
    case 'audio':
      return `[${type} of the type ${shown(mimeType)}, ${bytes(data)}: not shown]`;
    case 'resource':
      return typeof resource.text === 'string'
        ? `${shown(resource.uri)}:\n${resource.text}`
        : `[file ${shown(resource.uri)} of the type ${shown(resource.mimeType)}, ${bytes(resource.blob)}: not shown]`;
    case 'resource_link':
      return `[link to ${shown(name)}: ${shown(uri)}]`;
    default:
      return `[a part of the type ${JSON.stringify(shown(type).slice(0, 50))}: not shown]`;
  }
}
