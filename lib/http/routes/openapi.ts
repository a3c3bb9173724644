import { conditional, PUBLIC } from '../caching.ts';
import { contractOf } from '../contract.ts';
import type { App } from '../deps.ts';

/** /openapi.json. Whoever asks needs no key. */
export function contract(app: App): void {
  let document: ReturnType<typeof contractOf> | null = null;
  app.get('/openapi.json', conditional, (c) => {
    document ??= contractOf(app);
    return c.json(document, 200, PUBLIC);
  });
}
