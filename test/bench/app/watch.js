/**
 * Runs in each page that is measured, before the page's own scripts. It notes when the meter and the rows of a list are there, and how long
 * each frame takes while it records. All times are milliseconds since the navigation began.
 */
(() => {
  const seen = {};
  const long = [];
  let size = null;
  let record = null;
  let last = 0;

  function look() {
    const now = performance.now();
    if (!('meter' in seen) && document.querySelector('[role=meter]')) seen.meter = now;
    const row = document.querySelector('.long [data-row]');
    if (!row) return;
    seen.rows ??= now;
    if (row.ariaSetSize === size) return;
    size = row.ariaSetSize;
    seen.whole = now;
  }

  /** Whether a part of what is seen of the list has no row. */
  function hasGap() {
    const box = document.querySelector('.long');
    const rows = box?.querySelectorAll('[data-row]') ?? [];
    if (rows.length === 0) return false;
    const { top, bottom } = box.getBoundingClientRect();
    return (
      rows[0].getBoundingClientRect().top > top + 2 || rows[rows.length - 1].getBoundingClientRect().bottom < bottom - 2
    );
  }

  function frame(at) {
    if (record) {
      // Whole ones: a screen's times jitter by less.
      if (last > 0) record.frames.push(Math.round(at - last));
      if (hasGap()) record.gaps += 1;
      last = at;
    } else look();
    requestAnimationFrame(frame);
  }
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => long.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });

  globalThis.watch = {
    /** How many rows the list has. */
    size: () => Number(size),
    times() {
      const paints = performance.getEntriesByType('paint').map(({ name, startTime }) => [name, startTime]);
      return { ...seen, ...Object.fromEntries(paints) };
    },
    /** How many pixels of what `box` names are above and below what is seen, and how many elements the page has. */
    where(box) {
      const { scrollTop, scrollHeight, clientHeight } = document.querySelector(box);
      const nodes = document.querySelectorAll('*').length;
      return { above: scrollTop, below: scrollHeight - clientHeight - scrollTop, nodes };
    },
    start() {
      record = { frames: [], gaps: 0, since: performance.now() };
      last = 0;
    },
    stop() {
      const { frames, gaps, since } = record;
      record = null;
      return {
        frames,
        gaps,
        tasks: long.filter(({ startTime }) => startTime >= since).map(({ duration }) => duration),
      };
    },
  };
})();
