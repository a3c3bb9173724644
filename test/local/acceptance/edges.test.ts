/** Dates, instants and numbers at the ends of what PostgreSQL and JavaScript both have, over the whole system. */
import { beforeAll, describe, expect, it } from 'vitest';
import { call, reply } from '../../../lib/local/model/answer.ts';
import { type Person, stage } from './stage.ts';

const local = stage();
let person: Person;
beforeAll(async () => {
  person = await local.person();
});

describe('at the ends of time', () => {
  it.each(['1970-01-01', '9999-12-31'])('a renewal date of %s is taken, and nothing breaks on it', async (date) => {
    const user = await local.person({ subscription_renewal_date: date });
    const budget = await user.budget();
    expect(budget.subscription.days_left).toBeGreaterThan(0);
    expect(budget.subscription.renewal_date >= '2026-11-10').toBe(true);
    expect((await user.call('POST', '/budget/top-ups', { amount_microdollars: 5 })).status).toBe(200);
    expect((await local.admin('GET', `/users/${user.id}`)).status).toBe(200);
  });

  it.each(['0000-01-01', '2026-02-30', '9999-99-99'])('a cursor that was made up of %s is refused', async (day) => {
    const encoded = (text: string) => Buffer.from(text).toString('base64url');
    const [place, alert] = [encoded(`${day}T00:00:00.000000Z ses_1`), encoded(`${day} 1`)];
    for (const path of [`/sessions?cursor=${place}`, `/budget/alerts?cursor=${alert}`]) {
      const { status, json } = await person.call('GET', path);
      expect([status, json.code], path).toEqual([422, 'invalid_request']);
    }
    const last = String(Number.MAX_SAFE_INTEGER);
    const { id } = await person.start([reply(call('finish', { result: 'Done.' }))]);
    await person.until(id, { status: 'completed' });
    expect((await person.call('GET', `/sessions/${id}/events?after=${last}`)).status).toBe(200);
  });
});

it('nothing failed on the way', () => expect(local.failures).toEqual([]));
