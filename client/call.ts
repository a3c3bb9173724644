/** What the parts of the client share: answers without their envelope, and lists without their pages. */
import type { Client as Api } from 'openapi-fetch';
import type { operations, paths } from './contract.ts';
import { CircadianError, errorOf } from './error.ts';

/** The API as it is, typed by its contract. It answers `{ data, error, response }` and throws only where there was no answer. */
export type { Api };
export type TypedApi = Api<paths>;

/** Of each call. */
export type Signalled = { signal?: AbortSignal | undefined };

/** Of each call that changes something. */
export type CallOptions = Signalled & {
  /** Your own, to repeat a call after this process has ended; made up otherwise, and kept over all tries. */
  idempotencyKey?: string | undefined;
};

/** The filters of a list, without what its pages need. `limit`: how many are fetched at a time. */
export type ListOptions<O extends keyof operations> = Omit<
  NonNullable<operations[O]['parameters']['query']>,
  'cursor'
> &
  Signalled;

type Answered<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; throws `CircadianError` for a refusal. */
export async function got<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await asked.catch((failure: unknown) => {
    if (!(failure instanceof SyntaxError)) throw failure;
    throw new CircadianError('unknown', 'What answers there is no Circadian: look at the address.');
  });
  if (!response.ok) throw errorOf(error, response);
  return data as T;
}

/** All items, page by page; the next page is fetched when the last item of this one is used. */
export async function* pages<T>(
  page: (cursor: string | undefined) => Promise<{ data: T[]; next_cursor: string | null }>,
): AsyncGenerator<T> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { data, next_cursor } = await page(cursor);
    yield* data;
    cursor = next_cursor;
  }
}

export const headers = ({ idempotencyKey }: CallOptions) =>
  idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey };
