/** A list of the API, asked for once and whenever it is said to have changed. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { all, textOf } from './api.ts';

export type ListData<T> = { rows: T[] | null; error: string | null; reload: () => void };

export function useList<T>(path: string, most = 1_000): ListData<T> {
  const [rows, setRows] = useState<T[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    all<T>(path, most, stop.signal).then(
      (found) => {
        setRows(found);
        setError(null);
      },
      (failure: unknown) => stop.signal.aborted || setError(textOf(failure)),
    );
    return () => stop.abort();
  }, [path, asked]);
  return { rows, error, reload: useCallback(() => setAsked((n) => n + 1), []) };
}
