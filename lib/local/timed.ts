/** Deliveries with a watch beside them, for those who measure a running system. */
import type { Invocation } from './options.ts';
import { failedItems, type SqsEvent } from './poller-event.ts';

type Deliver = (event: SqsEvent) => Promise<unknown>;

export const timed =
  (deliver: Deliver, tell: (invocation: Invocation) => void): Deliver =>
  async (event) => {
    const [record] = event.Records;
    const sent = Number(record?.attributes.SentTimestamp);
    const from = Date.now();
    const watch = performance.now();
    const told = (failed: boolean) => {
      const { sessionId } = JSON.parse(record?.body ?? '{}') as { sessionId: string };
      tell({ sessionId, waitedMs: Math.max(0, from - sent), from, ms: performance.now() - watch, failed });
    };
    try {
      const answer = await deliver(event);
      told(failedItems(answer, [record?.messageId ?? '']).length > 0);
      return answer;
    } catch (error) {
      told(true);
      throw error;
    }
  };
