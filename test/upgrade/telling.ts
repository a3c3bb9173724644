/** Tells a recorded life again, word for word, to a Postgres of today. */
import type { LocalPostgres } from '../../lib/local/postgres.ts';
import { isRequest, type Line, type Request, type Shape, shapeOf } from './requests.ts';

export type Told = { request: Request; status: number; code: string | null; message: string; shape: Shape };

/** What the adapters send again, since nothing has happened (lib/adapters/postgres/errors.ts). */
const PASSING = new Set(['AGAIN', '40001', '40P01', '53300', '57P01', '57P02', '57P03']);
const ATTEMPTS = 4;

/** One request as the driver sent it. `names`: ids that stand for others this time. */
export async function tell(
  local: LocalPostgres,
  request: Request,
  names: (text: string) => string = (text) => text,
): Promise<Told> {
  const { host } = new URL(local.url);
  const headers = { ...request.headers, 'neon-connection-string': local.url };
  for (let attempt = 1; ; attempt++) {
    const body = names(JSON.stringify(request.body));
    const response = await fetch(`http://${host}/sql`, { method: 'POST', headers, body });
    const answer = (await response.json()) as { code?: string; message?: string };
    const { code = null, message = '' } = answer;
    if (code !== null && PASSING.has(code) && attempt < ATTEMPTS) continue;
    return { request, status: response.status, code, message, shape: response.status === 200 ? shapeOf(answer) : null };
  }
}

/** All lines in their order. */
export async function tellAll(local: LocalPostgres, lines: Line[]): Promise<Told[]> {
  const told: Told[] = [];
  for (const line of lines) {
    if (isRequest(line)) told.push(await tell(local, line));
    else if ('clock' in line)
      await local.pool.query('update app_clock set shift = $1::timestamptz - clock_timestamp()', [line.clock]);
    else await local.pool.query(`update agent_sessions set lease_until = '-infinity' where id = $1`, [line.lease]);
  }
  return told;
}
