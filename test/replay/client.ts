/** The HTTP API as a user uses it. Throws for every answer that is not a success. */
export type Client = {
  get<T>(path: string): Promise<T>;
  send<T>(method: 'POST' | 'PUT', path: string, body?: unknown): Promise<T>;
};

export const client = (url: string, key: string): Client => {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return { get: (path) => ask('GET', path), send: (method, path, body) => ask(method, path, body) };
};

/** What is used of a session as the API shows it. */
export type SessionJson = {
  id: string;
  status: string;
  iteration_number: number;
  cost_microdollars: number;
  wake_at: string | null;
  sleep_reason: string | null;
  question: string | null;
  error: { code: string; message: string } | null;
};
export type BudgetJson = {
  date: string;
  daily_budget_microdollars: number;
  spent_microdollars: number;
  hard_ceiling_microdollars: number;
};
export type MessageJson = { role: 'user' | 'assistant'; content: ({ type: string } & Record<string, unknown>)[] };
