/** What `reserve` and `settle` promise while the provider fails a user: one probe at a time, the cheapest first, with growing pauses. */
import { expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import { aSave, aSettlement, contract, DAY_MS, type Factory, START } from './harness.ts';

const MINUTE = 60_000;
const ask = (least: bigint, n = 1) => ({
  ...{ n, least, wanted: least > 100_000n ? least : 100_000n, handOff: true, model: 'claude-haiku-5-5', journal: [] },
});
/** Since the start, to ten of them. */
const secondsOf = (until: number) => 10 * Math.floor((until - START) / 10_000);
const none = { turns: [], journal: [], iterated: false, memory: freshMemory() };
const doubtful = (n = 1) => aSettlement({ ...none, n, cost: null, class: 'unknown', outage: 'doubt' });

export const outageContract = (name: string, factory: Factory) =>
  contract(`${name}: an outage`, factory, (t) => {
    /** A new owner of a session, as the next invocation is. */
    const owner = async (user: string, id?: string) => {
      const session = id ?? (await t().session({}, user));
      const { fence } = await t().claim(session);
      return { id: session, fence };
    };
    const asks = async ({ id, fence }: { id: string; fence: number }, least = 10_000n) => {
      const answer = await t().sessions.reserve(id, fence, ask(least));
      if ('granted' in answer) return answer.granted;
      return answer.until === undefined ? answer.refused : secondsOf(answer.until);
    };
    const fails = ({ id, fence }: { id: string; fence: number }) => t().sessions.settle(id, fence, doubtful());
    const sleeps = async ({ id, fence }: { id: string; fence: number }, until: number) => {
      const to = { state: 'sleeping', until, reason: 'overloaded' } as const;
      await t().sessions.save(
        id,
        fence,
        aSave({ suspension: { to, due: until, memory: freshMemory(), journal: [] } }),
        [],
      );
    };
    const begun = async () => {
      const user = await t().user();
      const first = await owner(user);
      await t().sessions.reserve(first.id, first.fence, ask(10_000n));
      await fails(first);
      return { user, first };
    };
    /** A little later: time goes by while requests are made. */
    const at = (seconds: number) => t().setNow(START + seconds * 1_000 + 4_000);
    const spent = async (user: string) => (await t().accounts.budget(user)).day.spent;

    it('holds back all sessions of the user, and nobody else', async () => {
      const { user } = await begun();
      expect(await asks(await owner(user))).toBe(120);
      expect(await asks(await owner(await t().user()))).toBe(100_000n);
      expect(await spent(user)).toBe(100_000n);
    });

    it('lets the one that asked for the least try first, for its least, and the others after it', async () => {
      const { user } = await begun();
      const [cheap, dear] = [await owner(user), await owner(user)];
      expect(await asks(dear, 20_000n)).toBe(120);
      expect(await asks(cheap, 3_000n)).toBe(60);
      await sleeps(cheap, START + MINUTE);
      await sleeps(dear, START + 2 * MINUTE);
      await at(60);
      const other = await owner(user);
      expect(await asks(other, 15_000n)).toBe(120);
      expect(await asks(await owner(user, cheap.id), 3_000n)).toBe(3_000n);
    });

    it('lets another try where the first does not come', async () => {
      const { user } = await begun();
      await at(121);
      expect(await asks(await owner(user), 20_000n)).toBe(20_000n);
    });

    it('tries one at a time, also when many ask at once', async () => {
      const { user } = await begun();
      await at(180);
      const owners = await Promise.all(Array.from({ length: 5 }, () => owner(user)));
      const answers = await Promise.all(owners.map((one) => asks(one)));
      expect(answers.filter((answer) => answer === 10_000n)).toHaveLength(1);
      expect(answers.filter((answer) => answer === 210)).toHaveLength(4);
    });

    it('pauses twice as long after each probe that fails, an hour at most', async () => {
      const { user, first } = await begun();
      await t().sessions.save(first.id, first.fence, aSave(), []);
      let now = 0;
      let pause = 60;
      for (let probe = 0; probe < 9; probe++) {
        now += pause + 10;
        await at(now);
        const prober = await owner(user, first.id);
        expect(await asks(prober)).toBe(10_000n);
        await fails(prober);
        pause = Math.min(3_600, pause * 2);
        const next = await t().sessions.reserve(prober.id, prober.fence, ask(10_000n, 2));
        expect('until' in next && secondsOf(next.until!), `after probe ${probe}`).toBe(now + pause);
        await t().sessions.save(prober.id, prober.fence, aSave(), []);
      }
      expect(pause).toBe(3_600);
    });

    it('counts calls that were under way when it began as one failure', async () => {
      const user = await t().user();
      const owners = await Promise.all(Array.from({ length: 3 }, () => owner(user)));
      for (const one of owners) await asks(one);
      for (const one of owners) await fails(one);
      await at(60);
      const [first] = owners;
      await t().sessions.save(first!.id, first!.fence, aSave(), []);
      expect(await asks(await owner(user, first!.id))).toBe(10_000n);
    });

    it('is over with the first reply, which wakes who slept for it, and those about to', async () => {
      const { user, first } = await begun();
      const [asleep, late, person] = [await owner(user), await owner(user), await t().session({}, user)];
      await asks(asleep);
      await sleeps(asleep, START + 2 * MINUTE);
      const until = START + 10 * MINUTE;
      await t().rest(person, { state: 'sleeping', until, reason: 'rate_limit' }, until);
      await t().sessions.save(first.id, first.fence, aSave(), []);
      await at(60);
      const prober = await owner(user, first.id);
      expect(await asks(prober)).toBe(10_000n);
      expect(await asks(late, 50_000n)).toBe(90);
      await t().sessions.settle(prober.id, prober.fence, aSettlement({ cost: 5n, outage: 'over' }));
      await sleeps(late, START + 10 * MINUTE);
      for (const { id } of [asleep, late])
        expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'working' });
      expect(await t().userSessions.get(user, person)).toMatchObject({ status: 'sleeping' });
      expect(await asks(await owner(user, asleep.id))).toBe(100_000n);
    });

    it('lets the next one try when a probe is refused for nothing, or its owner dies', async () => {
      const { user } = await begun();
      await at(120);
      const refusedOne = await owner(user);
      await asks(refusedOne);
      await t().sessions.settle(refusedOne.id, refusedOne.fence, aSettlement({ ...none, cost: 0n }));
      const dead = await owner(user);
      expect(await asks(dead)).toBe(10_000n);
      await t().expireLease(dead.id);
      await t().claim(dead.id);
      expect(await asks(await owner(user))).toBe(10_000n);
    });

    it('comes after what the day and the session may spend', async () => {
      const { user } = await begun();
      expect(await asks(await owner(user), 9_000_000n)).toBe('day');
      const capped = await t().session({ maxCost: 5n }, user);
      expect(await asks(await owner(user, capped))).toBe('cap');
    });

    it('is forgotten when nobody has tried for a day, and begins anew', async () => {
      const { user, first } = await begun();
      await t().sessions.save(first.id, first.fence, aSave(), []);
      await t().setNow(START + DAY_MS + 2 * MINUTE);
      const again = await owner(user, first.id);
      expect(await asks(again)).toBe(100_000n);
      await fails(again);
      const other = await t().sessions.reserve(again.id, again.fence, ask(10_000n, 2));
      expect(other).toMatchObject({ refused: 'outage' });
      expect('until' in other && secondsOf(other.until! - DAY_MS)).toBe(180);
    });

    it('answers the copy of a question that it refused as the first time', async () => {
      const { user, first } = await begun();
      const one = await owner(user);
      const refused = await t().sessions.reserve(one.id, one.fence, ask(20_000n));
      await t().sessions.settle(first.id, first.fence, aSettlement({ n: 1, cost: 5n, outage: 'over' }));
      await at(600);
      expect(await t().sessions.reserve(one.id, one.fence, ask(20_000n))).toEqual(refused);
    });
  });
