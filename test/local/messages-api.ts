/** A plain HTTP client of the Messages API and the parts of a request, shared by the model server's tests. */

export const HEADERS = { 'content-type': 'application/json', 'x-api-key': 'test', 'anthropic-version': '2026-10-21' };

export const post = async (url: string, body: unknown, headers: Record<string, string> = HEADERS) => {
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

export const user = (...content: unknown[]) => ({ role: 'user', content });
export const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
export const text = (words: string, cache_control?: object) => ({
  type: 'text',
  text: words,
  ...(cache_control && { cache_control }),
});
export const use = (id: string) => ({ type: 'tool_use', id, name: 'bash', input: {} });
export const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
export const tool = { name: 'bash', input_schema: { type: 'object' } };
export const base = { model: 'claude-sonnet-5-5', max_tokens: 500, tools: [tool], messages: [user(text('Hi.'))] };
