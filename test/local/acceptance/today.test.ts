/**
 * A session of forty steps on each tier's model, through a deployment, a cut summary, a full window, a refusal, a ladder down and up, and a
 * move to another system with another account of the provider's. And what the Messages API would say if its thinking were kept over these.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { validate } from '../../../lib/local/messages-api/index.ts';
import type { MessagesRequest } from '../../../lib/local/messages-api/shape.ts';
import { AT, asksForSummary, type Happening, type Life, life, STEPS } from './life.ts';
import { DAYS, type Json, type Person, stage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'deployment-'));
afterAll(() => rmSync(folder, { recursive: true }));
const nextDeployment = join(folder, 'next');

/** Small enough that a context is summarised more than once on the way. */
const env = { NEXT_DEPLOYMENT: nextDeployment, COMPACT_AT_TOKENS: '14000', MAX_OUTPUT_TOKENS: '8000' };
const iterateHandler = 'test/local/acceptance/deployed.handler';
const here = stage({ account: 'the account here', env, iterateHandler });
const there = stage({ account: 'another account', env, iterateHandler });

/** A whole life may pass while one waits. */
const LONG = { timeout: 280_000, interval: 100 };
const DAILY = 5_000_000;
const TIERS: [tier: string, model: string, ladder: string[]][] = [
  ['economy', 'claude-haiku-5-5', []],
  ['standard', 'claude-sonnet-5-5', ['claude-haiku-5-5']],
  ['premium', 'claude-opus-5-5', ['claude-sonnet-5-5', 'claude-haiku-5-5']],
];

type Lived = { lived: Life; model: string; ended: Json; paid: number; billed: number };
const lives: Lived[] = [];

/** So much of the day's allowance is then used. */
const usedUp = async (person: Person, share: number) => {
  const { spent_microdollars: spent } = await person.budget();
  await person.put({ subscription_budget_microdollars: Math.ceil((spent / share) * DAYS) });
};

/** Carries the session on, as a user would who wants it done, until it has ended or asks where to go on. */
const carry = async (at: typeof here, person: Person, id: string): Promise<Json> => {
  for (let times = 0; times < 20; times++) {
    const view = await vi.waitFor(async () => {
      const seen = await person.get(id);
      expect(seen.status).toMatch(/sleeping|paused|waiting_for_input|completed|failed/);
      return seen;
    }, LONG);
    if (view.status === 'paused') await person.wish(id, 'resume');
    else if (view.status === 'sleeping') await at.moveClock({ now: view.wake_at });
    else return view;
  }
  throw new Error('it is not carried on');
};

const live = async (tier: string, model: string, ladder: string[]): Promise<Lived> => {
  const ada = await here.person({ daily: DAILY, tier });
  const happenings: Partial<Record<Happening, () => Promise<unknown>>> = {
    deployment: async () => writeFileSync(nextDeployment, 'In the newest release every word counts.'),
    down: async () => ladder.length > 0 && usedUp(ada, ladder.length > 1 ? 0.65 : 0.8),
    further: async () => ladder.length > 1 && usedUp(ada, 0.8),
    up: () => ada.put({ subscription_budget_microdollars: DAILY * DAYS }),
  };
  const lived = life(async (what) => void (await happenings[what]?.()));
  const asked = Array.from({ length: STEPS * 3 }, () => lived.player);
  const { id, goal, bill } = await ada.start(asked, { model_ladder: ladder, on_end_turn: 'wait' });
  const left = await carry(here, ada, id);
  expect(left, JSON.stringify(left.error)).toMatchObject({ status: 'waiting_for_input' });
  expect(left.question).toBe('Where do I go on?');
  const file = await here.ask('GET', `/v1/sessions/${id}/export`, { key: ada.key });

  const bob = await there.person({ daily: DAILY, tier });
  const played = there.play(goal, asked);
  const { status, json } = await there.ask('POST', '/v1/sessions/import', { key: bob.key, raw: file.text });
  expect(status, JSON.stringify(json)).toBe(201);
  await bob.wish(json.id, 'messages', { content: 'Here.' });
  const ended = await carry(there, bob, json.id);
  const sum = (lines: { cost_microdollars: number }[]) => lines.reduce((all, each) => all + each.cost_microdollars, 0);
  const spentThere = (await bob.budget()).subscription.spent_microdollars;
  const spentHere = (await ada.budget()).subscription.spent_microdollars;
  return {
    ...{ lived, model, ended, paid: spentHere + spentThere },
    billed: sum(bill()) + sum(played.bill()),
  };
};

