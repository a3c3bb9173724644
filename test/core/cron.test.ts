/** When schedules are due: changes of clocks, short months, leap years; and which patterns cannot be had. */
import { describe, expect, it } from 'vitest';
import { cronFault, nextRun, nextRuns } from '../../lib/schedules/cron.ts';

const runs = (cron: string, zone: string, from: string, count: number): string[] =>
  nextRuns(cron, zone, Date.parse(from), count).map((at) => new Date(at).toISOString().slice(0, 16));

describe('the next instants', () => {
  it.each([
    ['30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00Z', ['2027-03-28T01:00', '2027-03-29T00:30'], 'skipped: 03:00'],
    ['0 2 * * *', 'Europe/Berlin', '2027-03-27T12:00Z', ['2027-03-28T01:00', '2027-03-29T00:00'], 'the gap begins'],
    ['30 2 * * *', 'America/New_York', '2027-03-13T12:00Z', ['2027-03-14T07:00', '2027-03-15T06:30'], 'skipped'],
    ['15 0 * * *', 'Africa/Cairo', '2027-04-29T12:00Z', ['2027-04-29T22:00', '2027-04-30T21:15'], 'gap at midnight'],
    [
      '30 2,14 * * *',
      'Europe/Berlin',
      '2027-03-27T23:00Z',
      ['2027-03-28T01:00', '2027-03-28T12:30'],
      'a list of hours',
    ],
    [
      '0 * * * *',
      'Europe/Berlin',
      '2027-03-27T23:30Z',
      ['2027-03-28T00:00', '2027-03-28T01:00', '2027-03-28T02:00'],
      'each hour',
    ],
    [
      '*/30 * * * *',
      'Europe/Berlin',
      '2027-03-28T00:20Z',
      ['2027-03-28T00:30', '2027-03-28T01:00', '2027-03-28T01:30'],
      'each half hour',
    ],
    ['30 2 * * *', 'Europe/Berlin', '2027-10-30T12:00Z', ['2027-10-31T00:30', '2027-11-01T01:30'], 'twice: the first'],
    [
      '30 2,14 * * *',
      'Europe/Berlin',
      '2027-10-30T23:00Z',
      ['2027-10-31T00:30', '2027-10-31T13:30'],
      'a list, once each',
    ],
    [
      '30 1 * * *',
      'America/New_York',
      '2027-11-06T12:00Z',
      ['2027-11-07T05:30', '2027-11-08T06:30'],
      'twice: the first',
    ],
    [
      '0 * * * *',
      'Europe/Berlin',
      '2027-10-30T23:30Z',
      ['2027-10-31T00:00', '2027-10-31T01:00', '2027-10-31T02:00'],
      'both hours',
    ],
    [
      '30 1 * * *',
      'Australia/Lord_Howe',
      '2027-04-03T00:00Z',
      ['2027-04-03T14:30', '2027-04-04T15:00'],
      'half an hour twice',
    ],
    [
      '0 9 31 * *',
      'Europe/Berlin',
      '2027-01-31T12:00Z',
      ['2027-03-31T07:00', '2027-05-31T07:00', '2027-07-31T07:00'],
      'the 31st',
    ],
    ['0 0 29 2 *', 'UTC', '2026-03-01T00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00'], 'leap days'],
    ['0 0 L * *', 'UTC', '2027-01-31T12:00Z', ['2027-02-28T00:00', '2027-03-31T00:00'], 'the last day'],
    ['@monthly', 'Europe/Berlin', '2027-03-15T12:00Z', ['2027-03-31T22:00', '2027-04-30T22:00'], 'local midnight'],
    ['@daily', 'America/New_York', '2027-03-13T12:00Z', ['2027-03-14T05:00', '2027-03-15T04:00'], 'over the gap'],
    ['0 12 13 * 5', 'UTC', '2027-01-01T13:00Z', ['2027-01-08T12:00', '2027-01-13T12:00'], 'a day or a weekday'],
    ['0 0 * * 7', 'UTC', '2027-01-01T00:00Z', ['2027-01-03T00:00'], 'Sunday is 7'],
    ['0 0 * * MON#1', 'UTC', '2027-01-01T00:00Z', ['2027-01-04T00:00', '2027-02-01T00:00'], 'first Mondays'],
  ])('of %s in %s after %s are %j: %s', (cron, zone, from, expected) => {
    expect(cronFault(cron, zone, Date.parse(from))).toBeNull();
    expect(runs(cron, zone, from, expected.length)).toEqual(expected);
  });

  it('come strictly after the last, also of a time that comes twice', () => {
    const next = (after: string) => new Date(nextRun('30 2 * * *', 'Europe/Berlin', Date.parse(after))).toISOString();
    for (const after of ['2027-10-31T00:30:00Z', '2027-10-31T00:30:00.500Z', '2027-10-31T01:30:00Z'])
      expect(next(after)).toBe('2027-11-01T01:30:00.000Z');
  });
});

describe('a pattern is refused', () => {
  const NOW = Date.parse('2026-11-10T08:00:00Z');
  it.each([
    ['* * * * * *', 'UTC', 'cron', 'Must be five fields'],
    ['2027-01-01T00:00:00', 'UTC', 'cron', 'Must be five fields'],
    ['? 9 * * *', 'UTC', 'cron', 'Must be five fields'],
    ['@reboot', 'UTC', 'cron', 'Must be five fields'],
    ['', 'UTC', 'cron', 'Must be five fields'],
    ['0 24 * * *', 'UTC', 'cron', 'Cannot be read: Invalid value for hour: 24'],
    ['0 0 30 2 *', 'UTC', 'cron', 'Never comes'],
    ['* * * * *', 'UTC', 'cron', 'more than 288 times a day'],
    ['*/4 * * * *', 'UTC', 'cron', 'more than 288 times a day'],
    ['* 8-13 * * 2', 'UTC', 'cron', 'more than 288 times a day'],
    ['* 8-13 10,11 11 *', 'UTC', 'cron', 'more than 288 times a day'],
    ['0 9 * * *', 'Nowhere/City', 'time_zone', 'Must be a time zone'],
    ['0 9 * * *', '+02:00', 'time_zone', 'Must be a time zone'],
    ['0 9 * * *', '', 'time_zone', 'Must be a time zone'],
  ])('if it is %j in %j: %s', (cron, zone, field, message) => {
    expect(cronFault(cron, zone, NOW)).toMatchObject({ field, message: expect.stringContaining(message) });
  });

  it.each(['*/5 * * * *', '0-3 * * * *', '* 22 * * *', '@hourly'])('but not %s', (cron) =>
    expect(cronFault(cron, 'Europe/Berlin', NOW)).toBeNull(),
  );
});
