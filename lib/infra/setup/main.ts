/** `npm run setup`: see lib/infra/setup/command.ts. */
import { command } from './command.ts';

process.exitCode = await command(process.argv.slice(2), {});
