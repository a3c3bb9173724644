/**
 * `web_fetch`: one page of the web as text. It asks by GET and without cookies, only addresses that the session may ask (lib/web/access.ts), and each
 * redirect is judged like the first address.
 */
import * as z from 'zod';
import { type Http, type HttpAnswer, isRedirect, MOST_REDIRECTS, type ToolContext } from '../ports/index.ts';
import type { WebAccess } from '../web/access.ts';
import { verdictOn } from '../web/access.ts';
import { contentOf, PDF } from '../web/content.ts';
import { ACCEPTED_ENCODINGS, unpacked } from '../web/decode.ts';
import { addressOf, WEB_FETCH } from '../web/known.ts';
import { markdown } from '../web/markdown.ts';
import { defineTool, type Observation, type Tool } from './define.ts';
import { ToolFailure } from './failure.ts';
import { hasText, leftOut, type PdfReader, pagesOf, pdfReader } from './pdf.ts';
import { grouped, plural } from './text.ts';
import { framed, markOf } from './web-frame.ts';
import { hostPace, MOST_A_MINUTE } from './web-pace.ts';
import { type FetchedPage, fetchedPages } from './web-pages.ts';

export const PIECE = 30_000;
/** Addresses and what is said around a piece. */
const FRAME = 5_000;
const MOST_BYTES = 5_000_000;
const TIMEOUT_MS = 30_000;
/** Of the page that comes with an error. */
const ERROR_CHARACTERS = 2_000;
/** A piece ends with a line, if one ends this near. */
const NEAR = 2_000;

const DESCRIPTION = `Reads a page of the web: HTML as Markdown, PDF and other text as it is, ${grouped(PIECE)} characters at a time. Only https, no log-in, no scripts. Unless the person allowed whole sites, it takes only addresses that the person, a page or a search result named, letter for letter; do not make up others.`;

type Reading = { http: Http; pdf?: PdfReader; now?: () => number };

export function webFetch({ http, pdf = pdfReader(), now = Date.now }: Reading): Tool {
  const pages = fetchedPages();
  const pace = hostPace();
  return defineTool({
    name: WEB_FETCH,
    description: DESCRIPTION,
    effect: 'pure',
    maxCharacters: PIECE + FRAME,
    input: z.object({
      url: z.string().min(1).max(2_048),
      offset: z.int().min(0).default(0).describe('Characters to pass over, to read on.'),
    }),
    async run({ url, offset }, context) {
      const address = addressOf(url);
      if (address === null) throw new ToolFailure(`${shown(url)} is no address of the web: begin with https://.`);
      await mayAsk(address, context);
      const mark = markOf(context.idempotencyKey);
      // Only to read on: whoever begins anew wants to know what the page says now.
      const kept = offset > 0 ? pages.get(context.session, address, now()) : null;
      if (kept) {
        judge(kept.address, context.web.access, null);
        return piece(kept, offset, mark);
      }
      const found = await ask(http, address, context, (one) =>
        keepPace(one, pace.wait(context.session, hostOf(one), now())),
      );
      const page = await read(found, now(), (what, body) => pdf(what, body, context.signal));
      if (found.answer.status >= 400) return failed(found.answer.status, page, mark);
      pages.keep(context.session, address, page);
      return piece(page, offset, mark);
    },
  });
}

const shown = (address: string): string => JSON.stringify(address.slice(0, 300));

async function mayAsk(address: string, { web }: ToolContext): Promise<void> {
  if (judge(address, web.access, null) !== 'known only' || (await web.knows(address))) return;
  throw new ToolFailure(
    `${shown(address)} was not asked: nobody has named this address. This session has no list of allowed sites, so it takes only addresses that the person, a page or a search result named, letter for letter. Follow a link that you were shown, or ask the person for the address.`,
  );
}

/** Throws for what the session's rules do not allow. `from`: whose redirect leads there. */
function judge(address: string, access: WebAccess | null, from: string | null): ReturnType<typeof verdictOn> {
  const verdict = verdictOn(address, access);
  const where =
    from === null
      ? `${shown(address)} was not asked`
      : `${shown(from)} redirects to ${shown(address)}, which was not asked`;
  if (verdict === 'denied') throw new ToolFailure(`${where}: this session denies that site. Go on without it.`);
  if (verdict === 'unlisted') {
    const allowed = access?.allow?.slice(0, 20).join(', ') || 'none';
    throw new ToolFailure(`${where}: this session allows only some sites (${allowed}). Go on with those.`);
  }
  return verdict;
}

const hostOf = (address: string): string => new URL(address).hostname;

function keepPace(address: string, waitMs: number): void {
  if (waitMs === 0) return;
  throw new ToolFailure(
    `${shown(address)} was not asked: this session has asked ${hostOf(address)} ${MOST_A_MINUTE} times within a minute. Ask it again in ${plural(Math.ceil(waitMs / 1_000), 'second')}, and do something else until then.`,
  );
}

type Found = { address: string; answer: HttpAnswer };

