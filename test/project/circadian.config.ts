/** A project of one's own, as docs/tools.md describes one: an agent, a tool with a secret, and a tool whose effect happens once. */
import { defineAgent, defineConfig } from 'circadian';
import { openTicket } from './tools/open-ticket.ts';
import { weather } from './tools/weather.ts';

const forecaster = defineAgent({
  name: 'forecaster',
  description: 'Looks at the weather of a place and writes what to wear.',
  system: 'You tell people what to wear tomorrow. Look at the weather of each place first, then write one page.',
  tools: ['weather', 'open_ticket', 'write_file', 'read_file'],
  model: 'claude-haiku-5-5',
  effort: 'low',
  maxOutputTokens: 4_000,
});

export default defineConfig({
  agents: [forecaster],
  tools: [weather, openTicket],
  tiers: { team: { model: 'claude-sonnet-5-5', effort: 'high', budgetMicrodollars: 40_000_000, mostSessions: 7 } },
});
