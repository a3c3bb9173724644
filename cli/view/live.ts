/** The live view: two frames a second, one stream, and questions to the API only while something moves. */
import type { Client, Session } from '../../client/index.ts';
import { budgetAndNow, type Cli, take } from '../cli.ts';
import { exitOf, failureOf } from '../exit.ts';
import type { Terminal } from '../io.ts';
import { line } from '../line.ts';
import { stopOf } from '../stop.ts';
import { oneLine } from '../text.ts';
import { pinOf } from '../words.ts';
import { frame, shownWhole, type View } from './frame.ts';
import { openScreen } from './screen.ts';

const FRAME_MS = 500;
const ASK_MS = 2_000;
/** An event tells of all that happens; only that nothing is heard of a worker, no event tells. So of so many times, one asks while one works. */
const WORK_ASKS = 5;
const MOST_SESSIONS = 50;
const MOST_LINES = 500;

export type WatchOptions = {
  after: number | 'now';
  /** Its sleep ends the watching, too. */
  sleeps: boolean;
};

/** By `q`, or by Ctrl-C. */
export type Left = 'left' | 'interrupted';

type LiveOptions = WatchOptions & { id: string | null };

/** The session as it ended, or how somebody left before. */
export async function live(
  cli: Cli,
  client: Client,
  terminal: Terminal,
  { id, after, sleeps }: LiveOptions,
): Promise<Session | Left> {
  const { io } = cli;
  const view: View = {
    budget: null,
    stop: null,
    sessions: [],
    only: id !== null,
    tail: [],
    draft: '',
    trouble: null,
    entry: null,
    note: null,
    seen: [],
  };
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, io.signal]);
  const over = Promise.withResolvers<Session | Left>();
  io.signal.addEventListener('abort', () => over.resolve('interrupted'), { once: true });
  let ahead = 0;
  let times = 0;
  let stale = true;
  let asking = false;
  let begun = false;

  async function refresh(): Promise<void> {
    if (asking) return;
    asking = true;
    stale = false;
    try {
      view.sessions =
        id === null
          ? await take(client.sessions.list({ limit: MOST_SESSIONS, signal }), MOST_SESSIONS)
          : [await client.sessions.get(id, { signal })];
      const { budget, now } = await budgetAndNow(client, io, signal);
      ahead = now - io.now();
      const stop = await stopOf(client, { sessions: view.sessions, budget, now, signal });
      Object.assign(view, { budget, stop, trouble: null });
    } catch (error) {
      stale = true;
      if (!signal.aborted) view.trouble = oneLine(failureOf(error).message);
    } finally {
      asking = false;
    }
    const [session] = view.sessions;
    if (id !== null && session && exitOf(session, { sleeps, people: true }) !== null) over.resolve(session);
  }

  /** Of the first place alone: what happened between the look and the beginning of the stream no event tells. */
  function onCursor(): void {
    stale ||= !begun;
    begun = true;
  }
  function onBreak(): void {
    view.trouble = 'the connection broke, and is made anew';
    stale = true;
  }
  function tell(text: string | null): void {
    if (text !== null) view.tail = [...view.tail, text].slice(-MOST_LINES);
  }

  async function follow(one: string): Promise<void> {
    for await (const event of client.sessions.events(one, { after, deltas: true, signal, onBreak, onCursor })) {
      if (event.type === 'agent.delta') {
        view.draft = event.text;
        continue;
      }
      view.draft = '';
      stale = true;
      tell(line(event, cli.paint));
    }
    if (!signal.aborted) over.resolve(await client.sessions.get(one, { signal }));
  }

  async function followAll(): Promise<void> {
    for await (const event of client.events({ signal, onBreak, onCursor })) {
      stale = true;
      if (event.type === 'agent.resync') continue;
      const text = line(event, cli.paint);
      if (text !== null) tell(`${cli.paint('dim', event.session_id.slice(-8))}  ${text}`);
    }
  }

  function draw(): void {
    const place = { ...terminal.size(), now: io.now() + ahead, paint: cli.paint };
    screen.draw(frame(view, place));
    view.seen = shownWhole(view, place);
  }
  const press = keysFor({
    view,
    client,
    leave: over.resolve,
    done: (note) => {
      view.note = note;
      stale = true;
      draw();
    },
  });
  using screen = openScreen(terminal, (key) => press(key), draw);
  const frames = setInterval(draw, FRAME_MS);
  const asks = setInterval(() => {
    const now = io.now() + ahead;
    const isNewDay = view.budget !== null && Date.parse(view.budget.resets_at) <= now;
    const moves = isNewDay || view.sessions.some((session) => mayMove(session, now));
    if (stale || (moves && ++times % WORK_ASKS === 0)) void refresh();
  }, ASK_MS);
  try {
    // Keys count from the beginning, also where nobody answers.
    await Promise.race([refresh(), over.promise]);
    draw();
    (id === null ? followAll() : follow(id)).catch((error: unknown) => over.reject(error));
    return await over.promise;
  } finally {
    clearInterval(frames);
    clearInterval(asks);
    stop.abort();
  }
}

