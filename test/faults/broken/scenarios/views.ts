/** The live view in Redis, and the recovery cron that trusts its marker. */
import { postgresAudit } from '../../../../lib/adapters/postgres/audit.ts';
import { connect } from '../../../../lib/adapters/postgres/connect.ts';
import { upstashAudit } from '../../../../lib/adapters/upstash/audit.ts';
import { upstashLive } from '../../../../lib/adapters/upstash/live.ts';
import { startRedis } from '../../../../lib/local/redis.ts';
import { startUpstash } from '../../../../lib/local/upstash.ts';
import { reconcile } from '../../../../lib/ops/reconcile.ts';
import { cast, wake } from '../cast.ts';
import type { Stage } from '../stage.ts';

const MINUTE = 60_000;

/** Postgres was left asleep for an hour when a session is begun; its worker dies before it could tell anybody. */
export async function asleepTooLong(stage: Stage): Promise<void> {
  const redis = await startRedis();
  const upstash = await startUpstash({ redisUrl: redis.url });
  stage.onClose(async () => {
    await upstash.close();
    await redis.close();
  });
  stage.evidence.redisUrl = redis.url;
  const play = cast(stage, () => ({ content: [{ type: 'text', text: 'Done.' }] }), { live: upstashLive(upstash) });
  for (const ago of [60, 30, 1]) await wake(play.world, 'recovery', () => Date.now() - ago * MINUTE);
  const id = await stage.session(await stage.user());
  play.dieAt('thought');
  await play.once(id);
  await wake(play.world, 'recovery');
  if (play.swept.includes(id)) await play.once(id);
  const liveAudit = upstashAudit(upstash);
  await reconcile(
    { audit: postgresAudit(connect(stage.url)), liveAudit, provider: null },
    { repair: true, today: '2026-11-10' },
  );
}
