/** What a page says of itself in its head: all that is left of one that is made by scripts. */
import type { Attributes } from './elements.ts';

const NAMES = new Set(['description', 'og:title', 'og:description', 'og:site_name', 'article:published_time']);
const LONGEST = 1_000;
const MOST_DATA = 20_000;
/** Characters of text below which a page with scripts is taken to be made by them. */
const BARE = 200;

export function selfDescription() {
  const said = new Map<string, string>();
  const data: string[] = [];
  let size = 0;
  let scripts = 0;
  let isData = false;
  return {
    /** A start tag whose content is left out. */
    begin(name: string, attributes: Attributes): void {
      if (name === 'script') scripts += 1;
      isData = name === 'script' && attributes.get('type')?.trim().toLowerCase() === 'application/ld+json';
    },
    end(): void {
      isData = false;
    },
    /** Text that is left out. */
    text(piece: string): void {
      if (!isData || size >= MOST_DATA) return;
      data.push(piece.slice(0, MOST_DATA));
      size += piece.length;
    },
    note(name: string, attributes: Attributes): void {
      if (name !== 'meta') return;
      const key = (attributes.get('property') ?? attributes.get('name') ?? '').toLowerCase();
      const content = attributes.get('content')?.trim();
      if (NAMES.has(key) && content && !said.has(key)) said.set(key, content.replace(/\s+/g, ' ').slice(0, LONGEST));
    },
    isBare: (characters: number): boolean => characters < BARE && scripts > 0,
    told(): string {
      const lines = [...said].map(([key, content]) => `- ${key}: ${content}`);
      const json = data.join('').trim().slice(0, MOST_DATA);
      const own = [...lines, ...(json === '' ? [] : [`- as data (JSON-LD): ${json}`])];
      const note = 'This page needs JavaScript for more than this, and it is not run here.';
      return own.length === 0 ? note : `${note} It says of itself:\n\n${own.join('\n')}`;
    },
  };
}