const RESTS: Session['status'][] = ['sleeping', 'budget_exceeded'];
/** Also what is due: no event tells of it before it is taken up, and none at all while the operator holds it. */
const mayMove = ({ status, wake_at: at }: Session, now: number): boolean =>
  status === 'working' || (RESTS.includes(status) && at !== null && Date.parse(at) <= now);

type Keys = { view: View; client: Client; leave: (how: Left) => void; done: (note: string | null) => void };

/** What keys do. The session is the one that is looked at; a refusal is shown, and nothing ends. */
export function keysFor({ view, client, leave, done }: Keys): (key: string) => void {
  async function act(what: string, work: (session: Session) => Promise<Session>): Promise<void> {
    const [session] = view.sessions;
    if (!view.only || !session) return;
    done(`${what} …`);
    try {
      view.sessions = [await work(session)];
      done(null);
    } catch (error) {
      done(oneLine(failureOf(error).message));
    }
  }
  const decide = (decision: 'approve' | 'deny') =>
    act(decision === 'approve' ? 'approving' : 'denying', async (session) => {
      const calls = session.waiting?.approvals ?? [];
      if (decision === 'approve' && !calls.every((call) => view.seen.includes(pinOf(call))))
        throw new Error(`Not all of it is shown here, so nothing was approved: circadian show ${session.id}`);
      let now = session;
      for (const { call_id, args_sha, tool_sha } of calls)
        now = await client.sessions.approve(session.id, call_id, { decision, args_sha, tool_sha });
      return now;
    });

  function typed(key: string, entry: NonNullable<View['entry']>): void {
    if (key === '\r' || key === '\n') {
      view.entry = null;
      if (entry.text.trim()) void act('sending', ({ id }) => client.sessions.say(id, entry.text.trim()));
      else done(null);
    } else if (key === '\u001b') view.entry = null;
    else if (key === '\u007f' || key === '\b') entry.text = [...entry.text].slice(0, -1).join('');
    else if (!key.startsWith('\u001b')) entry.text += oneLine(key) === '' ? ' ' : key.replace(/\p{Cc}/gu, '');
    done(null);
  }

  return (key) => {
    if (key.includes('\u0003')) return leave('interrupted');
    if (view.entry) return typed(key, view.entry);
    const [session] = view.sessions;
    const isApproval = session?.waiting?.kind === 'approval';
    if (key === 'q') leave('left');
    else if (key === 'p')
      void act(session?.status === 'paused' ? 'resuming' : 'pausing', ({ id, status }) =>
        client.sessions[status === 'paused' ? 'resume' : 'pause'](id),
      );
    else if (key === 'w') void act('waking', ({ id }) => client.sessions.wake(id));
    else if (key === 'y' && isApproval) void decide('approve');
    else if (key === 'n' && isApproval) void decide('deny');
    else if (key === 'a' && view.only) {
      view.entry = { label: session?.status === 'waiting_for_input' ? 'Answer:' : 'Tell it:', text: '' };
      done(null);
    }
  };
}
