import { describe, expect, it } from 'vitest';
import { type Measure, markdown, violationsOf } from './app/report.ts';
import { droppedOf } from './app/scroll.ts';

const measure = (values: number[], under?: number): Measure => ({
  name: 'first paint',
  unit: 'ms',
  values,
  load: 1.26,
  under,
});

describe('the report of the dashboard', () => {
  it('holds the median against its bound, and takes what was not measured for broken', () => {
    expect(violationsOf([measure([900, 100, 199], 200), measure([900])])).toEqual([]);
    expect(violationsOf([measure([900, 100, 200], 200)])).toEqual(['first paint: 200 ms, bound < 200']);
    expect(violationsOf([{ ...measure([50]), most: 50 }])).toEqual([]);
    expect(violationsOf([{ ...measure([50.1]), most: 50 }])).toHaveLength(1);
    expect(violationsOf([measure([], 200)])).toHaveLength(1);
  });

  it('shows the least, the median and the most of each, with the load', () => {
    const measures = [measure([12.3, 4.56, 99.6], 200)];
    const text = markdown({
      ...{
        at: 'now',
        machine: '2 × a',
        node: 'v24',
        chromium: '1',
        loadAverage: [0.14, 2.04],
        measures,
        violations: [],
      },
    });
    expect(text).toContain('| first paint | ms | 3 | 4.6 | 12 | 100 | < 200 | 1.3 |');
    expect(text).toContain('load average 0.1 → 2.0');
    expect(text).not.toContain('Failed');
  });

  it('counts the frames of a screen for which there was no new one', () => {
    expect(droppedOf([16.7, 16.6, 33.4, 50, 5])).toBe(3 / 8);
  });
});
