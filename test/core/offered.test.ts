/** Which calls of a reply run: those of tools that its agent has, and that its session allows. */
import { describe, expect, it } from 'vitest';
import { controlSpecs } from '../../lib/core/controls.ts';
import { withTools } from '../../lib/core/offered.ts';
import { agent, assistant, call, claim, ready, saveOf, user } from './given.ts';

const spec = (name: string) => ({ ...agent.tools[0]!, name });
const whole = { ...agent, tools: [spec('bash'), spec('read'), ...controlSpecs] };
const names = ({ tools }: typeof agent) => tools.map(({ name }) => name);
const notOffered = (name: string) =>
  `The tool "${name}" is not offered here, so nothing was run. These are: ${controls.join(', ')}.`;
const controls = controlSpecs.map(({ name }) => name);

describe('the tools of a session', () => {
  it('are those of its agent that it allows, in the agent’s order, and the controls', () => {
    expect(names(withTools(whole, null))).toEqual(['bash', 'read', ...controls]);
    expect(names(withTools(whole, ['read', 'bash']))).toEqual(['bash', 'read', ...controls]);
    expect(names(withTools(whole, ['read', 'of another agent']))).toEqual(['read', ...controls]);
    expect(names(withTools(whole, []))).toEqual(controls);
  });
});

describe('a call of a tool that is not among them', () => {
  const calls = [call('a', 'bash'), call('b', 'read'), call('c', 'narrate', { phase_name: 'On' })];
  const taken = (open: typeof calls, allowed: string[]) =>
    claim(
      ready({
        ...{ facts: { agent: withTools(whole, allowed), tools: allowed }, open, iteration: 1 },
        history: [
          user(1, 'go'),
          assistant(2, ...open.map(({ startedBy: _, ...one }) => ({ type: 'tool_use', ...one }))),
        ],
      }),
    );

  it('is answered and does not run; the others do', () => {
    expect(taken(calls, ['read']).effects).toEqual([{ type: 'act', calls: [calls[1]] }]);
  });

  it('needs nobody outside when there is no other call', () => {
    const save = saveOf(taken([calls[0]!], []));
    expect(save.turn).toMatchObject([{ tool_use_id: 'a', is_error: true, content: notOffered('bash') }]);
  });

  it('is not judged any more once it has begun: its outcome is unknown', () => {
    const begun = { ...calls[0]!, startedBy: 1 };
    expect(taken([begun], []).effects).toEqual([{ type: 'act', calls: [begun] }]);
  });
});
