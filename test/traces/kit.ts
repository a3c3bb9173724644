/** A sender of traces on a database of the test's own, a strict receiver on loopback, and sessions that work. */
import { otlpReceiver as receiverAt } from '../../lib/adapters/otlp.ts';
import { postgresTraces, switchTraces } from '../../lib/adapters/postgres/traces.ts';
import type { Log } from '../../lib/ports/index.ts';
import { lookForTraces, sendTraces, type Tracing } from '../../lib/traces/send.ts';
import { aSave, aSettlement, type Steps } from '../contract/harness.ts';
import { anEntry } from '../kit/events.ts';
import { otlpReceiver } from '../kit/otlp.ts';
import type { TestDatabase } from '../postgres/database.ts';

export const MINUTE_MS = 60_000;
export const HALF_DAY = { remaining: () => 43_200_000, elapsed: () => 0 };
const WORK = [anEntry('agent.model_called'), anEntry('agent.tool.called')];

export function tracesKit(t: () => Steps, db: () => TestDatabase) {
  /** On from here, with a receiver of this test's own. */
  async function setup(over: Partial<Tracing> = {}) {
    await switchTraces(db().database, false);
    await switchTraces(db().database, true);
    const receiver = await otlpReceiver();
    const lines: Parameters<Log>[0][] = [];
    const log: Log = (line) => void lines.push(line);
    const tracing: Tracing = {
      ...{ traces: postgresTraces(db().database), service: 'circadian', content: false },
      receiver: receiverAt({ url: receiver.url, headers: { authorization: 'Bearer of-a-test' } }),
      ...over,
    };
    async function send(with_: Partial<Tracing> = {}, time = HALF_DAY): Promise<void> {
      const world = { tracing: { ...tracing, ...with_ }, log };
      const look = await lookForTraces(world, time);
      if (look) await sendTraces(world, look, time);
    }
    return { receiver, tracing, lines, log, send };
  }

  /** One iteration that calls a tool. */
  async function work(id: string, save = aSave({ journal: [anEntry('agent.tool.result')] })): Promise<void> {
    const { fence } = await t().claim(id);
    await t().hold(id, fence, 1_000n);
    await t().sessions.settle(id, fence, aSettlement({ journal: WORK }));
    await t().sessions.save(id, fence, save, []);
  }

  return { setup, work };
}
