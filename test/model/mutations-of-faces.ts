/** Faults of what people meet: the stream of all events, previews of what agents made, and the page around them. Each names the test that notices it. */
import type { Mutant } from './mutant.ts';

export const OF_FACES: Mutant[] = [
  {
    name: 'events: what a transaction under way writes is taken for seen',
    file: 'lib/ports/all-events.ts',
    from: 'if (at > settled - MARGIN_MS) seen[id] = seq;',
    to: 'if (at > now) seen[id] = seq;',
    noticedBy: ['test/http/all-events.test.ts', 'begins now where no place is named'],
  },
  {
    name: 'preview: a page has the origin of the dashboard',
    file: 'lib/http/routes/previews.ts',
    from: "  'sandbox allow-scripts',\n",
    to: "  'sandbox allow-scripts allow-same-origin',\n",
    noticedBy: ['test/http/previews.test.ts', 'runs in an origin of its own'],
  },
  {
    name: 'preview: an address is good for ever',
    file: 'lib/http/preview-token.ts',
    from: 'return until > now ? { userId, sessionId, until } : null;',
    to: 'return { userId, sessionId, until };',
    noticedBy: ['test/http/previews.test.ts', 'ends after ten minutes'],
  },
];
