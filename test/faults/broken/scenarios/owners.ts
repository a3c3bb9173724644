/** Who owns a session: dead owners, old owners, two at once. Each scenario ends in peace, with nothing left to do. */
import { randomUUID } from 'node:crypto';
import { act, ended, HOLD, hold, iterate, reply, result, saving, serve, taken, took, tried, use } from '../hand.ts';
import type { Stage } from '../stage.ts';

/** A whole life: tools of all classes, a nap, an end; and a hint that comes after it. */
export async function life(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  await iterate(stage, id, { calls: [use('t1', 'look'), use('t2', 'put'), use('t3', 'fire')] });
  await iterate(stage, id, { calls: [use('t4', 'fire')] });
  await iterate(stage, id, { suspension: ended });
  const late = await stage.sessions.claim(id, randomUUID());
  if (!('claimed' in late)) took(stage, id, stage.sessions, late);
}

/** A worker dies with the reply in its hand; another goes on. */
export async function deadOwner(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  const dead = await taken(stage, id);
  await hold(dead);
  serve(stage, dead);
  await stage.expireLease(id);
  await iterate(stage, id, { suspension: ended });
}

/** An old owner wakes up and goes on as if nothing had happened, while the new one is between its reply and its save. */
export async function zombie(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  const old = await taken(stage, id);
  await hold(old);
  const late = serve(stage, old);
  await stage.expireLease(id);
  const owner = await taken(stage, id);
  await hold(owner);
  const call = use('t1', 'fire');
  await owner.sessions.settle(id, owner.fence, reply(owner, serve(stage, owner), [call]));
  await tried(
    () => old.sessions.settle(id, old.fence, reply(old, late)),
    () => act(stage, old, call),
    () => old.sessions.save(id, old.fence, saving(), []),
  );
  await tried(
    () => act(stage, owner, call),
    () => owner.sessions.save(id, owner.fence, saving({ turn: [result(call.id)] }), []),
  );
  await stage.expireLease(id);
  await tried(() => iterate(stage, id, { suspension: ended }));
}

/** An old owner asks for money when another has the session, and again for a second hold when it has none. */
export async function lateReserve(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  const old = await taken(stage, id);
  await stage.expireLease(id);
  const owner = await taken(stage, id);
  await tried(() => hold(old));
  await hold(owner);
  await owner.sessions.settle(id, owner.fence, reply(owner, serve(stage, owner)));
  await owner.sessions.save(id, owner.fence, saving({ suspension: ended }), []);
}

/** A copy of a reserve comes after its own owner has saved. */
export async function reserveAfterSave(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  const owner = await taken(stage, id);
  await owner.sessions.save(id, owner.fence, saving(), []);
  await tried(() => hold(owner));
  await iterate(stage, id, { suspension: ended });
}

/** Two workers claim at once: the second waits for the first. */
export async function twoClaims(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  const [a, b] = [await stage.side(), await stage.side()];
  await a.begin();
  const first = await taken(stage, id, { sessions: a.sessions });
  const second = await b.blocked(b.sessions.claim(id, randomUUID()));
  await a.commit();
  const claim = await second.answer;
  const owner = claim instanceof Error || 'claimed' in claim ? first : took(stage, id, b.sessions, claim);
  await hold(owner);
  await owner.sessions.settle(id, owner.fence, reply(owner, serve(stage, owner)));
  await owner.sessions.save(id, owner.fence, saving({ suspension: ended }), []);
}

/** A claim waits for the settlement of an old owner, and must see the reply that came of it. */
export async function claimAfterSettle(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  const [a, b] = [await stage.side(), await stage.side()];
  const old = { ...(await taken(stage, id)), sessions: a.sessions };
  await hold(old);
  await stage.expireLease(id);
  await a.begin();
  await a.sessions.settle(id, old.fence, reply(old, serve(stage, old)));
  const next = await b.blocked(b.sessions.claim(id, randomUUID()));
  await a.commit();
  const claim = await next.answer;
  if (claim instanceof Error || 'claimed' in claim) throw new Error('it could not be claimed');
  const owner = took(stage, id, b.sessions, claim);
  // A reply at the end of what it read: it only has to end the session. Else it buys one.
  if (claim.history.at(-1)?.role === 'user') {
    await hold(owner);
    await owner.sessions.settle(id, owner.fence, reply(owner, serve(stage, owner)));
  }
  await owner.sessions.save(id, owner.fence, saving({ suspension: ended }), []);
}

/** Every reply is lost, and so every request is sent twice. */
export async function lostReplies(stage: Stage): Promise<void> {
  const userId = await stage.user();
  const id = await stage.session(userId);
  const call = use('t1', 'fire');
  const invocation = randomUUID();
  await stage.sessions.claim(id, invocation);
  const owner = await taken(stage, id, { invocation });
  await hold(owner);
  await tried(() => hold(owner));
  const settlement = reply(owner, serve(stage, owner), [call]);
  const settle = () => owner.sessions.settle(id, owner.fence, settlement);
  await settle();
  await tried(settle);
  await tried(() => owner.sessions.startTool(id, owner.fence, call.id));
  await tried(() => act(stage, owner, call));
  const save = saving({ turn: [result(call.id)], suspension: ended });
  await owner.sessions.save(id, owner.fence, save, []);
  await tried(() => owner.sessions.save(id, owner.fence, save, []));
}

/** Its worker dies every time before it gets anywhere. */
export async function poison(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user({ budget: 210_000_000n }));
  for (let attempt = 1; attempt <= 7; attempt++) {
    const dead = await taken(stage, id);
    if (dead.claim.attempts > 5) {
      await dead.sessions.save(
        id,
        dead.fence,
        saving({ suspension: { ...ended, to: { ...ended.to, outcome: 'failed' } as never } }),
        [],
      );
      return;
    }
    await hold(dead, HOLD);
    serve(stage, dead);
    await stage.expireLease(id);
  }
  await iterate(stage, id, { suspension: ended });
}

/** The settable clock is a year ahead. */
export async function clockLeap(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  await stage.setNow('2027-12-01T08:00:00Z');
  await iterate(stage, id, { suspension: ended });
}
