/** Results as data: finish takes the shape that the session asks for, and nothing else ends it. */
import { expect, it } from 'vitest';
import { controlSpecs } from '../../lib/core/controls.ts';
import { fitsStrict } from '../../lib/core/json-schema.ts';
import { MOST_MISFITTING_ENDS, NO_RESULT } from '../../lib/core/result-schema.ts';
import type { Block } from '../../lib/core/session.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const schema = {
  type: 'object',
  properties: { moons: { type: 'array', items: { type: 'string' } }, sure: { type: 'boolean' } },
  required: ['moons', 'sure'],
  additionalProperties: false,
};
const GOOD = { moons: ['Io', 'Europa'], sure: true };
const finish = (i: number, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  id: `toolu_finish_00000000000${i}`,
  name: 'finish',
  input,
});

async function played(script: Script, more: object = {}) {
  const t = testWorld(script);
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession({ resultSchema: schema, ...more }), null);
  await settleDown(t);
  return {
    t,
    view: (await t.userSessions.get('u1', 'ses_1'))!,
    told: JSON.stringify((await t.userSessions.messages('u1', 'ses_1'))!.data),
  };
}

it('is told what is wrong, goes on, and hands over what a program reads beside the text of the turn', async () => {
  const { view, told } = await played((_turns, i) =>
    i === 0 ? [finish(i, { moons: 'Io' })] : [{ type: 'text', text: 'Two moons.' }, finish(i, GOOD)],
  );
  expect(told).toContain('The result does not fit its schema, so nothing was finished:');
  expect(told).toContain('- sure: ');
  expect(view).toMatchObject({ status: 'completed', result: 'Two moons.', resultJson: GOOD });
});

it('is no result where the turn ends without one, and the agent is told to finish', async () => {
  const { view, told } = await played((_turns, i) => (i === 0 ? [{ type: 'text', text: 'Io.' }] : [finish(i, GOOD)]));
  expect(told).toContain('Your turn ended without a result.');
  expect(view).toMatchObject({ status: 'completed', resultJson: GOOD, result: JSON.stringify(GOOD) });
});

it(`asks the person after ${MOST_MISFITTING_ENDS} ends in another shape, and not after fewer`, async () => {
  const { t, view } = await played((_turns, i) => [
    i % 2 === 0 ? finish(i, { moons: [i] }) : { type: 'text', text: `${i}` },
  ]);
  expect(view).toMatchObject({
    status: 'waiting_for_input',
    question: NO_RESULT,
    iterationNumber: MOST_MISFITTING_ENDS,
  });
  expect(t.refused).toEqual([]);
});

it('refuses a result that is too large', async () => {
  const { told } = await played((_turns, i) => [
    finish(i, i === 0 ? { moons: ['x'.repeat(70_000)], sure: true } : GOOD),
  ]);
  expect(told).toContain('and 64000 is the most');
});

it('is the schema of finish, strict where the provider can hold the model to it, and changes no other head', async () => {
  const seen: object[] = [];
  const t = testWorld(() => [finish(1, GOOD)]);
  const { think } = t.world.model;
  t.world.model.think = (request, options) => {
    seen.push(request.tools.find(({ name }) => name === 'finish')!);
    return think(request, options);
  };
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession({ resultSchema: schema }), null);
  await t.userSessions.create('u1', newSession({ id: 'ses_2' }), null);
  await settleDown(t);
  const { effect: _, ...usual } = controlSpecs.find(({ name }) => name === 'finish')!;
  expect(seen[0]).toMatchObject({ input_schema: schema, strict: true });
  expect(seen[1]).toMatchObject(usual);
  expect(seen[1]).not.toHaveProperty('strict');
  expect(fitsStrict({ ...schema, additionalProperties: true })).toBe(false);
  expect(fitsStrict({ ...schema, properties: { ...schema.properties, sure: { type: 'integer', minimum: 1 } } })).toBe(
    false,
  );
});