describe('forty steps', () => {
  it.each(TIERS)(
    'of the %s tier on %s end completed: every request valid, the bill exact',
    async (tier, model, ladder) => {
      rmSync(nextDeployment, { force: true });
      const one = await live(tier, model, ladder);
      expect(one.ended).toMatchObject({ status: 'completed', result: `${STEPS} steps.` });
      expect(one.paid).toBe(one.billed);
      const models = one.lived.requests.map((request) => request.model);
      expect(new Set(models)).toEqual(new Set([model, ...ladder]));
      expect(models.at(-1)).toBe(model);
      expect(new Set(one.lived.requests.map(({ system }) => JSON.stringify(system))).size).toBeGreaterThan(1);
      expect([here.failures, there.failures]).toEqual([[], []]);
      lives.push(one);
    },
    600_000,
  );
});

/** What a product would send that keeps all thinking it ever got, in the requests that `where` chooses. */
const keeping = ({ lived }: Lived, where: (request: MessagesRequest, i: number) => boolean): string[] => {
  const keyOf = (content: MessagesRequest['messages'][number]['content']) =>
    JSON.stringify(Array.isArray(content) ? content.filter(({ type }) => type !== 'thinking') : content);
  const thoughts = new Map<string, MessagesRequest['messages'][number]['content']>();
  const refused: string[] = [];
  for (const [i, request] of lived.requests.entries()) {
    for (const { role, content } of request.messages) {
      const thinks = Array.isArray(content) && content.some(({ type }) => type === 'thinking');
      if (role === 'assistant' && thinks) thoughts.set(keyOf(content), content);
    }
    if (!where(request, i)) continue;
    const messages = request.messages.map((message) =>
      message.role === 'assistant'
        ? { ...message, content: thoughts.get(keyOf(message.content)) ?? message.content }
        : message,
    );
    const answer = validate({ ...request, messages }, { account: 'the account here', now: Date.now() });
    if (answer) refused.push(answer.message);
  }
  return refused;
};

const headOf = ({ system, tools }: MessagesRequest) =>
  JSON.stringify([system, tools], (key, value) => (key === 'cache_control' ? undefined : value));

describe('a product that keeps thinking is refused by the Messages API', () => {
  let standard: Lived;
  beforeAll(() => {
    standard = lives.find(({ model }) => model === 'claude-sonnet-5-5') ?? expect.unreachable('its life went wrong');
  });
  const BOUND = expect.arrayContaining([expect.stringContaining('bound to a different conversation')]);

  it('over a changed head', () => {
    const { requests } = standard.lived;
    const first = headOf(requests[0]!);
    expect(keeping(standard, (request) => headOf(request) !== first)).toEqual(BOUND);
  });

  it('over cleared results', () => {
    const cleared = (request: MessagesRequest) => JSON.stringify(request.messages).includes('[cleared: ');
    expect(keeping(standard, cleared)).toEqual(BOUND);
  });

  it('over a cut summary', () => {
    const { requests, cutAt } = standard.lived;
    const next = requests.findIndex((request, i) => i >= cutAt() && asksForSummary(request));
    const until = next < 0 ? requests.length : next;
    expect(keeping(standard, (_, i) => i >= cutAt() && i < until)).toEqual(BOUND);
  });

  it('over a change of model', () => {
    const { requests } = standard.lived;
    const after = requests.findIndex(({ model }) => model !== standard.model);
    // The refusal went down the ladder first.
    expect(after).toBeGreaterThan(AT.refusal);
    expect(keeping(standard, ({ model }, i) => i > after && model === standard.model)).toEqual(BOUND);
  });
});
