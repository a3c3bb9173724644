/** The API with the operator's key, which is held by the screen that asked for it and by nothing else. */
import { ask, bodyOf } from './api.ts';
import type { ListedUser, Page } from './types.ts';

export type Operator = {
  get: <T>(path: string, signal?: AbortSignal) => Promise<T>;
  send: <T>(method: string, path: string, body?: unknown) => Promise<T>;
};

export const operatorOf = (key: string): Operator => ({
  get: async (path, signal) => bodyOf(await ask(path, { as: key, signal })),
  send: async (method, path, body) => bodyOf(await ask(path, { method, body, as: key })),
});

export const pathOf = (userId: string): string => `/v1/admin/users/${encodeURIComponent(userId)}`;

/**
 * The next page of users that has one, or the last page. The API looks at so many users for a page of a filter, and may find none of it among them.
 */
export async function usersOf(
  operator: Operator,
  filter: Record<string, string>,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<Page<ListedUser>> {
  let next = cursor;
  for (;;) {
    const asked = Object.entries({ ...filter, cursor: next ?? '' }).filter(([, value]) => value !== '');
    const page = await operator.get<Page<ListedUser>>(`/v1/admin/users?${new URLSearchParams(asked)}`, signal);
    if (page.data.length > 0 || page.next_cursor === null) return page;
    next = page.next_cursor;
  }
}
