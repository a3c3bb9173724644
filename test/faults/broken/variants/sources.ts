/** The core, its adapters and its drive with a guard taken out. */

import type { SqlPatch } from '../../evidence.ts';
import * as agents from '../scenarios/agents.ts';
import { asleepTooLong } from '../scenarios/views.ts';
import type { Trial } from '../trial.ts';

/** Money is held for whom a user stopped. */
const unstoppable: SqlPatch = { function: 'hold_money', from: `s.desired <> 'run'`, to: 'false' };

export const sourceTrials: Trial[] = [
  {
    variant: {
      ...{ name: 'cached tokens are free', breaks: 'G3' },
      source: [{ file: 'lib/budget/pricing.ts', from: 'part.cacheRead * rates.cacheRead;', to: '0n;' }],
      expects: ['G3'],
    },
    scenario: agents.workDay,
  },
  {
    variant: {
      ...{ name: 'unredacted: a log line shows the conversation', breaks: 'G10' },
      source: [{ file: 'lib/engine/drive.ts', from: '    ...more,\n', to: '    ...more, history: session.history,\n' }],
      expects: ['G10'],
    },
    scenario: agents.workDay,
  },
  {
    variant: {
      ...{ name: 'what a person said is taken and not told', breaks: 'R5' },
      source: [{ file: 'lib/core/request-call.ts', from: 's.pending.inbox.map(', to: 's.pending.inbox.slice(1).map(' }],
      expects: ['R5'],
    },
    scenario: agents.workDay,
  },
  {
    variant: {
      ...{ name: 'a cancellation is not heard', breaks: 'R5' },
      sql: [unstoppable],
      source: [
        { file: 'lib/core/claimed.ts', from: "if (s.pending.desired === 'cancel') {", to: 'if (s.fence === -1) {' },
      ],
      expects: ['R5'],
    },
    scenario: agents.stops,
  },
  {
    variant: {
      ...{ name: 'a pause is not heard', breaks: 'R5' },
      sql: [unstoppable],
      source: [
        {
          file: 'lib/core/claimed.ts',
          from: "if (s.pending.desired === 'pause') return",
          to: 'if (s.fence === -1) return',
        },
      ],
      expects: ['R5'],
    },
    scenario: agents.stops,
  },
  {
    variant: {
      ...{ name: 'a once effect that was interrupted is repeated', breaks: 'G5' },
      source: [
        {
          file: 'lib/engine/perform.ts',
          from: "const answer = begun ? 'begun' :",
          to: "const answer = begun ? 'run' :",
        },
      ],
      expects: ['G5'],
    },
    scenario: agents.diesInTool,
  },
  {
    variant: {
      ...{ name: 'every try has an idempotency key of its own', breaks: 'G5' },
      source: [
        {
          file: 'lib/engine/perform.ts',
          from: `sha256(\`\${run.id}/`,
          to: `sha256(\`\${run.fence}/\${run.id}/`,
        },
      ],
      expects: ['G5'],
    },
    scenario: agents.diesInTool,
  },
  {
    variant: {
      ...{ name: 'calls of a cut reply get no results', breaks: 'G6' },
      source: [{ file: 'lib/core/observed.ts', from: "...(refusedCalls(s.open, 'cut') ?? [])", to: '...[]' }],
      expects: ['G5', 'G6'],
    },
    scenario: agents.cutCalls,
  },
  {
    variant: {
      ...{ name: 'a call that may have been billed is settled at nothing', breaks: 'R7' },
      source: [
        {
          file: 'lib/core/failed.ts',
          from: 'cutCost(s, cut.model, cut.usage, at) : null;',
          to: 'cutCost(s, cut.model, cut.usage, at) : 0n;',
        },
      ],
      expects: ['G3'],
    },
    scenario: agents.served500,
  },
  {
    variant: {
      ...{ name: 'a 500 counts as proof that nothing was served', breaks: 'R7' },
      source: [{ file: 'lib/adapters/anthropic/failure.ts', from: 'status < 500 &&', to: 'status < 600 &&' }],
      expects: ['G3'],
    },
    scenario: agents.provider500,
  },
  {
    variant: {
      ...{ name: 'the model retries by itself', breaks: 'G4' },
      source: [{ file: 'lib/adapters/anthropic/index.ts', from: 'maxRetries: 0', to: 'maxRetries: 2' }],
      expects: ['G4'],
    },
    scenario: agents.provider500,
  },
  {
    variant: {
      ...{ name: 'poison is paid for again and again', breaks: 'R11' },
      source: [{ file: 'lib/core/claimed.ts', from: 'const MOST_ATTEMPTS = 5;', to: 'const MOST_ATTEMPTS = 500;' }],
      expects: ['R11'],
    },
    scenario: agents.diesThinking,
  },
  {
    variant: {
      ...{ name: 'notice lost: an agent is not told that the day ends', breaks: 'G11' },
      source: [
        {
          file: 'lib/core/request-call.ts',
          from: '...(windingDown(s) ? [windDownNote(s.day)] :',
          to: '...(windingDown(s) ? [] :',
        },
      ],
      expects: ['G11'],
    },
    scenario: agents.windDown,
  },
  {
    variant: {
      ...{ name: 'a wind-down has no end', breaks: 'G11' },
      source: [{ file: 'lib/core/limits.ts', from: 'WIND_DOWN_ITERATIONS = 3', to: 'WIND_DOWN_ITERATIONS = 300' }],
      expects: ['G11'],
    },
    scenario: agents.windDown,
  },
  {
    variant: {
      ...{ name: 'the cap on iterations is off', breaks: 'G11' },
      source: [
        {
          file: 'lib/core/limits.ts',
          from: 's.iteration >= s.facts.maxIterations',
          to: 's.iteration >= s.facts.maxIterations * 10',
        },
      ],
      expects: ['G11'],
    },
    scenario: agents.endless,
  },
  {
    variant: {
      ...{ name: 'a hold refused for what others hold sends to bed', breaks: 'R12' },
      source: [
        {
          file: 'lib/core/refused.ts',
          from: "if (by === 'held') return waitForOthers(",
          to: "if (by === 'held') return sleepForBudget(",
        },
      ],
      expects: ['R12'],
    },
    scenario: agents.heldByOthers,
  },
  {
    variant: {
      ...{ name: 'a cut reply does not raise the floor', breaks: 'R13' },
      source: [
        {
          file: 'lib/core/replied.ts',
          from: 'floor: cut && hold.shrunk ?',
          to: 'floor: cut && hold.shrunk && false ?',
        },
      ],
      expects: ['R13'],
    },
    scenario: agents.shrunkReplies,
  },
  {
    variant: {
      ...{ name: 'compaction again and again', breaks: 'R14' },
      source: [
        { file: 'lib/core/compact.ts', from: ' && s.iteration - context.compactedAt >= apart;', to: ' && apart > 0;' },
      ],
      expects: ['R14'],
    },
    scenario: agents.longHead,
  },
  {
    variant: {
      ...{ name: 'the bound on a prompt is four bytes a token', breaks: 'R15' },
      source: [
        {
          file: 'lib/core/context.ts',
          from: "return Math.max(Buffer.byteLength(text), Buffer.byteLength(text.normalize('NFKC')));",
          to: 'return Math.ceil(Buffer.byteLength(text) / 4);',
        },
      ],
      expects: ['R15'],
    },
    scenario: agents.denseText,
  },
  {
    variant: {
      ...{ name: 'no hint before commit: the recovery cron is not told', breaks: 'R10' },
      source: [
        {
          file: 'lib/engine/drive.ts',
          from: 'world.live.open(hint.sessionId, until, hint.userId)',
          to: '(async () => ({ watched: until < 0 }))()',
        },
      ],
      expects: ['R10'],
    },
    scenario: asleepTooLong,
  },
  {
    variant: {
      ...{ name: 'a sweep does not mark what it sends', breaks: 'R10' },
      sql: [
        {
          function: 'sweep',
          from: 'set hint_at = case when ripe then v_real + backoff else hint_at end,',
          to: 'set hint_at = hint_at,',
        },
        {
          function: 'sweep',
          from: 'v_now + case when ripe then backoff else',
          to: "v_now + case when ripe then interval '0' else",
        },
      ],
      expects: ['R10'],
    },
    scenario: agents.sweptTwice,
  },
];
