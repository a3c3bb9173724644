/** What every implementation of the Mcp port keeps. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mcp, McpRefused } from '../../lib/ports/index.ts';

/** A server `notes` with the tools write (`once`), put (`idempotent`) and read (`pure`). */
export type McpSubject = {
  mcp: Mcp;
  /** The server forgets all of its sessions. */
  forget(): void;
  refuse(kind: 'unauthorized' | 'away' | null): void;
  written(): string[];
  close(): Promise<void>;
};

const { signal } = new AbortController();

export const mcpContract = (name: string, factory: () => Promise<McpSubject>) =>
  describe(`${name}: MCP`, () => {
    let s: McpSubject;
    beforeAll(async () => {
      s = await factory();
    });
    afterAll(() => s.close());

    it('lists tools with their effects, and calls one', async () => {
      const connection = await s.mcp.connect('notes', null, signal);
      const effects = Object.fromEntries(connection.tools.map((tool) => [tool.name, tool.effect]));
      expect(effects).toMatchObject({ write: 'once', put: 'idempotent', read: 'pure' });
      const { content, isError } = await connection.call('write', { text: 'one' }, signal);
      expect([content.includes('one'), isError, s.written()]).toEqual([true, false, ['one']]);
      await connection.close();
    });

    it('goes on with its session, and begins another where the server has forgotten it', async () => {
      const first = await s.mcp.connect('notes', null, signal);
      await first.close();
      const again = await s.mcp.connect('notes', first.state, signal);
      expect(again.state).toEqual(first.state);
      await again.close();
      s.forget();
      const anew = await s.mcp.connect('notes', first.state, signal);
      expect(anew.state.session).not.toBe(first.state.session);
      const before = s.written().length;
      await anew.call('write', { text: 'two' }, signal);
      expect(s.written()).toHaveLength(before + 1);
      await anew.close();
    });

    it.each(['unauthorized', 'away'] as const)('says that a server is %s', async (kind) => {
      s.refuse(kind);
      await expect(s.mcp.connect('notes', null, signal)).rejects.toMatchObject({ name: 'McpRefused', kind });
      s.refuse(null);
    });

    it('knows no other server, and asks none once it is called off', async () => {
      await expect(s.mcp.connect('other', null, signal)).rejects.toBeInstanceOf(McpRefused);
      const off = AbortSignal.abort(new Error('off'));
      await expect(s.mcp.connect('notes', null, off)).rejects.toThrow('off');
    });
  });
