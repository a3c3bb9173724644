/** What a person is asked about a call, by the tool that would run. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sorted } from '../../lib/core/gate.ts';
import type { ToolSpec } from '../../lib/core/session.ts';
import { agent, call, facts, known, NOW } from './given.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const approval = { asks: () => true, hash };
const schema = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] };
const remote = (description: string): ToolSpec => ({
  ...{ name: 'mcp__mail__send', description, input_schema: schema, effect: 'once' },
  remote: { server: 'mail', tool: 'send' },
});

describe('a call of a tool of an MCP server', () => {
  /** The deployment's own list of tools never has it. */
  const asked = (description: string) => {
    const own = { ...agent, tools: [...agent.tools, remote(description)] };
    const open = [call('c1', 'mcp__mail__send', { text: 'Hello.' })];
    return sorted(known({ open, facts: { ...facts, agent: own, latest: agent, approval } }), NOW).gate!.requests[0]!;
  };

  it('is asked about with the schema and the mark of the tool that the session was told of', () => {
    expect(asked('Sends a mail.')).toMatchObject({
      id: 'c1',
      schema,
      toolSha: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(asked('Deletes all mail.').toolSha).not.toBe(asked('Sends a mail.').toolSha);
  });
});
