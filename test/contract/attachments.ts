/** A message with files: both are taken once, or neither. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { MOST_UNTAKEN } from '../../lib/core/inbox.ts';
import { bytes, desk } from './files.ts';
import { anEnd, contract, type Factory, type Steps } from './harness.ts';

async function mailDesk(t: Steps) {
  const given = await desk(t);
  const say = (files: [path: string, text: string | null][], operation: string = randomUUID(), content = 'Look.') =>
    t.userSessions.command(
      ...([given.user, given.id] as const),
      {
        type: 'message',
        content,
        files: files.map(([path, text]) => ({ path, content: text === null ? null : bytes(text) })),
      },
      operation,
    );
  const said = async () =>
    (await t.userSessions.events(given.user, given.id, { after: 0, limit: 100 }))!.filter(
      ({ type }) => type === 'agent.message_received',
    ).length;
  return { ...given, say, said };
}

export function attachmentsContract(name: string, factory: Factory): void {
  contract(`${name}: a message with files`, factory, (t) => {
    it('comes with its files to the next claim, those that are there already untouched', async () => {
      const { id, write, say, listed, workspace, said } = await mailDesk(t());
      await write('/mine', 'first');
      expect(
        await say([
          ['/a/new', 'x'],
          ['/mine', null],
        ]),
      ).toMatchObject({ ended: false });
      expect([await listed(), await said()]).toEqual([['/a/new', '/mine'], 1]);
      const { pending } = await t().claim(id);
      expect(pending.inbox.map(({ content }) => content)).toEqual(['Look.']);
      expect(pending.received?.files.map(({ path }) => path)).toEqual(['/a/new', '/mine']);
      expect(await workspace()).toEqual({ '/a/new': 'x', '/mine': 'first' });
    });

    it('is taken once, however often it is sent, and its key stands for its files, too', async () => {
      const { say, said, listed } = await mailDesk(t());
      for (const _ of [1, 2]) expect(await say([['/a', 'x']], 'op')).toMatchObject({ ended: false });
      expect(await say([['/a', 'y']], 'op')).toBe('conflict');
      expect(await say([['/b', 'x']], 'op')).toBe('conflict');
      expect([await said(), await listed()]).toEqual([1, ['/a']]);
    });

    it('is refused whole with one of its files, and its key stays free', async () => {
      const { say, said, listed, write } = await mailDesk(t());
      await write('/a', 'x');
      const refused = [
        [
          [
            ['/new', 'x'],
            ['/nowhere', null],
          ],
          { refused: 'absent', path: '/nowhere' },
        ],
        [
          [
            ['/new', 'x'],
            ['/a/b', 'x'],
          ],
          { refused: 'clash', path: '/a/b', by: '/a' },
        ],
      ] as const;
      for (const [files, answer] of refused) {
        expect(await say(files as unknown as [string, string | null][], 'op')).toEqual(answer);
      }
      expect([await said(), await listed()]).toEqual([0, ['/a']]);
      expect(await say([['/new', 'x']], 'op')).toMatchObject({ ended: false });
    });

    it('leaves no file where it comes too late or is one too many', async () => {
      const { id, say, listed } = await mailDesk(t());
      expect(await say([['/a', 'x']], 'op', 'x'.repeat(MOST_UNTAKEN.characters + 1))).toBe('full');
      const { fence } = await t().claim(id);
      expect(await t().sessions.save(id, fence, anEnd(), [])).toMatchObject({ state: 'ended' });
      expect(await say([['/a', 'x']], 'op')).toMatchObject({ ended: true });
      expect(await listed()).toEqual([]);
    });
  });
}
