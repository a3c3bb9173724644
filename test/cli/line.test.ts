import { expect, it } from 'vitest';
import { line } from '../../cli/line.ts';
import { painter } from '../../cli/text.ts';
import type { SessionEvent } from '../../client/index.ts';

const asleep = (data: Partial<SessionEvent>) =>
  line(
    {
      ...{ type: 'agent.sleeping', seq: 7, at: '2026-11-10T17:47:48.000Z', session_id: 'ses_1', iteration: 3 },
      ...{ reason: 'allowance', wake_at: '2026-11-11T00:00:00.000Z', available_microdollars: 11_000, ...data },
    } as SessionEvent,
    painter(false),
  );

it.each([
  [{ limit: 'cycle' }, 'the cycle has no money left, or none is paid for it'],
  [{ limit: 'wind_down' }, '90 % of the day is spent'],
  [{ limit: 'next_step', needed_microdollars: 31_000 }, 'next step needs $0.031, $0.011 is free for this session'],
  [{ limit: 'next_step', needed_microdollars: 11_400 }, 'next step needs $0.0114, $0.0110 is free for this session'],
  [{ limit: 'share', needed_microdollars: 31_000 }, 'its share of the day is used up'],
  [{ limit: 'next_step' }, 'a step did not fit beside what is held or kept for hand-offs'],
  [{}, 'allowance'],
  [{ reason: 'agent' }, 'as it asked'],
] as [Partial<SessionEvent>, string][])('an agent that sleeps with %j says why', (data, why) => {
  expect(asleep(data)).toBe(`17:47:48  ☾ asleep until 2026-11-11 00:00 UTC: ${why}`);
});