async function ask(
  http: Http,
  first: string,
  { signal, web }: ToolContext,
  keepPace: (address: string) => void,
): Promise<Found> {
  const ends = performance.now() + TIMEOUT_MS;
  for (let [address, redirects] = [first, 0]; ; redirects += 1) {
    keepPace(address);
    const timeoutMs = Math.max(1, Math.ceil(ends - performance.now()));
    const answer = await http(
      address,
      { headers: HEADERS, timeoutMs, maxBytes: MOST_BYTES, redirect: 'manual' },
      signal,
    ).catch((error: unknown) => {
      throw signal.aborted ? error : new ToolFailure((error as Error).message);
    });
    const { status } = answer;
    if (!isRedirect(status)) return { address, answer };
    const to = redirectOf(answer);
    if (to === null)
      throw new ToolFailure(`${shown(address)} redirects (${status}) to no address of the web, so there is no page.`);
    if (redirects === MOST_REDIRECTS)
      throw new ToolFailure(`${shown(first)} redirects more than ${MOST_REDIRECTS} times, so there is no page.`);
    judge(to, web.access, address);
    address = to;
  }
}

const HEADERS = {
  accept: 'text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, */*;q=0.5',
  'accept-encoding': ACCEPTED_ENCODINGS,
};

/** Absolute, as it would be asked. Null: it leads nowhere. */
function redirectOf({ headers: { location }, url }: HttpAnswer): string | null {
  if (!location || !URL.canParse(location, url)) return null;
  return addressOf(new URL(location, url).href);
}

type OwnReader = (what: string, content: Uint8Array) => ReturnType<PdfReader>;

/** Throws for what cannot be read as text. */
async function read({ address, answer }: Found, at: number, pdf: OwnReader): Promise<FetchedPage> {
  const { headers } = answer;
  const { body, cut } = await unpacked(answer.body, headers['content-encoding'], MOST_BYTES).catch((error: unknown) => {
    throw new ToolFailure(`What ${shown(address)} sent cannot be read: ${(error as Error).message}.`);
  });
  const content = contentOf(body, headers['content-type']);
  const size = `${plural(body.length, 'byte')}${cut || answer.cut ? ' or more' : ''}`;
  const about = `Content of ${shown(address)} (${content.type})`;
  const more = { address, about, at };
  if (content.kind === 'other' && content.type === PDF) {
    if (cut || answer.cut)
      throw new ToolFailure(`${shown(address)} is a PDF of more than ${plural(MOST_BYTES, 'byte')}: it is not read.`);
    return { ...more, ...(await pdfPage(shown(address), body, pdf)) };
  }
  if (!('text' in content))
    throw new ToolFailure(`${shown(address)} is ${content.type}, ${size}: no text, so there is nothing to read here.`);
  if (content.kind === 'text') return { ...more, text: content.text, cut: cut || answer.cut };
  const page = markdown(content.text, { base: address });
  const title = page.title === '' ? '' : `Title: ${page.title}\n\n`;
  return { ...more, text: title + page.text, cut: page.cut || cut || answer.cut };
}

async function pdfPage(what: string, body: Uint8Array, pdf: OwnReader): Promise<{ text: string; cut: boolean }> {
  const read = await pdf(what, body);
  if (!hasText(read))
    throw new ToolFailure(
      `${what} is a PDF of ${plural(read.pages, 'page')} without text, such as a scan, so there is nothing to read here.`,
    );
  const note = leftOut(read);
  return { text: `${note === '' ? '' : `${note}\n\n`}${pagesOf(read)}`, cut: read.cut };
}

function piece(page: FetchedPage, offset: number, mark: string): string {
  const { text, cut } = page;
  if (offset > 0 && offset >= text.length)
    throw new ToolFailure(
      `The page has ${plural(text.length, 'character')}, so nothing stands at offset ${grouped(offset)}.`,
    );
  const end = endOf(text, offset);
  const whole = end === text.length && offset === 0 && !cut;
  const more =
    end < text.length ? `; go on with offset ${end}` : cut ? '; the page goes on, but is not read further' : '';
  const place = whole ? '' : `, characters ${offset} to ${end} of ${text.length}${more}`;
  return framed(`${aboutOf(page)}${place}.`, text.slice(offset, end) || '(no text)', mark);
}

const aboutOf = ({ about, at }: FetchedPage): string =>
  `${about}, fetched ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Never between the halves of a pair. */
function endOf(text: string, from: number): number {
  if (text.length - from <= PIECE) return text.length;
  const line = text.lastIndexOf('\n', from + PIECE - 1) + 1;
  if (line > from + PIECE - NEAR) return line;
  return from + PIECE - (/[\uD800-\uDBFF]/.test(text[from + PIECE - 1]!) ? 1 : 0);
}

const failed = (status: number, page: FetchedPage, mark: string): Observation => ({
  content: framed(
    `The server answered ${status}. ${aboutOf(page)}.`,
    page.text.slice(0, ERROR_CHARACTERS).toWellFormed(),
    mark,
  ),
  isError: true,
});
