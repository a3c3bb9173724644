/** `inbox`, `say`, `answer`, `approve`, `deny`. */
import type { Command } from 'commander';
import type { ApprovalDecision, Session } from '../../client/index.ts';
import { type Cli, serverNow, take } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { CommandError } from '../io.ts';
import { ago, clean, oneLine } from '../text.ts';
import { situation, state } from '../words.ts';

export function addInbox(program: Command, cli: Cli): void {
  program
    .command('inbox')
    .description('sessions that wait for you')
    .action(async () => {
      const sessions = await take(cli.client().inbox(), null);
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
    .description('let the calls run that a session waits with')
    .argument('<id>', 'its id, the end of it, or @last')
    .argument('[call]', 'only this one')
    .action((id: string, call?: string) => decide(cli, id, call, { decision: 'approve' }));
  program
    .command('deny')
    .description('let the calls not run; the agent is told')
    .argument('<id>', 'its id, the end of it, or @last')
    .argument('[call]', 'only this one')
    .option('-r, --reason <text>', 'what the agent is told')
    .action((id: string, call: string | undefined, { reason }: { reason?: string }) =>
      decide(cli, id, call, { decision: 'deny', ...(reason && { reason }) }),
    );
}

/** Decides about what is waiting as it is seen now: a call that has changed since is refused. */
async function decide(cli: Cli, given: string, call: string | undefined, decision: ApprovalDecision): Promise<void> {
  const client = cli.client();
  const id = await cli.idOf(given);
  let session = await client.sessions.get(id);
  const waiting = (session.waiting?.approvals ?? []).filter(({ call_id }) => call === undefined || call_id === call);
  if (waiting.length === 0)
    throw new CommandError(
      call ? `${id} does not wait with the call ${call}.` : `${id} waits with no call.`,
      EXIT.conflict,
      `circadian show ${id}`,
    );
  for (const { call_id, args_sha, tool_sha } of waiting)
    session = await client.sessions.approve(id, call_id, { ...decision, args_sha, tool_sha });
  const done = decision.decision === 'approve' ? 'approved' : 'denied';
  cli.show(session, () =>
    waiting.map(({ tool, call_id }) => `${oneLine(tool)} is ${done}.  ${cli.paint('dim', call_id)}`),
  );
}

function asked(cli: Cli, session: Session, now: number): string[] {
  const { paint } = cli;
  const { waiting, id, goal } = session;
  const approvals = waiting?.approvals ?? [];
  return [
    `${state(session, now, paint)}  ${paint('bold', oneLine(goal))}  ${paint('dim', waiting ? ago(waiting.since, now) : '')}`,
    ...(approvals.length > 0
      ? approvals.map(
          ({ tool, input, input_preview }) =>
            `  may it call ${oneLine(tool)} ${oneLine(input ? JSON.stringify(input) : (input_preview ?? ''))}`,
        )
      : clean(session.question ?? '')
          .split('\n')
          .map((part) => `  ${part}`)),
    ...(waiting?.choices ?? []).map((choice) => `  - ${oneLine(choice)}`),
    `  → circadian ${approvals.length > 0 ? `approve ${id}   or: circadian deny ${id}` : `answer ${id} "…"`}`,
    '',
  ];
}
