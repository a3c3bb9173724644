/**
 * `npm run setup [-- --stage NAME --region REGION --databases keys|own|trial --user ID --budget DOLLARS --unattended]`
 *
 * Asks for what neither a flag, nor the environment, nor `.env.NAME` says; without a terminal, or with --unattended, it asks nothing. Status:
 * 0 deployed and tested, 1 not (the last line says why), 2 misunderstood.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ADDRESSES } from '../check.ts';
import { type Answers, QUESTIONS } from './questions.ts';
import { type SetupDeps, setup } from './setup.ts';
import { TRIAL_ADDRESSES } from './trial.ts';

const IS_SOURCE = import.meta.url.endsWith('.ts');
const COMMAND = IS_SOURCE ? 'npm run setup' : 'npx circadian deploy';
/** The repository, or the project from which the package's command was given. */
const ROOT = IS_SOURCE ? fileURLToPath(new URL('../../../', import.meta.url)) : process.cwd();

const HELP = `${COMMAND} [-- FLAG …]     deploys Circadian to the AWS account of this terminal

Asks for what it needs, checks all of it, deploys, makes the first user and runs the smoke test. Every answer may come from the environment:

${QUESTIONS.map(({ name, flag, message, choices, secret }) => {
  const words = [name, flag && `--${flag}`].filter(Boolean).join(', ');
  const most = choices && name === 'SETUP_DATABASES' ? ` (${Object.keys(choices).join(', ')})` : '';
  return `  ${words.padEnd(34)}${message}${most}${secret ? '; secret, so no flag' : ''}`;
}).join('\n')}
  ${'ADMIN_API_KEY'.padEnd(34)}The operator's key; made if there is none
  ${'--unattended'.padEnd(34)}Asks nothing, and says what is missing
`;

/** `others`: what a test has elsewhere. Returns the exit status. */
export async function command(args: string[], others: Partial<SetupDeps>): Promise<number> {
  const show = others.show ?? ((line: string) => void process.stdout.write(`${line}\n`));
  try {
    const flagged = QUESTIONS.flatMap(({ flag, name }) => (flag ? [[flag, name] as const] : []));
    const options = Object.fromEntries(flagged.map(([flag]) => [flag, { type: 'string' as const }]));
    const { values } = parseArgs({
      args,
      options: { ...options, unattended: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      show(HELP);
      return 0;
    }
    const given: Record<string, string | boolean | undefined> = values;
    const flags: Answers = Object.fromEntries(flagged.map(([flag, name]) => [name, given[flag]]));
    const alone = values.unattended || !process.stdin.isTTY || !process.stdout.isTTY;
    const url = await setup({
      ...{
        root: ROOT,
        env: process.env,
        flags,
        show,
        now: () => new Date(),
      },
      ...{
        ask: alone ? null : (await import('./terminal.ts')).askAtTerminal,
        addresses: { ...ADDRESSES, ...TRIAL_ADDRESSES },
      },
      ...others,
    });
    show(`Circadian runs at ${url}`);
    return 0;
  } catch (error) {
    show((error as Error).message);
    return (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
  }
}
