/** What the types of the client must not let through. It is compiled by `compile.ts` and never called. */
import type { Client, Session, SessionEvent } from '../../client/index.ts';

export async function mistakes(client: Client, event: SessionEvent): Promise<Session[]> {
  // @ts-expect-error: a goal is missing
  await client.sessions.create({});
  // @ts-expect-error: there is no such field
  await client.sessions.create({ goal: 'Go.', max_cost: 5 });
  // @ts-expect-error: there is no such filter
  client.sessions.list({ page: 2 });
  // @ts-expect-error: no session has this status
  await client.sessions.wait('ses_1', { until: ['done'] });
  // @ts-expect-error: only entries of this type have a text
  event.text;
  // @ts-expect-error: amounts are numbers
  await client.budget.topUp('5');
  // @ts-expect-error: the schedule needs its times
  await client.schedules.create({ name: 'daily', template: { goal: 'Go.' } });
  // @ts-expect-error: no such path
  void client.api.GET('/v1/session');

  const session = await client.sessions.create({ goal: 'Go.', max_cost_microdollars: 5_000_000 });
  if (event.type === 'agent.text') event.text satisfies string;
  if (event.type === 'agent.sleeping') event.reason satisfies string;
  const listed: Session[] = [session];
  for await (const one of client.sessions.list({ status: ['working', 'sleeping'] })) listed.push(one);
  return listed;
}
