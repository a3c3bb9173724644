/** What the operator's screen reads again, since others may have changed it. */
import { useEffect, useRef } from 'preact/hooks';

/**
 * Looks at once, with each new one of `deps`, and whenever somebody comes back to the page. A look ends the one before it, whose signal says so.
 * `again` looks now; `end` only ends.
 */
export function useLook(look: (signal: AbortSignal) => void, deps: readonly unknown[]) {
  const looking = useRef(new AbortController());
  const end = () => looking.current.abort();
  const again = () => {
    end();
    looking.current = new AbortController();
    look(looking.current.signal);
  };
  useEffect(() => {
    const onVisible = () => document.hidden || again();
    again();
    addEventListener('focus', again);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      end();
      removeEventListener('focus', again);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, deps);
  return { again, end };
}
