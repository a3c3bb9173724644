/**
 * The daily cron: do all sums agree? Whatever the ledger proves is put right, and all that was found is logged (lib/ops/reconcile.ts). Before it, and
 * alone where the event says `hourly`: what the provider's report proves is given back (lib/ops/evidence.ts).
 */
import type { Context } from 'aws-lambda';
import { forRequest } from '../lib/observe/log.ts';
import { giveBack } from '../lib/ops/evidence.ts';
import { reconcileDaily } from '../lib/ops/reconcile.ts';
import { reconciling } from '../lib/world.ts';

export async function handler(event: { hourly?: boolean } | null, context: Context): Promise<unknown> {
  const { usage, ...needs } = forRequest(reconciling(), context.awsRequestId);
  if (usage) await giveBack({ ...needs, usage });
  return event?.hourly ? null : reconcileDaily(needs, new Date().toISOString().slice(0, 10));
}
