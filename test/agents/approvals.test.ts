import { expect, it } from 'vitest';
import { approvalsOf } from '../../lib/agents/approvals.ts';
import type { Config } from '../../lib/agents/config.ts';

const call = (name: string, amount = 1) => ({ name, input: { amount } });
const config = {
  tools: [
    { name: 'refund', approval: ({ amount }: Record<string, unknown>) => Number(amount) > 100 },
    { name: 'broken', approval: (input: Record<string, unknown>) => (input.none as { deep: boolean }).deep },
    { name: 'silent', approval: 'never' },
    { name: 'odd', approval: () => undefined },
  ],
  agents: [{ name: 'clerk', approvals: { web_search: 'ask', silent: 'ask', refund: 'never' } }],
  approvals: { git_push: 'ask' },
} as unknown as Config;

it.each([
  ['a rule over its arguments', 'assistant', call('refund', 101), true],
  ['the same rule for other arguments', 'assistant', call('refund', 100), false],
  ['an agent cannot take back what a tool asks for', 'clerk', call('refund', 101), true],
  ['an agent’s own word', 'clerk', call('web_search'), true],
  ['which does not hold for others', 'assistant', call('web_search'), false],
  ['what the tool leaves to others', 'clerk', call('silent'), true],
  ['the word of the deployment, for a shipped tool', 'assistant', call('git_push'), true],
  ['a rule that throws', 'assistant', call('broken'), true],
  ['a rule that answers with nothing', 'assistant', call('odd'), true],
  ['a tool of which nobody says anything', 'clerk', call('bash'), false],
])('asks, or not, by %s', (_, agent, asked, asks) => expect(approvalsOf(config)(agent, asked)).toBe(asks));

it('asks nothing where nobody says so', () => expect(approvalsOf({})('assistant', call('bash'))).toBe(false));
