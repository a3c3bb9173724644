/**
 * A list of which only what is seen is there. Rows may have any height: what was measured counts, else a guess. A row that is the same object
 * as before is not drawn again.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Heights, heights } from './heights.ts';
import { html } from './html.ts';

type Props<T> = {
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Pixels of a row that was not seen yet. */
  guess: number;
  render: (row: T) => ComponentChildren;
  label: string;
  /** Stays at the end while it is there. */
  sticks?: boolean;
};
/** Pixels drawn beyond what is seen, on either side. */
const BEYOND = 400;
const AT_END = 40;

type Kept = { heights: Heights; known: Map<string, number>; first: string; last: string };

/** The measured heights of rows, kept from one drawing to the next: rows are only added at the end, or else all is put together anew. */
function useHeights<T>(rows: readonly T[], keyOf: (row: T) => string, guess: number): Kept {
  const ref = useRef<Kept | null>(null);
  const known = ref.current?.known ?? new Map<string, number>();
  const count = ref.current?.heights.count() ?? 0;
  const continues =
    ref.current !== null &&
    count <= rows.length &&
    (count === 0 || (keyOf(rows[0]!) === ref.current.first && keyOf(rows[count - 1]!) === ref.current.last));
  if (!continues) {
    const made = heights(guess);
    made.grow(rows.length);
    rows.forEach((row, i) => void made.set(i, known.get(keyOf(row)) ?? guess));
    ref.current = { heights: made, known, first: '', last: '' };
  } else ref.current!.heights.grow(rows.length);
  const kept = ref.current!;
  kept.first = rows.length > 0 ? keyOf(rows[0]!) : '';
  kept.last = rows.length > 0 ? keyOf(rows.at(-1)!) : '';
  return kept;
}

export function LongList<T extends object>({ rows, keyOf, guess, render, label, sticks = false }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef(new WeakMap<T, { by: unknown; node: VNode }>());
  const follows = useRef(sticks);
  const [view, setView] = useState({ top: 0, height: 800 });
  const [missed, setMissed] = useState(0);
  const [, redraw] = useState(0);
  const kept = useHeights(rows, keyOf, guess);
  const from = kept.heights.at(view.top - BEYOND);
  const to = Math.min(rows.length, kept.heights.at(view.top + view.height + BEYOND) + 1);

  useLayoutEffect(() => {
    let changed = false;
    for (const item of box.current?.querySelectorAll<HTMLElement>('[data-row]') ?? []) {
      const height = item.offsetHeight;
      if (height === 0) continue;
      kept.known.set(item.dataset.row!, height);
      changed = kept.heights.set(Number(item.ariaPosInSet) - 1, height) || changed;
    }
    if (changed) redraw((n) => n + 1);
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const count = useRef(rows.length);
  useEffect(() => {
    if (sticks && !follows.current) setMissed((n) => n + Math.max(0, rows.length - count.current));
    count.current = rows.length;
  }, [rows.length]);
  useEffect(() => {
    const element = box.current!;
    const look = () => {
      follows.current = sticks && element.scrollTop + element.clientHeight > element.scrollHeight - AT_END;
      if (follows.current) setMissed(0);
      setView({ top: element.scrollTop, height: element.clientHeight });
    };
    const size = new ResizeObserver(look);
    size.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      size.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);

  const item = (row: T, index: number) => {
    const key = keyOf(row);
    const was = drawn.current.get(row);
    const node = was?.by === render ? was.node : (render(row) as VNode);
    if (was?.by !== render) drawn.current.set(row, { by: render, node });
    const style = { transform: `translateY(${kept.heights.top(index)}px)` };
    return html`<li key=${key} data-row=${key} aria-setsize=${rows.length} aria-posinset=${index + 1} style=${style}>${node}</li>`;
  };
  const toEnd = () => {
    follows.current = true;
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  return html`<div class="long" ref=${box} tabindex="0" role="region" aria-label=${label}>
      <ol style=${{ height: `${kept.heights.top(rows.length)}px` }}>${rows.slice(from, to).map((row, i) => item(row, from + i))}</ol>
    </div>
    ${missed > 0 && html`<button type="button" class="more" onClick=${toEnd}>${missed} new, to the end</button>`}`;
}
