/** The load run itself: it measures what it says, and it can fail. */
import { describe, expect, it } from 'vitest';
import { collector, measured } from './load/measure.ts';
import { markdown, reportOf } from './load/report.ts';
import { type Ran, run } from './load/run.ts';

const AT = Date.parse('2026-11-10T08:00:00Z');
const line = (message: string, session: string, at: number, ms = 0, more: object = {}) =>
  JSON.stringify({ level: 'info', at: new Date(AT + at).toISOString(), message, session, ms, ...more });

describe('a measurement', () => {
  it('takes the model call out of its own invocation, and counts only those that made one', () => {
    const seen = collector();
    for (const [message, at, ms] of [
      ['claimed', 5, 0],
      ['reserve', 10, 4],
      ['think', 70, 60],
      ['settle', 75, 5],
    ] as const)
      seen.onLog(line(message, 'a', at, ms));
    seen.onLog(line('think', 'b', 40, 40));
    seen.onInvocation({ sessionId: 'a', waitedMs: 3, from: AT, ms: 90, failed: false });
    seen.onInvocation({ sessionId: 'a', waitedMs: 1, from: AT + 200, ms: 7, failed: false });
    seen.onRequest({ service: 'postgres', what: 'select claim($1, $2, $3) as answer' });
    seen.onRequest({ service: 'postgres', what: 'select claim($1, $2, $3) as answer' });
    const { iterations, perSecond, overhead, model, waited, steps, requests, errors } = measured(seen, 2);
    expect({ iterations, perSecond, errors }).toEqual({ iterations: 1, perSecond: 0.5, errors: [] });
    expect([overhead.median, model.median, waited.median]).toEqual([30, 60, 3]);
    expect(steps).toMatchObject({ 'open and claim': 5, reserve: 4, settle: 5 });
    expect(requests).toEqual({ 'postgres claim': 2 });
  });

  it('takes for an error what a function logged as one, what a process said when it died, and what was not accepted', () => {
    const seen = collector();
    seen.onLog(JSON.stringify({ level: 'error', message: 'broken' }));
    seen.onLog('FATAL ERROR: heap out of memory');
    seen.onInvocation({ sessionId: 'a', waitedMs: 0, from: AT, ms: 1, failed: true });
    expect(measured(seen, 1).errors.map(({ what }) => what)).toEqual([
      expect.stringContaining('broken'),
      expect.stringContaining('heap out of memory'),
      expect.stringContaining('a failed'),
    ]);
  });
});

describe('a run', () => {
  it('keeps all sessions at work, loses nothing, and agrees with the model’s own bill', async () => {
    const ran = await run({ sessions: 3, seconds: 3, workers: 2, servers: {} });
    const report = reportOf(ran, 'embedded', 0);
    expect(report.violations).toEqual([]);
    expect(ran.iterations).toBeGreaterThan(3);
    expect(ran.books.billed).toBeGreaterThan(0);
    expect(ran.requests).toMatchObject({ 'postgres claim': expect.any(Number), upstash: expect.any(Number) });
    expect(ran.processes['iterate (Lambda processes)']).toMatchObject({ processes: 2, memoryMb: expect.any(Number) });
    expect(markdown(report)).toContain('iterations per second');
    const broken = (change: Partial<Ran>) => reportOf({ ...ran, ...change }, '', 0).violations.join();
    expect(broken({ books: { ...ran.books, ledger: ran.books.ledger + 1 } })).toMatch(/the books disagree/);
    expect(broken({ books: { ...ran.books, held: 1 } })).toMatch(/the books disagree/);
    expect(broken({ states: { ready: 2, ended: 1 } })).toMatch(/not all sessions are at work/);
    expect(broken({ errors: [{ at: 0, what: 'one' }] })).toMatch(/1 errors, the first: one/);
    expect(broken({ iterations: 0 })).toMatch(/nothing was done/);
  }, 120_000);
});
