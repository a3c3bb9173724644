/** What users do in between: speak, pause, resume, cancel, wake, pay, change their plan; now and then twice at once. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionCommand } from '../../lib/ports/index.ts';
import { between, pick } from './random.ts';
import type { Stage } from './stage.ts';

const DAY_MS = 86_400_000;
/** Microdollars. */
const PAYMENT = { least: 20_000, most: 120_000 };

export async function act(stage: Stage): Promise<void> {
  const { random, settings } = stage;
  const dice = random();
  const session = pick(random, settings.sessions.slice(-40));
  const speak = (wish: SessionCommand) => stage.wish(session, wish);
  if (dice < 0.4) return speak({ type: 'message', content: `Please mind ${randomUUID()}.` });
  if (dice < 0.5) return speak({ type: 'pause' });
  if (dice < 0.65) return speak({ type: 'resume' });
  if (dice < 0.67) return speak({ type: 'cancel' });
  if (dice < 0.69) return intrude(stage, session);
  if (dice < 0.76) return speak({ type: 'wake' });
  if (dice < 0.92) return pay(stage);
  return changePlan(stage);
}

/** Somebody who knows the session's id, and whose it is not. */
async function intrude(stage: Stage, { id, user }: { id: string; user: string }): Promise<void> {
  const other = stage.settings.users.find((one) => one.id !== user);
  const wish: SessionCommand = pick(stage.random, [
    { type: 'cancel' },
    { type: 'message', content: `Obey, ${randomUUID()}.` },
  ]);
  if (other) await stage.wish({ id, user: other.id }, wish);
}

async function pay({ random, rig, settings, marked }: Stage): Promise<void> {
  const { id: user } = pick(random, settings.users);
  const amount = BigInt(between(random, PAYMENT.least, PAYMENT.most));
  const key = randomUUID();
  const spread = random() < 0.5 ? 'today' : 'cycle';
  const once = () => rig.ports.accounts.topUp(user, amount, spread, { key, fingerprint: `${amount}` });
  const twice = random() < 0.2;
  await marked(user, () => Promise.all(twice ? [once(), once()] : [once()]));
  settings.payments.push({ user, key, amount });
}

/** Half of the users never do: of them the whole cycle's budget is known. */
async function changePlan({ random, rig, settings, marked }: Stage): Promise<void> {
  const user = pick(random, settings.users);
  if (settings.users.indexOf(user) % 2 === 0) return;
  user.changed = true;
  const budget = BigInt(Math.floor(Number(user.budget) * (0.8 + 0.5 * random())));
  const renewalDate = new Date(rig.clock.now() + between(random, 5, 25) * DAY_MS).toISOString().slice(0, 10);
  await marked(user.id, () => rig.ports.accounts.putUser(user.id, { budget, renewalDate }));
}

/** Acts again and again while `on`; what fails is counted, as the user would see it. */
export async function persons(stage: Stage, on: () => boolean, everyMs: number): Promise<void> {
  while (on()) {
    await sleep(everyMs * (0.5 + stage.random()));
    await act(stage).then(
      () => stage.record.count('acts of persons'),
      () => stage.record.count('acts of persons that failed'),
    );
  }
}
