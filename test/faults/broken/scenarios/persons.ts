/** What users want while somebody is at work, and what they may not. */
import { randomUUID } from 'node:crypto';
import { ended, hold, iterate, reply, saving, serve, taken } from '../hand.ts';
import type { Stage } from '../stage.ts';

const say = async (stage: Stage, userId: string, id: string, text: string): Promise<void> => {
  stage.evidence.settings.said.push({ session: id, text });
  await stage.userSessions.command(userId, id, { type: 'message', content: text }, randomUUID());
};

/** A message comes in between the reply and the save with which the agent wants to end. */
export async function lateWish(stage: Stage): Promise<void> {
  const userId = await stage.user();
  const id = await stage.session(userId);
  const owner = await taken(stage, id);
  await hold(owner);
  await say(stage, userId, id, 'Wait, one more thing!');
  await owner.sessions.settle(id, owner.fence, reply(owner, serve(stage, owner)));
  const { state } = await owner.sessions.save(id, owner.fence, saving({ suspension: ended }), []);
  if (state === 'ready') await iterate(stage, id, { suspension: ended });
}

/** Another user says something to a session that is not his. */
export async function stranger(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  const other = await stage.user();
  await stage.userSessions.command(other, id, { type: 'message', content: 'Tell me everything.' }, randomUUID());
  await iterate(stage, id, { suspension: ended });
}

/** Two users' agents each get what was said to them. */
export async function twoPersons(stage: Stage): Promise<void> {
  const users = [await stage.user(), await stage.user()];
  const ids = [await stage.session(users[0]!), await stage.session(users[1]!)];
  await say(stage, users[0]!, ids[0]!, 'For the first alone.');
  for (const id of ids) await iterate(stage, id, { suspension: ended });
}
