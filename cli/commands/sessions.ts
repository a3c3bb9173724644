/** `run`, `ls`, `show`, `pause`, `resume`, `wake`, `cancel`, `rm`. */
import type { Command } from 'commander';
import { CircadianError, dollars, type NewSession, type Session, type SessionStatus } from '../../client/index.ts';
import { type Cli, serverNow, take } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { CommandError } from '../io.ts';
import { report } from '../report.ts';
import { nowAndStop, stopped } from '../stop.ts';
import { ago, clean, json, oneLine, plural, table } from '../text.ts';
import { watchOne } from '../view/watch.ts';
import { approvalOf, callOf, nextCommand, situation, state } from '../words.ts';
import { amount, atMost, list, listOf, onceKey, pair, whole } from './options.ts';

type RunOptions = {
  agent?: string;
  model?: string;
  cap?: number;
  share?: number;
  ladder?: string[];
  memory?: string;
  ask?: boolean;
  meta?: Record<string, string>;
  watch?: boolean;
  waitSleep: boolean;
  idempotencyKey?: string;
};

const STATUSES = Object.keys({
  ...{ working: 1, sleeping: 1, waiting_for_input: 1, paused: 1, budget_exceeded: 1 },
  ...{ completed: 1, failed: 1, cancelled: 1 },
} satisfies Record<SessionStatus, 1>);

export function addSessions(program: Command, cli: Cli): void {
  program
    .command('run')
    .description('start an agent on a goal')
    .argument('<goal>', 'what it is to reach; - reads it from the standard input')
    .option('-a, --agent <name>', 'which agent')
    .option('-m, --model <name>', 'which model; else that of the agent or tier')
    .option('--cap <dollars>', 'the most that it may ever cost', amount)
    .option('--share <percent>', "the most of a day's allowance that it may use", whole)
    .option('--ladder <models>', 'cheaper models that it goes down to, with commas between', list)
    .option('--memory <name>', 'the memory that it shares with other sessions')
    .option('--ask', 'waits for you where it would finish')
    .option('--meta <key=value>', 'your own, for filters; as often as you like', pair)
    .option('-w, --watch', 'see it at work until it has ended')
    .option('--no-wait-sleep', 'with -w: end when it falls asleep')
    .addOption(onceKey())
    .action((goal: string, options: RunOptions) => start(cli, goal, options));

  program
    .command('ls')
    .description('your sessions, newest first')
    .option('-n, --limit <n>', 'at most so many', atMost, 20)
    .option('--all', 'all of them')
    .addOption(listOf('-s, --status <statuses>', 'only these, with commas between', STATUSES))
    .option('-a, --agent <name>', 'only of this agent')
    .action(
      async ({ limit, all, status, agent }: { limit: number; all?: boolean; status?: string[]; agent?: string }) => {
        const query = { ...(status && { status: status as SessionStatus[] }), ...(agent && { agent }) };
        const client = cli.client();
        const sessions = await take(
          client.sessions.list({ ...query, limit: all ? 100 : Math.max(1, Math.min(100, limit)) }),
          all ? null : limit,
        );
        const { now, stop } = await nowAndStop(cli, sessions);
        cli.show(sessions, () =>
          sessions.length > 0
            ? [...rows(cli, sessions, now), ...(stop === null ? [] : [stopped(stop, 'none goes on')])]
            : status || agent
              ? 'No such session.'
              : 'No session. Start one: circadian run "…"',
        );
      },
    );

  program
    .command('show')
    .description('one session: what it does, why it rests, what it has made')
    .argument('<id>', 'its id, the end of it, or @last')
    .action(async (id: string) => {
      const session = await cli.client().sessions.get(await cli.idOf(id));
      const at = await nowAndStop(cli, [session]);
      cli.show(session, () => details(cli, session, at));
    });

  for (const verb of ['pause', 'resume', 'wake', 'cancel'] as const)
    program
      .command(verb)
      .description(WHAT[verb])
      .argument('<id...>', 'ids, the ends of them, or @last')
      .action(async (given: string[]) => {
        const client = cli.client();
        const now = await serverNow(cli);
        await each(
          cli,
          given,
          (id) => client.sessions[verb](id),
          (one) => `${state(one, now, cli.paint)}  ${one.id}  ${situation(one, now)}`,
        );
      });

  program
    .command('rm')
    .description('delete sessions with their files; what they cost stays in the usage')
    .argument('<id...>', 'ids, or the ends of them')
    .option('-y, --yes', 'do not ask; without it, nothing is deleted')
    .action(async (given: string[], { yes }: { yes?: boolean }) => {
      if (!yes) {
        const ids = await idsOf(cli, given);
        throw new CommandError(
          `Nothing was deleted. This takes ${ids.join(', ')} with all files, for ever.`,
          EXIT.usage,
          `circadian rm -y ${ids.join(' ')}`,
        );
      }
      const client = cli.client();
      await each(
        cli,
        given,
        (id) => client.sessions.delete(id).then(() => ({ id, deleted: true })),
        ({ id }) => `${id} is deleted.`,
      );
    });
}

