/**
 * `npm run redrive [-- [SESSION…] [--env FILE] [--queue-url URL]]`
 *
 * It reads the environment of a deployment (`sst shell` gives it). With `--env` it also reads the variables in FILE, as a local system keeps
 * them. Exit status: 0 done, or nothing to do; 1 everything is stopped or a session is unknown; 2 it could not be done.
 */
import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { redriving } from '../../world.ts';
import { redrive } from '../redrive.ts';

try {
  const { values, positionals } = parseArgs({
    options: { env: { type: 'string' }, 'queue-url': { type: 'string' } },
    allowPositionals: true,
  });
  if (values.env !== undefined) Object.assign(process.env, parseEnv(readFileSync(values.env, 'utf8')));
  if (values['queue-url'] !== undefined) process.env.QUEUE_URL = values['queue-url'];
  const { well, lines } = await redrive(redriving(), { sessions: positionals.length > 0 ? positionals : null });
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = well ? 0 : 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
