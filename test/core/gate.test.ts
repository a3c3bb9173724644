/** What a person is asked about a call, by the tool that would run. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sorted } from '../../lib/core/gate.ts';
import { hasReadOutside } from '../../lib/core/memory-news.ts';
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

describe('a call that an import brought', () => {
  const imported = [{ ...call('c1', 'bash'), startedBy: 0 }];

  it('does not run unasked where a person must approve it: the agent is told why', () => {
    const { calls, gate } = sorted(known({ open: imported, facts: { ...facts, approval } }), NOW);
    expect(calls).toEqual([]);
    expect(gate).toMatchObject({ held: [], requests: [], verdicts: [{ id: 'c1', isError: true, ran: false }] });
    expect(gate!.verdicts[0]!.content).toMatch(/^Not run: this session was imported/);
  });

  it('does not run a tool that this session does not offer', () => {
    const other = [{ ...call('c1', 'none_of_mine'), startedBy: 0 }];
    expect(sorted(known({ open: other }), NOW)).toEqual({ calls: [], gate: null });
  });

  it('goes on where nobody need approve it, and so does one that this session began', () => {
    expect(sorted(known({ open: imported }), NOW)).toEqual({ calls: imported, gate: null });
    const begun = [{ ...call('c1', 'bash'), startedBy: 3 }];
    expect(sorted(known({ open: begun, facts: { ...facts, approval } }), NOW)).toEqual({ calls: begun, gate: null });
  });
});

it('asks no second time about a tool that the deployment leaves out for today', () => {
  const search: ToolSpec = { name: 'web_search', description: 'Searches.', input_schema: schema, effect: 'once' };
  const whole = { ...agent, tools: [...agent.tools, search] };
  const judged = (latest: typeof agent, asked?: string) => {
    const decided = asked === undefined ? {} : { approval: { ...answer, toolSha: asked } };
    const open = [{ ...call('c1', 'web_search', { text: 'x' }), ...decided }];
    return sorted(known({ open, facts: { ...facts, agent: whole, latest, approval } }), NOW);
  };
  const asked = judged(agent).gate!.requests[0]!;
  expect(asked.schema).toEqual(schema);
  expect(judged(whole, asked.toolSha)).toMatchObject({ calls: [{ id: 'c1' }], gate: null });
});

const answer = {
  ...{ input: { text: 'x' }, edited: false, expiresAt: NOW + 1, decision: 'approve' as const, reason: null },
};

it('takes in text from outside by the arguments that ran, not by those that the model had', () => {
  const read = call('c1', 'read_file', { path: 'notes.md' });
  const edited = { ...read, approval: { ...answer, toolSha: '', input: { path: 'memory/untrusted/a.md' } } };
  const results = [{ id: 'c1', content: 'x', isError: false }];
  const outside = (open: typeof read) =>
    hasReadOutside(known({ open: [open], facts: { ...facts, memoryName: 'team' } }), results);
  expect([outside(read), outside(edited)]).toEqual([false, true]);
});
