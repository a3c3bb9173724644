/** `inbox`, `say`, `answer`, `approve`, `deny`. */
import type { Command } from 'commander';
import type { ApprovalDecision, Session } from '../../client/index.ts';
import { type Cli, serverNow, take } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { CommandError } from '../io.ts';
import { ago, clean, oneLine } from '../text.ts';
import { type Approval, approvalOf, callOf, pinOf, situation, state } from '../words.ts';

export function addInbox(program: Command, cli: Cli): void {
  program
    .command('inbox')
    .description('sessions that wait for you')
    .action(async () => {
      const client = cli.client();
      const listed = await take(client.inbox(), null);
      // A list has only the beginning of long arguments.
      const whole = (one: Session) =>
        cli.flags().json || one.waiting?.approvals.every(({ input }) => input) ? one : client.sessions.get(one.id);
      const sessions = await Promise.all(listed.map(whole));
      const now = await serverNow(cli);
      cli.show(sessions, () =>
        sessions.length > 0 ? sessions.flatMap((one) => asked(cli, one, now)) : 'Nobody waits for you.',
      );
    });

  const say = async (given: string, text: string) => {
    const content = text === '-' ? (await cli.io.input()).trim() : text;
    const session = await cli.client().sessions.say(await cli.idOf(given), content);
    const now = await serverNow(cli);
    cli.show(session, () => `${state(session, now, cli.paint)}  ${session.id}  ${situation(session, now)}`);
  };
  for (const [verb, what] of [
    ['say', 'tell a session something'],
    ['answer', 'answer the question of a session'],
  ] as const)
    program
      .command(verb)
      .description(what)
      .argument('<id>', 'its id, the end of it, or @last')
      .argument('<text>', 'what; - reads it from the standard input')
      .action(say);

  program
    .command('approve')
    .description('let a call run that a session waits with, as `circadian inbox` shows it')
    .argument('<id>', 'its id, the end of it, or @last')
    .argument('[call]', 'which one')
    .option('--sha <sha>', 'of what was shown, or its args_sha: nothing else is approved')
    .action((id: string, call: string | undefined, { sha }: { sha?: string }) => approve(cli, id, call, sha));
  program
    .command('deny')
    .description('let the calls not run; the agent is told')
    .argument('<id>', 'its id, the end of it, or @last')
    .argument('[call]', 'only this one')
    .option('-r, --reason <text>', 'what the agent is told')
    .action((id: string, call: string | undefined, { reason }: { reason?: string }) =>
      deny(cli, id, call, { decision: 'deny', ...(reason && { reason }) }),
    );
}

/** What waits there for a decision: one call, or all. */
async function waitingAt(cli: Cli, given: string, call: string | undefined) {
  const client = cli.client();
  const id = await cli.idOf(given);
  const session = await client.sessions.get(id);
  const waiting = (session.waiting?.approvals ?? []).filter(({ call_id }) => call === undefined || call_id === call);
  if (waiting.length > 0) return { client, id, session, waiting };
  throw new CommandError(
    call ? `${id} does not wait with the call ${call}.` : `${id} waits with no call.`,
    EXIT.conflict,
    `circadian show ${id}`,
  );
}

/** Only what was seen is approved: without its name and SHA the calls are shown, and none runs. */
async function approve(cli: Cli, given: string, call: string | undefined, sha: string | undefined): Promise<void> {
  const { client, id, waiting } = await waitingAt(cli, given, call);
  const [first] = waiting;
  if (!first || call === undefined || sha === undefined)
    throw new CommandError(
      `Nothing was approved. ${id} waits with this:\n${waiting.flatMap((one) => shown(cli, id, one)).join('\n')}`,
      EXIT.usage,
    );
  if (sha !== pinOf(first) && sha !== first.args_sha)
    throw new CommandError(
      `Nothing was approved: ${call} is not what was shown before.`,
      EXIT.conflict,
      'circadian inbox',
    );
  const { call_id, args_sha, tool_sha } = first;
  const session = await client.sessions.approve(id, call_id, { decision: 'approve', args_sha, tool_sha });
  cli.show(session, () => `${oneLine(first.tool)} is approved.  ${cli.paint('dim', call_id)}`);
}

async function deny(cli: Cli, given: string, call: string | undefined, decision: ApprovalDecision): Promise<void> {
  const { client, id, session, waiting } = await waitingAt(cli, given, call);
  let now = session;
  for (const { call_id, args_sha, tool_sha } of waiting)
    now = await client.sessions.approve(id, call_id, { ...decision, args_sha, tool_sha });
  cli.show(now, () => waiting.map(({ tool, call_id }) => `${oneLine(tool)} is denied.  ${cli.paint('dim', call_id)}`));
}

const shown = ({ paint }: Pick<Cli, 'paint'>, id: string, call: Approval): string[] => [
  `  ${paint('magenta', '?')} may it call ${callOf(call)}`,
  ...(call.input ? [`  → ${approvalOf(id, call)}`] : []),
  `  → circadian deny ${id} ${oneLine(call.call_id)}`,
];

function asked(cli: Cli, session: Session, now: number): string[] {
  const { paint } = cli;
  const { waiting, id, goal } = session;
  const approvals = waiting?.approvals ?? [];
  return [
    `${state(session, now, paint)}  ${paint('bold', oneLine(goal))}  ${paint('dim', waiting ? ago(waiting.since, now) : '')}`,
    ...(approvals.length > 0
      ? approvals.flatMap((call) => shown(cli, id, call))
      : [
          ...clean(session.question ?? '')
            .split('\n')
            .map((part) => `  ${part}`),
          ...(waiting?.choices ?? []).map((choice) => `  - ${oneLine(choice)}`),
          `  → circadian answer ${id} "…"`,
        ]),
    '',
  ];
}
