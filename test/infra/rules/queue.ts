import { expect } from 'vitest';
import { all, arnOf, fn, inputs, letters, mapping, queue, type Rule, remove, set } from '../kit/deployed.ts';

export const queues: Rule[] = [
  {
    name: 'B2, B4, B5: the queue and its dead letters are standard queues, so nothing is swallowed and no dead message blocks a session',
    holds: (d) => {
      expect(all(d, 'queue')).toHaveLength(2);
      for (const { inputs: one } of all(d, 'queue')) {
        expect(one).toMatchObject({ fifoQueue: false, contentBasedDeduplication: false });
        expect(one.name).not.toMatch(/\.fifo$/);
      }
    },
    mutants: {
      'a FIFO queue': (d) => set(queue(d), { fifoQueue: true }),
      'a FIFO dead-letter queue': (d) => set(letters(d), { fifoQueue: true }),
      deduplication: (d) => set(queue(d), { contentBasedDeduplication: true }),
    },
  },
  {
    name: 'B3: a message is invisible for the function’s timeout and a minute, so a dead invocation freezes it for no longer',
    holds: (d) => {
      expect(queue(d).visibilityTimeoutSeconds).toBe(fn(d, 'Iterate').timeout + 60);
      expect(letters(d).visibilityTimeoutSeconds).toBe(fn(d, 'DeadLetter').timeout + 60);
    },
    mutants: {
      'six times the timeout': (d) => set(queue(d), { visibilityTimeoutSeconds: 6 * 900 }),
      'less than the timeout': (d) => set(queue(d), { visibilityTimeoutSeconds: 300 }),
      'a longer timeout': (d) => set(fn(d, 'DeadLetter'), { timeout: 120 }),
    },
  },
  {
    name: 'B5, B7: one message per invocation, reported by itself',
    holds: (d) => {
      expect(all(d, 'mapping')).toHaveLength(2);
      for (const { inputs: one } of all(d, 'mapping')) {
        expect(one).toMatchObject({ batchSize: 1, maximumBatchingWindowInSeconds: 0 });
        expect(one.functionResponseTypes).toEqual(['ReportBatchItemFailures']);
      }
      expect(mapping(d, queue(d)).functionName).toBe(arnOf.function(fn(d, 'Iterate')));
    },
    mutants: {
      batches: (d) => set(mapping(d, queue(d)), { batchSize: 10 }),
      'a batching window': (d) => set(mapping(d, letters(d)), { maximumBatchingWindowInSeconds: 5 }),
      'batches that fail as one': (d) => set(mapping(d, queue(d)), { functionResponseTypes: [] }),
      'another function': (d) => set(mapping(d, queue(d)), { functionName: arnOf.function(fn(d, 'Wake')) }),
    },
  },
  {
    name: 'B6, B11: the queue limits how many iterations run at once, before the model’s rate limit does',
    holds: (d) => {
      expect(mapping(d, queue(d)).scalingConfig).toEqual({ maximumConcurrency: d.production ? 20 : 5 });
      const reserved = all(d, 'function').map(({ name, inputs: one }) => [name, one.reservedConcurrentExecutions]);
      const kept = reserved.filter(([, places]) => places !== undefined && places !== -1);
      expect(Object.fromEntries(kept)).toEqual({ WakeFunction: 5, ApiFunction: d.production ? 400 : 100 });
    },
    mutants: {
      'no limit': (d) => void delete mapping(d, queue(d)).scalingConfig,
      'another limit': (d) => set(mapping(d, queue(d)).scalingConfig, { maximumConcurrency: 1_000 }),
      'streams that may take all places': (d) => void delete fn(d, 'Api').reservedConcurrentExecutions,
      'no place for wake': (d) => set(fn(d, 'Wake'), { reservedConcurrentExecutions: 0 }),
      'less reserved than the queue sends': (d) => set(fn(d, 'Iterate'), { reservedConcurrentExecutions: 2 }),
    },
  },
  {
    name: 'B4, B9: what fails five times goes to the dead letters, where it is buried within a fortnight',
    holds: (d) => {
      expect(JSON.parse(queue(d).redrivePolicy)).toEqual({
        deadLetterTargetArn: arnOf.queue(letters(d)),
        maxReceiveCount: 5,
      });
      expect(letters(d).messageRetentionSeconds).toBe(14 * 86_400);
      expect(letters(d).redrivePolicy).toBeUndefined();
      expect(mapping(d, letters(d)).functionName).toBe(arnOf.function(fn(d, 'DeadLetter')));
    },
    mutants: {
      'no dead letters': (d) => set(queue(d), { redrivePolicy: '{}' }),
      'given up at once': (d) =>
        set(queue(d), { redrivePolicy: JSON.stringify({ ...JSON.parse(queue(d).redrivePolicy), maxReceiveCount: 1 }) }),
      'kept for four days': (d) => set(letters(d), { messageRetentionSeconds: 345_600 }),
      'buried by nobody': (d) => set(mapping(d, letters(d)), { functionName: arnOf.function(fn(d, 'Iterate')) }),
    },
  },
  {
    name: 'hints of an overload are forgotten within hours, not before their five deliveries',
    holds: (d) => expect(queue(d).messageRetentionSeconds).toBe(6 * 3_600),
    mutants: {
      'kept for days': (d) => set(queue(d), { messageRetentionSeconds: 345_600 }),
      'forgotten before it is delivered five times': (d) => set(queue(d), { messageRetentionSeconds: 3_600 }),
    },
  },
  {
    name: 'B1: AWS lets iterations chain, and nothing else',
    holds: (d) => {
      expect(inputs(d, 'recursion')).toEqual({ functionName: fn(d, 'Iterate').name, recursiveLoop: 'Allow' });
    },
    mutants: {
      'a chain that AWS stops': (d) => set(inputs(d, 'recursion'), { recursiveLoop: 'Terminate' }),
      'leave for another function': (d) => set(inputs(d, 'recursion'), { functionName: fn(d, 'Wake').name }),
      'no leave': (d) => remove(d, 'recursion'),
    },
  },
];
