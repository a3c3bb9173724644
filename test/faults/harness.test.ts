/** The harness itself: that its faults are what they are called, and that a run which made none is no success. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { FAILPOINTS } from '../kit/failpoints.ts';
import { exhaustive, modesAt } from './cases.ts';
import { CALM, network } from './network.ts';
import { optionsOf } from './options.ts';
import type { Round } from './phases/index.ts';
import { randomFrom } from './random.ts';
import { percentile } from './record.ts';
import { reportOf } from './report.ts';
import { smallerContexts } from './rig/context.ts';
import { type Fate, type Gate, startGate } from './rig/gate.ts';
import { startTcpGate } from './rig/tcp.ts';
import { played } from './witness/plot.ts';
import { priceOf } from './witness/price.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server that counts what arrives, and cuts its answer on `/cut`. */
const counting = async () => {
  const arrived: string[] = [];
  const server = createServer((request, response) => {
    arrived.push(`${request.url}`);
    if (request.url !== '/cut') return void response.end('whole');
    response.write('ha');
    setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  return { arrived, port, url: `http://127.0.0.1:${port}` };
};

const gated = async (target: string, fate: () => Fate): Promise<Gate> => {
  const gate = await startGate({ dependency: 'sink', target, fate });
  closing.push(gate.close);
  return gate;
};

const textOf = (url: string) => fetch(url, { method: 'POST', body: '{}' }).then((response) => response.text());

describe('an HTTP gate', () => {
  it('passes a request and its answer', async () => {
    const { url, arrived } = await counting();
    const gate = await gated(url, () => 'pass');
    expect(await textOf(`${gate.url}/w1/x`)).toBe('whole');
    expect(arrived).toEqual(['/w1/x']);
  });

  it('lets it take effect and loses the reply', async () => {
    const { url, arrived } = await counting();
    const gate = await gated(url, () => 'lose');
    await expect(textOf(`${gate.url}/w1/x`)).rejects.toThrow();
    expect(arrived).toEqual(['/w1/x']);
  });

  it.each(['refuse', 'unavailable'] as const)('%s: nothing arrives', async (fate) => {
    const { url, arrived } = await counting();
    const gate = await gated(url, () => fate);
    const status = await fetch(`${gate.url}/w1/x`).then(
      (response) => response.status,
      () => null,
    );
    expect(status).toBe(fate === 'refuse' ? null : 503);
    expect(arrived).toEqual([]);
  });

  it('does not make a whole answer of one that was cut', async () => {
    const { url } = await counting();
    const gate = await gated(url, () => 'pass');
    await expect(textOf(`${gate.url}/cut`)).rejects.toThrow();
  });
});

describe('a TCP gate', () => {
  it('cuts, refuses and opens again', async () => {
    const { port, arrived } = await counting();
    const gate = await startTcpGate(port);
    closing.push(gate.close);
    const url = `http://127.0.0.1:${gate.port}`;
    expect(await textOf(url)).toBe('whole');
    gate.shut();
    await expect(textOf(url)).rejects.toThrow();
    gate.open();
    expect(await textOf(url)).toBe('whole');
    expect(arrived).toHaveLength(2);
  });
});

describe('the network', () => {
  const asked = { dependency: 'postgres', worker: 'w1', body: 'select save($1)' } as const;

  it('makes the planned fault for its worker and its request, once or until the next step', () => {
    const net = network(randomFrom(1), () => {});
    let took = 0;
    net.arm('w1', { step: 'saving', nth: 1, mode: 'lost' }, () => took++);
    expect(net.fate({ ...asked, worker: 'w2' })).toBe('pass');
    expect(net.fate({ ...asked, body: 'select heartbeat($1)' })).toBe('pass');
    expect([net.fate(asked), net.fate(asked)]).toEqual(['lose', 'pass']);
    net.arm('w1', { step: 'saving', nth: 1, mode: 'error' }, () => took++);
    expect([net.fate(asked), net.fate(asked)]).toEqual(['refuse', 'refuse']);
    net.disarm('w1');
    expect(net.fate(asked)).toBe('pass');
    expect(took).toBe(3);
  });

  it('loses its part of all requests, and none when it is calm', () => {
    const net = network(randomFrom(1), () => {});
    net.weather = { lost: 0.05, refused: 0, twice: 0 };
    const lost = Array.from({ length: 10_000 }, () => net.fate(asked)).filter((fate) => fate === 'lose').length;
    expect(lost).toBeGreaterThan(400);
    expect(lost).toBeLessThan(600);
    net.weather = CALM;
    expect(net.fate(asked)).toBe('pass');
  });
});

describe('the cases', () => {
  it.each([false, true])('are every step and mode (full: %s)', (full) => {
    const made = new Set(exhaustive(full).map(({ plans }) => `${plans.at(-1)!.step} ${plans.at(-1)!.mode}`));
    const all = FAILPOINTS.flatMap((step) => modesAt(step).map((mode) => `${step} ${mode}`));
    expect([...made].sort()).toEqual([...all].sort());
  });
});

describe('the report', () => {
  const options = { ...optionsOf(['--quick', '--seed', '5']) };
  const nothing: Round = {
    ...{ part: 'steps', seed: 5, ms: 1, violations: [], missed: [], hits: [], counts: [], faults: [], played: [] },
    ...{ recoveries: [], founds: [], iterations: 0, answers: [], herd: null },
    compactions: { calls: 0, written: 0, beforeSleep: 0, unknown: 0, faults: {}, modelChanges: 0 },
    money: { billed: 0, charged: 0, unknown: 0, calls: 0, unknowns: 0 },
  };

  it('does not take a run for a proof in which nothing happened', () => {
    const { unproven } = reportOf([nothing], options, true);
    expect(unproven).toContain('never hit: received');
    expect(unproven).toContain('never took effect: kill at settling');
    expect(unproven).toContain('the model never answered by: error_event');
    expect(unproven).toContain('the model never answered by: slow');
    expect(reportOf([nothing], options, false).unproven).toEqual([]);
    const whole = reportOf([nothing], { ...options, quick: false }, true);
    expect(whole.unproven).toContain('never happened: a kill of a worker at a compaction');
    expect(unproven).toContain('never happened: a compaction');
    expect(unproven).not.toContain('never happened: a kill of a worker at a compaction');
  });

  it('counts a fault only if it took effect, and blames a case for what is found in its session', () => {
    const fault = { at: 0, mode: 'kill', step: 'saving', worker: 'w1', session: 'ses_1', took: true };
    const violations = [{ check: 'G5', what: 'ses_1: twice' }];
    const played: Round['played'] = [['ses_1', 'saving × kill']];
    const faults = [fault, { ...fault, took: false }, { ...fault, session: 'ses_2' }];
    const { cells } = reportOf([{ ...nothing, faults, violations, played }], options, false);
    expect(cells).toEqual([{ step: 'saving', fault: 'kill', count: 2, violations: 1 }]);
  });
});

describe('contexts', () => {
  it('are measured in whole tokens, of which alone the product knows prices', () => {
    for (const { to } of smallerContexts()) expect(to).toMatch(/^[A-Z_]+ = \d+$/);
  });

  const text = (role: 'user' | 'assistant', words: string) => ({
    role,
    content: [{ type: 'text' as const, text: words }],
  });
  const ask = (...messages: ReturnType<typeof text>[]) =>
    JSON.stringify(played({ model: 'claude-sonnet-5-5', max_tokens: 1_200, messages }));
  const told = text('user', 'Probe: say;put;long;look;fire. Steps done: 3.');

  it('leave no step out where a summary tells of turns that stand beside it', () => {
    expect(ask(told)).toContain('Step 3: look.');
    expect(ask(told, text('assistant', 'Step 2: long. On and on'), text('user', 'Go on.'))).toContain('Step 3: look.');
    const unnamed = text('assistant', 'More and more.');
    expect(ask(told, text('assistant', 'Step 2: long.'), unnamed, text('user', 'Go on.'))).toContain('Step 4: fire.');
    expect(ask(told, unnamed, text('user', 'Go on.'))).toContain('Step 4: fire.');
  });
});

it('percentiles are values that occurred', () => {
  expect(percentile([], 0.5)).toBeNull();
  expect(percentile([3, 1, 2], 0.5)).toBe(2);
  expect(percentile([1, 2, 3, 4], 0.99)).toBe(4);
});

it('the witness reckons in its own way', () => {
  // $2, $10, $2.50 and $0.10 per million: 200 + 500 + 25 + 1 microdollars.
  expect(priceOf('claude-sonnet-5-5', { input: 100, output: 50, write: 10, read: 10 })).toBe(726);
  expect(priceOf('claude-haiku-5-5', { input: 1, output: 0, write: 0, read: 0 })).toBe(1);
});
