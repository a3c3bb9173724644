/** What a person does on a page: one at a time, and its failure in the words of the problem. */
import { useState } from 'preact/hooks';
import { textOf } from './api.ts';
import { html } from './html.ts';

export type Action = {
  busy: boolean;
  error: string | null;
  run: (act: () => Promise<unknown>) => Promise<boolean>;
  clear: () => void;
};

export function useAction(): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  async function run(act: () => Promise<unknown>): Promise<boolean> {
    setBusy(true);
    setError(null);
    try {
      await act();
      return true;
    } catch (failure) {
      setError(textOf(failure));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { busy, error, run, clear: () => setError(null) };
}

export const Failure = ({ error }: { error: string | null }) =>
  error && html`<p class="trouble" role="alert">${error}</p>`;
