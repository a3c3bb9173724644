/** The API with the operator's key, which is held by the screen that asked for it and by nothing else. */
import { ask, bodyOf } from './api.ts';

export type Operator = {
  get: <T>(path: string, signal?: AbortSignal) => Promise<T>;
  send: <T>(method: string, path: string, body?: unknown) => Promise<T>;
};

export const operatorOf = (key: string): Operator => ({
  get: async (path, signal) => bodyOf(await ask(path, { as: key, signal })),
  send: async (method, path, body) => bodyOf(await ask(path, { method, body, as: key })),
});

export const pathOf = (userId: string): string => `/v1/admin/users/${encodeURIComponent(userId)}`;
