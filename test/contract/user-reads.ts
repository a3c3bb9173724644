/** What the UserSessions port promises of reading: pages of what is asked for, and nothing of another user's (G8, G10). */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import { UnknownCursor } from '../../lib/ports/index.ts';
import { anEnd, aSave, aSettlement, contract, type Factory, START, type Steps, says } from './harness.ts';

async function threeSessions(t: Steps, user: string) {
  const ids = [];
  for (const minute of [1, 2, 3]) {
    await t.setNow(START + minute * 60_000);
    ids.push(await t.session({ goal: `${minute}` }, user));
  }
  return ids;
}

const told = (text: string) => ({ type: 'agent.text' as const, data: { text } });

export const readContract = (name: string, factory: Factory) =>
  contract(`${name}: desk, read`, factory, (t) => {
    it('lists the newest first, page by page', async () => {
      const user = await t().user();
      const [one, two, three] = await threeSessions(t(), user);
      const first = await t().userSessions.list(user, { limit: 2, cursor: null });
      expect(first.data.map(({ id }) => id)).toEqual([three, two]);
      expect(first.next).toEqual(expect.any(String));
      const second = await t().userSessions.list(user, { limit: 2, cursor: first.next });
      expect(second.data.map(({ id }) => id)).toEqual([one]);
      expect(second.next).toBeNull();
      expect((await t().userSessions.list(user, { limit: 3, cursor: null })).next).toBeNull();
    });

    it('lists what is older than the cursor, whatever came or went since', async () => {
      const user = await t().user();
      const [one, two] = await threeSessions(t(), user);
      const first = await t().userSessions.list(user, { limit: 2, cursor: null });
      await t().session({}, user);
      await t().userSessions.remove(user, two!);
      const second = await t().userSessions.list(user, { limit: 2, cursor: first.next });
      expect(second.data.map(({ id }) => id)).toEqual([one]);
    });

    it('lists sessions of one instant completely', async () => {
      const user = await t().user();
      const ids = await Promise.all(Array.from({ length: 7 }, () => t().session({}, user)));
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<Steps['userSessions']['list']>> = await t().userSessions.list(user, {
          limit: 2,
          cursor,
        });
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toHaveLength(7);
      expect(new Set(seen)).toEqual(new Set(ids));
    });

    it('tells the journals of all sessions after a place: each entry once, in pages of any size', async () => {
      const user = await t().user();
      const other = await t().user();
      const old = await t().session({}, user);
      const { allEvents } = t().userSessions;
      const { place: now, events: none } = await allEvents(user, null, 10);
      expect(none).toEqual([]);
      const claim = await t().claim(old);
      await t().sessions.save(old, claim.fence, aSave({ journal: ['one', 'two', 'three'].map(told) }), []);
      // Entries of one instant come in the order of the ids, which chance makes within a millisecond.
      await t().setNow(START + 1_000);
      const fresh = await t().session({}, user);
      await t().session({}, other);
      const names = ({ events }: Awaited<ReturnType<typeof allEvents>>) =>
        events.map(({ sessionId, seq }) => `${sessionId} ${seq}`);
      const whole = await allEvents(user, now, 10);
      expect(names(whole)).toEqual([`${old} 2`, `${old} 3`, `${old} 4`, `${fresh} 1`]);
      expect(whole).toMatchObject({ more: false, working: true });
      expect(await allEvents(user, whole.place, 10)).toMatchObject({ events: [], more: false });
      const paged: string[] = [];
      for (let place = now, more = true; more; ) {
        const page = await allEvents(user, place, 1);
        paged.push(...names(page));
        ({ place, more } = page);
      }
      expect(paged).toEqual(names(whole));
      // Long after: what was seen is told by its instant alone.
      await t().setNow(START + 3_600_000);
      const { place: settled } = await allEvents(user, whole.place, 10);
      expect(settled.seen).toEqual({});
      const later = await t().session({}, user);
      await t().setNow(START + 3_601_000);
      const again = await t().claim(fresh);
      await t().sessions.save(fresh, again.fence, aSave({ journal: [told('later')] }), []);
      expect(names(await allEvents(user, settled, 10))).toEqual([`${later} 1`, `${fresh} 2`]);
      // Of a database that had more entries, and of long ago: nothing but the end, and what comes after it.
      const instant = START + 3_601_000;
      const restored = { until: instant, seen: { [fresh]: 40 } };
      for (const place of [restored, { until: instant - 86_460_000, seen: {} }, { until: instant + 9_000, seen: {} }]) {
        const lost = await allEvents(user, place, 10);
        expect(lost).toMatchObject({ events: [], more: false, lost: true });
        expect(lost.place.seen).toEqual({ [fresh]: 2, [later]: 1 });
      }
      const { place: after } = await allEvents(user, restored, 10);
      const third = await t().claim(fresh);
      await t().sessions.save(fresh, third.fence, aSave({ journal: [told('after it')] }), []);
      const rest = await allEvents(user, after, 10);
      expect([names(rest), rest.lost]).toEqual([[`${fresh} 3`], false]);
      await t().userSessions.remove(user, later);
      expect(names(await allEvents(user, settled, 10))).toEqual([`${fresh} 2`, `${fresh} 3`]);
    });

    it('refuses a cursor that it never gave, which may not pass for the end of the list', async () => {
      const user = await t().user();
      await t().session({}, user);
      const forged = ['0000-01-01T00:00:00', '0001-01-01T00:00:00', '2026-02-30T00:00:00', '2026-11-10T29:00:00'].map(
        (instant) => `${instant}.000000Z ses_1`,
      );
      const encoded = ['["x"]', ...forged].map((text) => Buffer.from(text).toString('base64url'));
      for (const cursor of ['', 'nonsense', '😀', ...encoded]) {
        await expect(t().userSessions.list(user, { limit: 2, cursor }), cursor).rejects.toThrow(UnknownCursor);
      }
    });

    it('gives the journal from a number on', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().iterate(id);
      await t().iterate(id);
      const all = await t().userSessions.events(user, id, { after: 0, limit: 100 });
      expect(all!.length).toBeGreaterThan(2);
      expect(await t().userSessions.events(user, id, { after: 1, limit: 2 })).toEqual(all?.slice(1, 3));
      expect(await t().userSessions.events(user, id, { after: all!.length, limit: 2 })).toEqual([]);
      expect(await t().userSessions.lastSeq(user, id)).toBe(all!.length);
      expect(await t().userSessions.lastSeq(await t().user(), id)).toBeNull();
    });

    it('shows what step an owner is at', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const step = async () => (await t().userSessions.get(user, id))?.step;
      const { fence } = await t().claim(id);
      expect(await step()).toBe('load');
      await t().hold(id, fence, 10n);
      expect(await step()).toBe('think');
      await t().sessions.settle(id, fence, aSettlement({ cost: 10n, calls: [{ id: 'a', name: 'bash', input: {} }] }));
      expect(await step()).toBe('act');
      await t().sessions.save(id, fence, { ...anEnd(), turn: says('ok') }, []);
      expect(await step()).toBeNull();
    });

    const WEB = { allow: ['example.com/docs'], deny: [] };
    it('shows and hands on the effort, the length of replies, the tools and the web that were asked for', async () => {
      const user = await t().user();
      const asked = { effort: 'xhigh' as const, maxOutputTokens: 64_000, tools: ['read_file', 'grep'], web: WEB };
      const id = await t().session(asked, user);
      expect(await t().userSessions.get(user, id)).toMatchObject(asked);
      expect((await t().claim(id)).facts).toMatchObject(asked);
      // An empty list is not the same as none.
      const bare = await t().session({ tools: [] }, user);
      expect((await t().userSessions.get(user, bare))?.tools).toEqual([]);
      expect((await t().claim(bare)).facts.tools).toEqual([]);
    });

    it('shows the model that took the place of a retired one', async () => {
      const user = await t().user();
      const id = await t().session({ model: 'claude-3-opus-20240229' }, user);
      expect(await t().userSessions.get(user, id)).toMatchObject({ model: 'claude-3-opus-20240229' });
      await t().iterate(id, { save: aSave({ memory: { ...freshMemory(), successor: 'claude-opus-5-5' } }) });
      expect(await t().userSessions.get(user, id)).toMatchObject({ model: 'claude-opus-5-5' });
    });

    it('shows the wind-down from 90 % of the allowance on, to all sessions of the user', async () => {
      const user = await t().user();
      const [a, b] = [await t().session({}, user), await t().session({}, user)];
      await t().iterate(a, { cost: 899_999n });
      expect(await t().userSessions.get(user, b)).toMatchObject({ windingDown: false });
      await t().iterate(a, { cost: 1n });
      expect(await t().userSessions.get(user, b)).toMatchObject({ windingDown: true, dailyBudget: 1_000_000n });
      await t().rest(b, { state: 'waiting', question: null });
      expect(await t().userSessions.get(user, b)).toMatchObject({ windingDown: false });
    });

    it('shows when it was saved and when it ended', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().setNow(START + 3_600_000);
      await t().iterate(id, { save: anEnd() });
      const view = (await t().userSessions.get(user, id))!;
      for (const at of [view.lastCheckpointAt!, view.completedAt!, view.updatedAt]) {
        expect(Math.abs(at - START - 3_600_000)).toBeLessThan(60_000);
      }
      expect(view).toMatchObject({
        status: 'completed',
        result: 'Done.',
        error: null,
        iterationNumber: 1,
        cost: 1_000n,
      });
    });

    it('gives the history in pages, by rows and by bytes, each of which begins where the role changes', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const answered = { turns: [{ role: 'assistant' as const, content: says('A'.repeat(100)) }] };
      for (let i = 0; i < 3; i++) {
        const { fence } = await t().claim(id);
        await t().hold(id, fence, 1_000n);
        await t().sessions.settle(id, fence, aSettlement(answered));
        await t().sessions.save(id, fence, aSave({ turn: says('And then?') }), []);
      }
      const whole = (await t().userSessions.messages(user, id))!;
      expect(whole.next).toBeNull();
      expect(whole.data.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const pages = async (limit: number, bytes: number) => {
        const found: number[][] = [];
        for (let after: number | null = 0; after !== null; ) {
          const page: { data: { n: number }[]; next: number | null } = (await t().userSessions.messages(user, id, {
            after,
            limit,
            bytes,
          }))!;
          found.push(page.data.map(({ n }) => n));
          after = page.next;
        }
        return found;
      };
      expect(await pages(3, 1_000_000)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
      expect(await pages(7, 1_000_000)).toEqual([[1, 2, 3, 4, 5, 6, 7]]);
      // A turn of the agent has more than a hundred bytes, one of the user fewer than fifty.
      expect(await pages(7, 190)).toEqual([[1, 2], [3, 4], [5, 6], [7]]);
      expect(await pages(7, 1)).toEqual([[1], [2], [3], [4], [5], [6], [7]]);
      expect(await t().userSessions.messages(user, id, { after: 7, limit: 1, bytes: 1 })).toEqual({
        data: [],
        next: null,
      });
    });

    it('keeps turns of one role on one page, where a page can hold them', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const told = {
        turns: ['user', 'user', 'assistant'].map((role) => ({ role: role as 'user', content: says('x') })),
      };
      for (let i = 0; i < 2; i++) {
        const { fence } = await t().claim(id);
        await t().hold(id, fence, 1_000n);
        await t().sessions.settle(id, fence, aSettlement(told));
        await t().sessions.save(id, fence, aSave(), []);
      }
      // user ×3, assistant, user ×2, assistant
      const page = async (after: number, limit: number) => {
        const { data, next } = (await t().userSessions.messages(user, id, { after, limit, bytes: 1_000_000 }))!;
        return [data.map(({ n }) => n), next];
      };
      expect(await page(0, 5)).toEqual([[1, 2, 3, 4], 4]);
      expect(await page(4, 5)).toEqual([[5, 6, 7], null]);
      expect(await page(0, 2)).toEqual([[1, 2], 2]);
    });

    it('lists files in pages, in the order of their bytes', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const paths = ['/a', '/B', '/ä', '/b/c', '/b'];
      await t().iterate(id, { files: paths.map((path) => ({ path, content: Uint8Array.of(1), mode: 0o644 })) });
      const found: string[][] = [];
      for (let after: string | null = ''; after !== null; ) {
        const page: { data: { path: string }[]; next: string | null } = (await t().userSessions.fileList(user, id, {
          after,
          limit: 2,
        }))!;
        found.push(page.data.map(({ path }) => path));
        after = page.next;
      }
      expect(found).toEqual([['/B', '/a'], ['/b', '/b/c'], ['/ä']]);
    });

    it("shows another user's session as one that never was, by every method", async () => {
      const [owner, stranger] = [await t().user(), await t().user()];
      const id = await t().session({}, owner);
      await t().iterate(id, { files: [{ path: '/secret', content: Uint8Array.of(1), mode: 0o644 }] });
      for (const missing of [id, 'ses_never']) {
        expect(await t().userSessions.get(stranger, missing)).toBeNull();
        expect(await t().userSessions.messages(stranger, missing)).toBeNull();
        expect(await t().userSessions.events(stranger, missing, { after: 0, limit: 10 })).toBeNull();
        expect(await t().userSessions.fileList(stranger, missing)).toBeNull();
        expect(await t().userSessions.file(stranger, missing, '/secret')).toBeNull();
        expect(await t().userSessions.command(stranger, missing, { type: 'cancel' }, randomUUID())).toBeNull();
        expect(await t().userSessions.remove(stranger, missing)).toBe(false);
      }
      expect((await t().userSessions.list(stranger, { limit: 10, cursor: null })).data).toEqual([]);
      expect(await t().userSessions.get(owner, id)).toMatchObject({ status: 'working' });
      expect((await t().userSessions.fileList(owner, id))?.data).toHaveLength(1);
    });
  });
