/** The daily cron: do all books agree? Whatever the ledger proves is put right, and all that was found is logged (lib/reconcile.ts). */
import type { Context } from 'aws-lambda';
import { forRequest } from '../lib/log.ts';
import { reconcileDaily } from '../lib/reconcile.ts';
import { reconciling } from '../lib/world.ts';

export const handler = (_event: unknown, context: Context): Promise<{ found: number; left: number }> =>
  reconcileDaily(forRequest(reconciling(), context.awsRequestId), new Date().toISOString().slice(0, 10));
