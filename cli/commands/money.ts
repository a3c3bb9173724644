/** `budget`, `budget days`, `topup`, `usage`. */
import { type Command, Option } from 'commander';
import { got } from '../../client/call.ts';
import { dollars, type UsageOptions } from '../../client/index.ts';
import { budgetAndNow, type Cli, serverNow, take } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { CommandError } from '../io.ts';
import { clean, oneLine, table } from '../text.ts';
import { watchAll } from '../view/watch.ts';
import { money } from '../words.ts';
import { amount, atMost, day, onceKey } from './options.ts';

const BY = ['day', 'hour', 'session', 'model', 'tool', 'iteration'] as const;
type UsageFlags = { by: (typeof BY)[number]; from?: string; to?: string; csv?: boolean; session?: string };

export function addMoney(program: Command, cli: Cli): void {
  const budget = program
    .command('budget')
    .description('what may be spent today, what was, and the cycle')
    .option('-w, --watch', 'see it move, with the sessions that spend it')
    .action(async ({ watch }: { watch?: boolean }) => {
      if (watch && (!cli.io.terminal || cli.flags().json))
        throw new CommandError('It is seen to move on a terminal alone.', EXIT.usage, 'circadian budget');
      if (watch) {
        cli.exit = await watchAll(cli, cli.client());
        return;
      }
      const { budget: got, now } = await budgetAndNow(cli.client(), cli.io);
      cli.show(got, () => money(got, { columns: cli.columns(), now, paint: cli.paint }));
    });

  budget
    .command('days')
    .description('days with their allowance, newest first')
    .option('-n, --limit <n>', 'at most so many', atMost, 31)
    .action(async ({ limit }: { limit: number }) => {
      const days = await take(cli.client().budget.days(), limit);
      cli.show(days, () =>
        table(
          [
            ['day', 'spent', 'allowance', 'ceiling', 'topped up'],
            ...days.map((day) => [
              day.date,
              `${dollars(day.spent_microdollars)}${day.percentage === null ? '' : ` (${Math.round(day.percentage)} %)`}`,
              dollars(day.daily_budget_microdollars),
              dollars(day.hard_ceiling_microdollars),
              day.topped_up_microdollars ? dollars(day.topped_up_microdollars) : '',
            ]),
          ],
          cli.columns(),
        ),
      );
    });

  program
    .command('topup')
    .description('add to the budget')
    .argument('<dollars>', 'as 5.00', amount)
    .option('--today', 'all of it for today; else over the days to the renewal')
    .addOption(onceKey())
    .action(async (microdollars: number, { today, idempotencyKey }: { today?: boolean; idempotencyKey?: string }) => {
      const client = cli.client();
      const spread = today ? 'today' : 'cycle';
      const got = await cli.once(idempotencyKey, (once) => client.budget.topUp(microdollars, { spread, ...once }));
      // The money is there: nothing may fail from here on.
      const now = await serverNow(cli);
      cli.show(got, () => [
        `${dollars(microdollars)} were added${today ? ' for today' : ''}. Sessions that now have room wake within a minute.`,
        ...money(got, { columns: cli.columns(), now, paint: cli.paint }),
      ]);
    });

  program
    .command('usage')
    .description('the ledger, summed up')
    .addOption(new Option('--by <what>', 'one row for each').choices(BY).default('day'))
    .option('--from <day>', 'first UTC day, as 2026-12-01', day)
    .option('--to <day>', 'last UTC day', day)
    .option('--session <id>', 'only of this session')
    .option('--csv', 'as CSV, all columns')
    .action(async ({ by, from, to, csv, session }: UsageFlags) => {
      const client = cli.client();
      const query: UsageOptions = {
        ...{ group_by: by, ...(from && { from }), ...(to && { to }) },
        ...(session && { session_id: await cli.idOf(session) }),
      };
      if (csv) {
        const asked = client.api.GET('/v1/usage', {
          ...{ params: { query }, headers: { accept: 'text/csv' }, parseAs: 'text' },
        });
        const text = String((await got(asked)) ?? '').trimEnd();
        return cli.io.terminal ? cli.io.out(clean(text)) : cli.io.bytes(new TextEncoder().encode(`${text}\n`));
      }
      const rows = await take(client.usage(query), null);
      cli.show(rows, () =>
        rows.length === 0
          ? 'Nothing was spent.'
          : table(
              [
                [by, 'cost', 'calls', 'in', 'cached', 'out'],
                ...rows.map((row) => [
                  oneLine(row.key),
                  dollars(row.cost_microdollars) +
                    (row.unknown_microdollars ? ` (${dollars(row.unknown_microdollars)} in doubt)` : ''),
                  String(row.calls),
                  String(row.input_tokens + row.cache_write_5m_tokens + row.cache_write_1h_tokens),
                  String(row.cache_read_tokens),
                  String(row.output_tokens),
                ]),
              ],
              cli.columns(),
            ),
      );
    });
}
