/** What a person does on a page: one at a time, and its failure in the words of the problem. */
import { useRef, useState } from 'preact/hooks';
import { ApiError, mint, send, textOf } from './api.ts';
import { html } from './html.ts';
import { Told } from './times.ts';

export type Action = {
  busy: boolean;
  error: string | null;
  run: (act: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
  /** A second try of the same, after one whose answer was lost, does nothing more. */
  send: <T>(method: string, path: string, body?: unknown) => Promise<T>;
};

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  /** What was sent and is not known to be done → its Idempotency-Key. */
  const tries = useRef(new Map<string, string>()).current;
  async function run(act: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setError(null);
    try {
      await act();
      tries.clear();
      return true;
    } catch (failure) {
      setError(textOf(failure));
      return false;
    } finally {
      setBusy(false);
    }
  }
  async function sent<T>(method: string, path: string, body?: unknown): Promise<T> {
    const what = JSON.stringify([method, path, body]);
    const once = tries.get(what) ?? mint();
    tries.set(what, once);
    try {
      return await send<T>(method, path, body, once);
    } catch (failure) {
      // A refusal did nothing: the next try is another one.
      if (failure instanceof ApiError && failure.status >= 400 && failure.status < 500) tries.delete(what);
      throw failure;
    }
  }
  return { busy, error, run, clear: () => setError(null), send: sent };
}

export const Failure = ({ error }: { error: string | null }) =>
  error && html`<p class="trouble" role="alert"><${Told} text=${error} /></p>`;
