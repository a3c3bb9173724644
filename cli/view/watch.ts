/** Sessions at work: lines where nobody can be asked, the live view on a terminal. Leaving never stops an agent. */
import { CircadianError, type Client, type Session, type SessionEvent } from '../../client/index.ts';
import { type Cli, serverNow } from '../cli.ts';
import { EXIT, exitOf } from '../exit.ts';
import { CommandError } from '../io.ts';
import { line } from '../line.ts';
import { clean, cut, json, oneLine } from '../text.ts';
import { nextCommand, situation, state } from '../words.ts';
import { type Left, live, type WatchOptions } from './live.ts';

/** Events after which it may wait for a person, or sleep. The events of one that has ended end by themselves. */
const RESTS = /^agent\.(sleeping|budget_exceeded|waiting_for_input|paused|resync)$/;

/** Beyond each journal's end: the stream begins by saying where that is, and what came meanwhile is looked at. */
const BEYOND = Number.MAX_SAFE_INTEGER;

/** Until it has ended, or somebody leaves: the exit code. */
export async function watchOne(cli: Cli, client: Client, id: string, options: WatchOptions): Promise<number> {
  const { terminal } = cli.io;
  cli.follows = true;
  const left =
    terminal && !cli.flags().json
      ? await live(cli, client, terminal, { id, ...options })
      : await lines(cli, client, id, options);
  if (typeof left === 'string') {
    cli.io.err(`It goes on without you. See it again: circadian watch ${id}`);
    return left === 'interrupted' ? EXIT.interrupted : EXIT.ok;
  }
  if (!cli.flags().json) {
    // The screen that showed it is gone.
    if (terminal && options.after === 'now') cli.io.out(named(cli, left));
    farewell(cli, left, await serverNow(cli));
  }
  return exitOf(left, { sleeps: options.sleeps, people: false }) ?? EXIT.ok;
}

/** All of them, until somebody leaves. */
export async function watchAll(cli: Cli, client: Client): Promise<number> {
  const { terminal } = cli.io;
  cli.follows = true;
  if (terminal && !cli.flags().json) {
    const left = await live(cli, client, terminal, { id: null, after: 'now', sleeps: false });
    return left === 'interrupted' ? EXIT.interrupted : EXIT.ok;
  }
  throw new CommandError('Which session? In a pipe one is watched, not all.', EXIT.usage, 'circadian watch @last');
}

async function lines(cli: Cli, client: Client, id: string, { after, sleeps }: WatchOptions): Promise<Session | Left> {
  const { io, paint } = cli;
  const isOver = (session: Session) => exitOf(session, { sleeps, people: false }) !== null;
  const { signal } = io;
  if (after === 'now') {
    const session = await client.sessions.get(id, { signal });
    if (!cli.flags().json) io.out(named(cli, session));
    if (isOver(session)) return session;
    if (!cli.flags().json) io.out(state(session, await serverNow(cli), paint));
  }
  const onBreak = (error: unknown) =>
    io.err(`The connection broke; it is made anew. (${error instanceof CircadianError ? error.code : error})`);
  const { print, flush } = printer(cli);
  try {
    const from = after === 'now' ? BEYOND : after;
    for await (const event of client.sessions.events(id, { after: from, signal, onBreak })) {
      if (event.type !== 'agent.resync' || event.after !== BEYOND) print(event);
      if (!RESTS.test(event.type)) continue;
      const session = await client.sessions.get(id, { signal });
      if (isOver(session) && session.completed_at === null) return session;
    }
  } finally {
    flush();
  }
  return signal.aborted ? 'interrupted' : await client.sessions.get(id, { signal });
}

/** Which one it is: `@last` and the end of an id do not say. */
const named = ({ paint, columns }: Cli, { goal, id }: Session): string =>
  `${paint('bold', cut(oneLine(goal), Math.max(10, columns() - id.length - 2)))}  ${paint('dim', id)}`;

/**
 * Events in one line each, without the result: the `farewell` has it whole. What the agent said last may be that result, so its line waits for what
 * follows.
 */
function printer({ flags, io, paint }: Cli) {
  let said: { text: string; row: string } | null = null;
  function flush(): void {
    if (said) io.out(said.row);
    said = null;
  }
  function print(event: SessionEvent): void {
    const isEnd = event.type === 'agent.completed' && !flags().json;
    const row = flags().json ? json(event) : line(isEnd ? { ...event, result: undefined } : event, paint);
    if (row === null) return;
    if (said && isEnd && isBeginning(said.text, event.result)) said = null;
    flush();
    if (event.type === 'agent.text' && !flags().json) said = { text: event.text, row };
    else io.out(row);
  }
  return { print, flush };
}

/** A journal has the beginning of a long text, and says how much is missing. */
const isBeginning = (text: string, result = ''): boolean =>
  result.startsWith(text.replace(/… \[\d+ more characters\]$/, ''));

function farewell({ io, paint }: Cli, session: Session, now: number): void {
  const next = nextCommand(session);
  io.out(`${state(session, now, paint)}  ${situation(session, now)}`);
  if (session.result) io.out(clean(session.result));
  if (next) io.out(`→ ${next}`);
}
