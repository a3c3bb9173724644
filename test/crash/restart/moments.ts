/** When the system is killed: a row of moments that a seed draws, spread over all that it does. */
import { randomFrom } from '../torture/loop.ts';
import type { Agent } from './provider.ts';

/**
 * `init`: during the very first start, when the named file appears · `start`: during a later one · `claim`: an iteration has been chained ·
 * `ask`: the provider has the request · `stream`: part of the reply has arrived · `settle`: all of it · `tools`: it is saved · `save`: the
 * tools have run · `chain`: that is saved · `asleep`: all sleep until tomorrow · `clock`: while the clock is moved.
 */
export type Kind =
  | 'init'
  | 'start'
  | 'claim'
  | 'ask'
  | 'stream'
  | 'settle'
  | 'tools'
  | 'save'
  | 'chain'
  | 'asleep'
  | 'clock';

/** `share`, of 1: where in the kind's span of time; see `SPAN_MS`. */
export type Moment = { kind: Kind; agent: Agent; file: string; events: number; share: number };

/** Longest delay after what the kind waits for. A start's span is what a start takes. */
export const SPAN_MS: Record<Exclude<Kind, 'start'>, number> = {
  ...{
    init: 1_000,
    claim: 60,
    ask: 20,
    stream: 50,
    settle: 15,
    tools: 250,
    save: 15,
    chain: 15,
    asleep: 50,
    clock: 150,
  },
};

/** What a function logs last before the moment's span begins. */
export const AFTER: Partial<Record<Kind, string>> = {
  ...{ claim: 'chain', settle: 'think', tools: 'settle', save: 'act', chain: 'save' },
};

/** In this order kinds are taken until there are enough. */
const KINDS: Kind[] = [
  'init',
  'stream',
  'tools',
  'clock',
  'start',
  'save',
  'asleep',
  'claim',
  'settle',
  'ask',
  'chain',
];
/** What the first start makes, in this order. */
const FILES = ['lock', 'postgres.new', 'postgres', 'clock.json'];

export type Plan = { init: Moment[]; start: Moment[]; work: Moment[]; sleep: Moment[] };

export const planOf = (seed: number, kills: number): Plan => {
  const random = randomFrom(seed);
  const draw = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const all = Array.from(
    { length: kills },
    (_, i): Moment => ({
      kind: KINDS[i % KINDS.length] as Kind,
      agent: draw(['a', 'b'] as const),
      file: draw(FILES),
      events: 1 + Math.floor(random() * 6),
      share: random(),
    }),
  );
  const shuffled = all.map((moment) => ({ moment, at: random() })).sort((x, y) => x.at - y.at);
  const of = (belongs: (kind: Kind) => boolean) =>
    shuffled.map(({ moment }) => moment).filter(({ kind }) => belongs(kind));
  const asleep = (kind: Kind) => kind === 'asleep' || kind === 'clock';
  return {
    init: of((kind) => kind === 'init').sort((x, y) => FILES.indexOf(x.file) - FILES.indexOf(y.file)),
    start: of((kind) => kind === 'start'),
    work: of((kind) => kind !== 'init' && kind !== 'start' && !asleep(kind)),
    // The move that may wake them comes last: while they sleep, all of these can happen.
    sleep: of(asleep).sort((x, y) => Number(x.kind === 'clock') - Number(y.kind === 'clock')),
  };
};