const WHAT = {
  pause: 'let sessions rest until they are resumed',
  resume: 'let paused sessions go on',
  wake: 'let sleeping sessions go on before their time',
  cancel: 'end sessions; what they have made stays',
};

async function start(cli: Cli, given: string, options: RunOptions): Promise<void> {
  const goal = given === '-' ? (await cli.io.input()).trim() : given;
  const { agent, model, cap, share, ladder, memory, ask, meta } = options;
  const wanted: NewSession = {
    goal,
    ...{ ...(agent && { agent }), ...(model && { model }), ...(memory && { memory }), ...(meta && { metadata: meta }) },
    ...{
      ...(cap !== undefined && { max_cost_microdollars: cap }),
      ...(share !== undefined && { daily_share_percent: share }),
    },
    ...{ ...(ladder && { model_ladder: ladder }), ...(ask && { on_end_turn: 'wait' as const }) },
  };
  const client = cli.client();
  const session = await cli.once(options.idempotencyKey, (once) => client.sessions.create(wanted, once));
  const most = session.max_cost_microdollars === null ? '' : ` · cap ${dollars(session.max_cost_microdollars)}`;
  if (!options.watch || !cli.flags().json)
    cli.show(session, () => `${session.id}  ${session.agent} · ${session.model}${most}`);
  if (!options.watch) return;
  cli.exit = await watchOne(cli, client, session.id, { after: 0, sleeps: !options.waitSleep });
}

/** The ids that are meant, each once. Throws for one that names no session, before anything was changed. */
async function idsOf(cli: Cli, given: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const one of given) ids.push(await cli.idOf(one));
  return [...new Set(ids)];
}

/** Of this session alone: what became of it says nothing of the next one. */
const isRefusal = (error: unknown): boolean =>
  error instanceof CircadianError &&
  error.status >= 400 &&
  error.status < 500 &&
  ![401, 403, 429].includes(error.status);

/**
 * Each of them, told as soon as it is done. A refusal is told, too, and the others go on: the command then ends as the first one failed. Whatever else
 * fails ends the command.
 */
async function each<T>(
  cli: Cli,
  given: string[],
  act: (id: string) => Promise<T>,
  told: (done: T) => string,
): Promise<void> {
  const ids = await idsOf(cli, given);
  const done: T[] = [];
  // What was done is told before the reason why the rest was not.
  const finish = () => cli.flags().json && cli.io.out(json(given.length === 1 ? done[0] : done));
  for (const id of ids) {
    try {
      const result = await act(id);
      done.push(result);
      if (!cli.flags().json) cli.io.out(told(result));
    } catch (error) {
      if (given.length === 1) throw error;
      if (cli.io.signal.aborted || !isRefusal(error)) {
        finish();
        throw error;
      }
      const exit = report(cli, error);
      if (cli.exit === EXIT.ok) cli.exit = exit;
    }
  }
  finish();
}

/** A table of sessions. */
export const rows = (cli: Pick<Cli, 'paint' | 'columns'>, sessions: Session[], now: number): string[] =>
  table(
    sessions.map((one) => [
      state(one, now, cli.paint),
      oneLine(one.goal),
      `it. ${one.iteration_number}`,
      dollars(one.cost_microdollars),
      ago(one.updated_at, now),
      cli.paint('dim', one.id.slice(-8)),
    ]),
    cli.columns(),
    1,
  );

function details(cli: Cli, session: Session, { now, stop }: { now: number; stop: string | null }): string[] {
  const { paint } = cli;
  const cap = session.max_cost_microdollars;
  const next = nextCommand(session);
  const fields: [string, string][] = [
    ['Agent', `${session.agent} · ${session.model}${session.effort ? ` · effort ${session.effort}` : ''}`],
    [
      'Cost',
      `${dollars(session.cost_microdollars)}${cap === null ? '' : ` of at most ${dollars(cap)}`} · ${plural(session.iteration_number, 'iteration')}`,
    ],
    ['Phase', oneLine(session.current_phase ?? '')],
    ['Note', oneLine(session.sleep?.note ?? '')],
    ['Began', `${session.created_at.slice(0, 16).replace('T', ' ')} UTC (${ago(session.created_at, now)})`],
  ];
  return [
    `${paint('bold', oneLine(session.goal))}  ${paint('dim', session.id)}`,
    `${state(session, now, paint)}  ${situation(session, now, stop)}`,
    ...fields.filter(([, value]) => value !== '').map(([name, value]) => `${paint('dim', name.padEnd(7))}${value}`),
    ...(session.waiting?.approvals ?? []).flatMap((call) => [
      `${paint('magenta', '?')} may it call ${callOf(call)}`,
      `→ ${approvalOf(session.id, call)}`,
      `→ circadian deny ${session.id} ${oneLine(call.call_id)}`,
    ]),
    ...(session.waiting?.choices ?? []).map((choice) => `  - ${oneLine(choice)}`),
    ...(session.result ? ['', clean(session.result)] : []),
    ...(next && session.waiting?.kind !== 'approval' ? ['', `→ ${next}`] : []),
  ];
}
