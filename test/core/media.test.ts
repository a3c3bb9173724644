/** Images and PDFs in a prompt: what they cost at most, when they are left out, and how a session goes on without one that is refused. */
import { describe, expect, it } from 'vitest';
import { isMedia, mediaFrom, mediaTokens, shownIn } from '../../lib/core/media.ts';
import type { Block, MediaBlock, ModelRequest, StoredMessage } from '../../lib/core/session.ts';
import {
  afterSettle,
  assistant,
  claim,
  facts,
  head,
  kinds,
  ready,
  reply,
  saveOf,
  settlementOf,
  text,
  thinking,
  toolResult,
  toolUse,
  user,
  when,
} from './given.ts';

const image = (width: number, height: number, { data = 'iVBO', type = 'image/png' } = {}): MediaBlock => ({
  type: 'image',
  source: { type: 'base64', media_type: type, data },
  file: { path: `${width}.png`, bytes: 30, width, height },
});
const pdf = (pages: number, textBytes = 0): MediaBlock => ({
  type: 'document',
  source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
  file: { path: 'a.pdf', bytes: 5, pages, textBytes },
});

const shown = (...blocks: Block[]): StoredMessage[] => [
  user(1, facts.goal),
  assistant(2, toolUse('a', 'bash')),
  { n: 3, role: 'user', content: [toolResult('a'), ...blocks] },
];
const asking = (history: StoredMessage[], memory = {}) => {
  const step = claim(ready({ iteration: 1, history, memory }));
  const { session } = step;
  if (session.state !== 'reserving' && session.state !== 'counting') throw new Error(kinds(step).join());
  return { kind: session.state, session, request: session.call.request, bound: session.call.inputBound };
};
const blocksIn = ({ messages }: ModelRequest) => messages.flatMap(({ content }) => content);

describe('the most that one costs', () => {
  it.each([
    ['a small image', image(28, 28), 52],
    ['an image of 1,000 px', image(1_000, 1_000), 1_384],
    ['the largest image', image(8_000, 8_000), 5_050],
    ['a GIF, whose pictures may be larger than its head says', image(1, 1, { type: 'image/gif' }), 5_050],
    ['a scan of two pages', pdf(2), 10_150],
    ['a page with text, whose every byte may be a token', pdf(1, 30_000), 65_100],
  ])('of %s', (_, block, tokens) => {
    expect(mediaTokens(block)).toBe(tokens);
  });

  it('is in the hold, however few or many its bytes are', () => {
    const none = asking(shown(text('x'))).bound;
    const few = asking(shown(image(8_000, 8_000))).bound;
    expect(few - none).toBeGreaterThan(5_000);
    expect(asking(shown(image(8_000, 8_000, { data: 'A'.repeat(4_000_000) }))).bound).toBe(few);
    expect(few - none).toBeLessThan(5_400);
  });

  it('is in the hold beside an exact count of what stood before it', () => {
    const memory = { counted: { model: facts.model, tokens: 12_600, n: 2, head: head() } };
    const long = [user(1, 'x'.repeat(50_000)), ...shown(image(8_000, 8_000)).slice(1)];
    const { bound } = asking(long, memory);
    expect(bound).toBeGreaterThan(12_600 + 5_000);
    expect(bound).toBeLessThan(12_600 + 6_000);
    const after = asking(long, { counted: { ...memory.counted, n: 3 } }).bound;
    expect(after).toBeLessThan(12_600 + 500);
  });
});

describe('a prompt with a new PDF', () => {
  const counting = () => {
    const { kind, session, bound } = asking(shown(pdf(1, 100)));
    expect(kind).toBe('counting');
    return { session, bound };
  };
  const boundAfter = (tokens: number | null) => {
    const { session } = when(counting().session, { type: 'counted', tokens });
    return session.state === 'reserving' ? session.call.inputBound : 0;
  };

  it('is counted by the provider, whose reading of it counts also where it finds more', () => {
    expect(boundAfter(1_000_000)).toBe(1_050_512);
    expect(boundAfter(3_000)).toBe(3_662);
  });

  it('is held by our own bound where the provider does not say', () => {
    const bound = boundAfter(null);
    expect(bound).toBeGreaterThan(5_000 + 200);
    expect(bound).toBeLessThanOrEqual(counting().bound);
  });

  it('is not counted again once a reply has', () => {
    const memory = { counted: { model: facts.model, tokens: 12_600, n: 3, head: head() } };
    expect(asking(shown(pdf(1)), memory).kind).toBe('reserving');
  });
});

