/** Which screen an address is for, and how one goes from screen to screen without loading the page anew. */
import { useEffect, useState } from 'preact/hooks';

export type Screen =
  | { name: 'today' | 'money' | 'inbox' | 'new' | 'schedules' | 'webhooks' | 'memories' | 'users' | 'missing' }
  | { name: 'session'; id: string; tab: string };

const PLAIN = ['money', 'inbox', 'new', 'schedules', 'webhooks', 'memories', 'users'] as const;

export function screenOf(path: string): Screen {
  if (/^\/app\/?$/.test(path)) return { name: 'today' };
  const [, id, tab = 'timeline'] = /^\/app\/s\/([\w-]+)(?:\/(\w+))?\/?$/.exec(path) ?? [];
  if (id) return { name: 'session', id, tab };
  const name = PLAIN.find((one) => path === `/app/${one}`);
  return { name: name ?? 'missing' };
}

export function go(path: string): void {
  if (path !== location.pathname) history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Links of the page lead to its screens; a click with a key or another button does what the browser does. */
export function useScreen(): Screen {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const look = () => setPath(location.pathname);
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.('a');
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!link || !plain || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
      // A place within the page is the browser's.
      if (!/^\/app(\/|$)/.test(link.pathname) || link.hash) return;
      event.preventDefault();
      go(link.pathname);
    };
    addEventListener('popstate', look);
    document.addEventListener('click', onClick);
    return () => {
      removeEventListener('popstate', look);
      document.removeEventListener('click', onClick);
    };
  }, []);
  return screenOf(path);
}
