/**
 * HTML as elements that open and close, in one pass. The tokenizer is htmlparser2's. Its parser is not used: it searches its list of open elements
 * for each end tag, so that a page of unclosed tags takes quadratic time. Here each tag is pushed and popped once, whatever the page.
 */
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** Of a tag, by lower-case name: those that are asked for below, and no others. */
export type Attributes = ReadonlyMap<string, string>;

/** Every `open` has its `close`, in the order of a stack; an element that has no end tag is closed at once. Text comes in pieces. */
export type ElementHandler = {
  open(name: string, attributes: Attributes): void;
  close(): void;
  text(piece: string): void;
  /** True ends the pass: the rest of the page is not read. */
  full(): boolean;
};

const KEPT = new Set(
  'hidden aria-hidden style href alt class role type name property content data-lang data-language'.split(' '),
);
const LONGEST_VALUE = 4_096;
const LONGEST_NAME = 64;
/** Elements within elements; what lies deeper is taken as if it lay here. Browsers end at 512. */
const DEEPEST = 5_000;
/** Characters between two looks at whether the handler is full. */
const PIECE = 65_536;

/** Source: https://html.spec.whatwg.org/multipage/syntax.html#void-elements, with the obsolete ones. */
const VOID = new Set(
  'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr'.split(' '),
);
const CELLS = ['td', 'th'];
/** What a start tag ends when it is the innermost open element; blocks end a paragraph. Source: …/syntax.html#optional-tags. */
const ENDS: Record<string, readonly string[]> = {
  ...{ li: ['li', 'p'], dt: ['dt', 'dd', 'p'], dd: ['dt', 'dd', 'p'], option: ['option'], a: ['a'] },
  ...{ tr: [...CELLS, 'tr', 'p'], td: [...CELLS, 'p'], th: [...CELLS, 'p'], tbody: [...CELLS, 'tr', 'thead', 'tbody'] },
};
const END_PARAGRAPH = new Set(
  'address article aside blockquote details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section table ul'.split(
    ' ',
  ),
);
const PARAGRAPH = ['p'];

export function walk(html: string, handler: ElementHandler): void {
  const tokenizer = new Tokenizer({ decodeEntities: true }, callbacksOf(html, handler));
  for (let at = 0; at < html.length && !handler.full(); at += PIECE) tokenizer.write(html.slice(at, at + PIECE));
  tokenizer.end();
}

function callbacksOf(html: string, handler: ElementHandler): TokenizerCallbacks {
  const open = openElements(handler);
  let name = '';
  let attributes = new Map<string, string>();
  let attribute: string | null = null;
  let value = '';
  const nameAt = (start: number, end: number) => html.slice(start, Math.min(end, start + LONGEST_NAME)).toLowerCase();
  const more = (piece: string) => {
    if (attribute !== null && value.length < LONGEST_VALUE) value += piece.slice(0, LONGEST_VALUE);
  };
  const begin = () => open.begin(name, attributes);
  const nothing = () => {};
  return {
    onopentagname(start, end) {
      name = nameAt(start, end);
      attributes = new Map();
    },
    onattribname(start, end) {
      const given = nameAt(start, end);
      attribute = KEPT.has(given) && !attributes.has(given) ? given : null;
      value = '';
    },
    onattribdata: (start, end) => more(html.slice(start, end)),
    onattribentity: (code) => more(String.fromCodePoint(code)),
    onattribend() {
      if (attribute !== null) attributes.set(attribute, value);
    },
    onopentagend: begin,
    onselfclosingtag: begin,
    onclosetag: (start, end) => open.end(nameAt(start, end)),
    ontext: (start, end) => handler.text(html.slice(start, end)),
    ontextentity: (code) => handler.text(String.fromCodePoint(code)),
    ...{ oncdata: nothing, oncomment: nothing, ondeclaration: nothing, onprocessinginstruction: nothing },
    onend: open.endAll,
  };
}

/** The stack of open elements, and how many of each name it has: an end tag without a start is known at once. */
function openElements(handler: ElementHandler) {
  const names: string[] = [];
  const counts = new Map<string, number>();
  let deeper = 0;
  const pop = (): string => {
    const name = names.pop()!;
    const left = counts.get(name)! - 1;
    if (left > 0) counts.set(name, left);
    else counts.delete(name);
    handler.close();
    return name;
  };
  const begin = (name: string, attributes: Attributes): void => {
    const ends = ENDS[name] ?? (END_PARAGRAPH.has(name) ? PARAGRAPH : []);
    while (names.length > 0 && ends.includes(names.at(-1)!)) pop();
    if (VOID.has(name)) {
      handler.open(name, attributes);
      handler.close();
    } else if (names.length === DEEPEST) deeper += 1;
    else {
      names.push(name);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      handler.open(name, attributes);
    }
  };
  const end = (name: string): void => {
    if (deeper > 0) deeper -= 1;
    else if (counts.has(name)) while (pop() !== name);
  };
  const endAll = (): void => {
    while (names.length > 0) pop();
  };
  return { begin, end, endAll };
}
