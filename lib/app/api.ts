/**
 * The API with the key of this tab, which is no cookie: no other page can use it. Streams come by fetch, since an EventSource cannot send a key.
 */
const KEY = 'circadian.key';

/** What a request was refused with: the problem's own words. `status` 0: nobody answered. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly retryAfter: number;
  constructor(status: number, code: string, detail: string, retryAfter = 0) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** Of this page: another one of the browser, where somebody else signs in, does not change it. */
let held: string | null = null;
const stored = (): string | null => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);

/** Taken from the address, if it is there, and out of it at once: it stays in no history. Whether one was there. Throws nothing. */
export function takeKey(): boolean {
  const given = /[#&]key=([^&]+)/.exec(location.hash)?.[1];
  if (given) {
    history.replaceState(null, '', location.pathname + location.search);
    try {
      keepKey(decodeURIComponent(given), false);
      return true;
    } catch {
      // No key: the page asks for one.
    }
  }
  held ??= stored();
  return false;
}
export const key = (): string | null => held;
/** Whether another page has signed in or out for all pages. */
export const isOvertaken = (event: StorageEvent): boolean =>
  held !== null && (event.key === KEY || event.key === null) && stored() !== held;
/** Of this page alone. */
export function letGo(): void {
  held = null;
}
/** `remember`: beyond this tab, on this device. */
export function keepKey(value: string, remember: boolean): void {
  forgetKey();
  held = value;
  (remember ? localStorage : sessionStorage).setItem(KEY, value);
}
export function forgetKey(): void {
  held = null;
  sessionStorage.removeItem(KEY);
  localStorage.removeItem(KEY);
}

type Ask = {
  method?: string;
  body?: unknown;
  raw?: BodyInit;
  once?: string;
  signal?: AbortSignal;
  accept?: string;
  /** Another key than that of this page. */
  as?: string;
};

/** Throws `ApiError`. `once`: an Idempotency-Key, minted when the person decided, so that a second try does nothing more. */
export async function ask(
  path: string,
  { method = 'GET', body, raw, once, signal, accept, as = key() ?? '' }: Ask = {},
): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${as}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (once) headers['idempotency-key'] = once;
  if (accept) headers.accept = accept;
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(path, { method, headers, body: sent, signal }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(
      0,
      'unreachable',
      'Circadian does not answer. Agents go on by themselves; this page tries again.',
    );
  });
  noteTime(response);
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as { code?: string; detail?: string } | null;
  const retryAfter = Number(response.headers.get('retry-after') ?? 0);
  throw new ApiError(
    response.status,
    problem?.code ?? '',
    problem?.detail ?? `The answer was ${response.status}.`,
    retryAfter,
  );
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await ask(path, { signal })).json();

export async function send<T>(method: string, path: string, body?: unknown, once: string = mint()): Promise<T> {
  return bodyOf<T>(await ask(path, { method, body, once }));
}

/** What was answered; nothing, where the answer has no body. */
export const bodyOf = async <T>(response: Response): Promise<T> =>
  response.status === 204 ? (undefined as T) : response.json();

/** All pages of a list, up to `most` rows; `isCut`: there are more. */
export async function list<T>(
  path: string,
  most = 1_000,
  signal?: AbortSignal,
): Promise<{ rows: T[]; isCut: boolean }> {
  const rows: T[] = [];
  let cursor: string | null = '';
  while (cursor !== null && rows.length < most) {
    const more: string = cursor === '' ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
    const page: { data: T[]; next_cursor: string | null } = await get(path + more, signal);
    rows.push(...page.data);
    cursor = page.next_cursor;
  }
  return { rows, isCut: cursor !== null };
}

export const all = async <T>(path: string, most = 1_000, signal?: AbortSignal): Promise<T[]> =>
  (await list<T>(path, most, signal)).rows;

export const mint = (): string => crypto.randomUUID();

/** What the product's clock is ahead of this machine's: a local system's can be moved. */
let ahead = 0;
export const now = (): number => Date.now() + ahead;
/** Small differences are the network's. */
const TOLERATED_MS = 2_000;
export function setNow(at: number): void {
  const found = at - Date.now();
  if (Math.abs(found - ahead) > TOLERATED_MS) ahead = found;
}
/** Answers may be kept for a minute, so that they are behind by as much and no more. */
const KEPT_MS = 90_000;
function noteTime(response: Response): void {
  const asOf = Date.parse(response.headers.get('as-of') ?? '');
  const behind = now() - asOf;
  if (behind < 0 || behind > KEPT_MS) setNow(asOf);
}

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
