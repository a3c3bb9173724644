/** Pages that a session has fetched, for a while: a speed-up for reading on. Lost with the process, and then a page is fetched again. */

/** `address`: where the last redirect led. `at`: milliseconds. */
export type FetchedPage = { address: string; about: string; text: string; cut: boolean; at: number };

const KEEP_MS = 15 * 60_000;
const MOST_PAGES = 100;
const MOST_CHARACTERS = 10_000_000;

/** Of no session but its own: what one may ask another may not. */
export function fetchedPages() {
  const pages = new Map<string, FetchedPage>();
  let characters = 0;
  const drop = (key: string): void => {
    characters -= pages.get(key)?.text.length ?? 0;
    pages.delete(key);
  };
  const keyOf = (session: string, address: string): string => `${session} ${address}`;
  return {
    get(session: string, address: string, at: number): FetchedPage | null {
      const key = keyOf(session, address);
      const page = pages.get(key);
      if (page && at - page.at > KEEP_MS) drop(key);
      return pages.get(key) ?? null;
    },
    keep(session: string, address: string, page: FetchedPage): void {
      const key = keyOf(session, address);
      drop(key);
      pages.set(key, page);
      characters += page.text.length;
      for (const oldest of pages.keys()) {
        if (pages.size <= MOST_PAGES && characters <= MOST_CHARACTERS) break;
        drop(oldest);
      }
    },
  };
}
