/**
 * The daily cron: do all books agree? Whatever the ledger proves is put right, and all that was found is logged (lib/reconcile.ts). Before it, and
 * alone where the event says `hourly`: what the provider's report proves is given back (lib/evidence.ts).
 */
import type { Context } from 'aws-lambda';
import { giveBack } from '../lib/evidence.ts';
import { forRequest } from '../lib/log.ts';
import { reconcileDaily } from '../lib/reconcile.ts';
import { reconciling } from '../lib/world.ts';

export const handler = async (event: { hourly?: boolean } | null, context: Context): Promise<unknown> => {
  const { usage, ...needs } = forRequest(reconciling(), context.awsRequestId);
  if (usage) await giveBack({ ...needs, usage });
  return event?.hourly ? null : reconcileDaily(needs, new Date().toISOString().slice(0, 10));
};
