import { conditional, PUBLIC } from '../caching.ts';
import { contractOf } from '../contract.ts';
import type { App } from '../deps.ts';

/** /openapi.json. Whoever asks needs no key. */
export function contract(app: App): void {
  let document: Awaited<ReturnType<typeof contractOf>> | null = null;
  app.get('/openapi.json', conditional, async (c) => {
    document ??= await contractOf(app);
    return c.json(document, 200, PUBLIC);
  });
}