describe('a turn', () => {
  const observing = (media: MediaBlock[], history: StoredMessage[] = [user(1, facts.goal)], memory = {}) => {
    const acting = afterSettle(ready({ history, memory }), reply([toolUse('z', 'bash')], 'tool_use'));
    return saveOf(
      when(acting.session, { type: 'observed', results: [{ id: 'z', content: 'ok', isError: false, media }] }),
    );
  };

  it('shows after its results what tools showed, and sends it as it came', () => {
    const block = image(3, 5);
    const { turn } = observing([block]);
    expect(turn).toEqual([toolResult('z'), text('[runtime] "3.png", image/png, 3 × 5 px, 30 bytes:'), block]);
    const { file: _, ...sent } = block;
    expect(blocksIn(asking(shown(block)).request)).toContainEqual({
      ...sent,
      ...{ cache_control: { type: 'ephemeral' } },
    });
  });

  it('shows as much as one prompt may have, and tells of the rest', () => {
    const all = shownIn(Array.from({ length: 22 }, (_, i) => image(i + 1, 1)));
    expect(all.filter(isMedia)).toHaveLength(20);
    expect(all.at(-1)).toEqual(
      text(
        '[runtime] ("22.png", image/png, 22 × 1 px, 30 bytes: not shown, since too much is shown at once. Read it again alone.)',
      ),
    );
    expect(shownIn([pdf(20), pdf(20), pdf(20), pdf(20)]).filter(isMedia)).toHaveLength(3);
    expect(shownIn(Array(4).fill(image(1, 1, { data: 'A'.repeat(5_000_000) }))).filter(isMedia)).toHaveLength(3);
  });

  it('makes room for what it shows: older ones are told, all thinking before goes, and the count with it', () => {
    const history = shown(...Array(20).fill(image(9, 9)));
    expect(mediaFrom(history, [], 1)).toBe(1);
    const { memory, turn } = observing([image(3, 5)], history);
    expect(memory.context.mediaFrom).toBe(4);
    expect([memory.counted, memory.thoughts.from]).toEqual([null, 5]);
    const rows: StoredMessage[] = [
      ...history,
      assistant(4, toolUse('z', 'bash')),
      { n: 5, role: 'user', content: turn! },
    ];
    const found = blocksIn(asking(rows, memory).request);
    expect(found.filter(({ type }) => type === 'image')).toHaveLength(1);
    expect(found).toContainEqual(
      text('[runtime] ("9.png", image/png, 9 × 9 px, 30 bytes: not shown here; read_file shows it again.)'),
    );
  });

  it('shows nothing of what is cleared', () => {
    const memory = { context: { from: 1, clearedBefore: 4, mediaFrom: 1, compactedAt: 0, summary: null } };
    const { request, bound } = asking(shown(pdf(20)), memory);
    expect(blocksIn(request).map(({ type }) => type)).not.toContain('document');
    expect(bound).toBeLessThan(5_000);
  });
});

describe('one that the provider refuses', () => {
  const refused = (message: string, history = shown(image(3, 5))) =>
    settlementOf(
      when(thinking(ready({ iteration: 1, history })), {
        type: 'failed',
        failure: { proof: 'not_served', status: 400, code: 'invalid_request_error', message, retryAfterMs: null },
      }),
    );

  it('is left out with all others at no cost, the agent is told, and the session goes on', () => {
    const { cost, memory, turns } = refused('Could not process image');
    expect(cost).toBe(0n);
    expect(turns).toMatchObject([{ role: 'user', content: [{ runtime: true, text: /does not take at least one/ }] }]);
    const rows = [...shown(image(3, 5)), { n: 4, ...turns[0]! }];
    expect(blocksIn(asking(rows, memory).request).map(({ type }) => type)).not.toContain('image');
  });

  it('is not blamed for what is said of a prompt without any', () => {
    expect(refused('Could not process image', shown(text('x'))).turns).toEqual([]);
  });
});
