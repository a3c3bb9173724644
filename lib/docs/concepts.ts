/** `/docs/concepts`: the words that users meet, in an order that explains them. What each means stands in docs/glossary.md alone. */
import { readFileSync } from 'node:fs';

const GROUPS: Record<string, string[]> = {
  'Who works on what': ['user', 'session', 'agent', 'tool', 'workspace', 'shared memory', 'tier', 'operator limits'],
  'How work goes on': [
    'iteration',
    'message',
    'event',
    'checkpoint',
    'activity',
    'command',
    'compaction',
    'effort',
    'model ladder, rung',
  ],
  'The money of a cycle': ['budget', 'cycle', 'renewal', 'top-up', 'carry-over', 'ledger'],
  'The money of a day': ['allowance', 'ceiling', 'share', 'hold', 'reserve, settle', 'doubt, `unknown`', 'paid tool'],
  'The end of a day': [
    'graceful threshold',
    'wind-down',
    'hand-off note',
    'sleep',
    'due',
    'wake',
    'sleeping, paused, waiting, exceeded',
  ],
  'People and other systems': [
    'inbox',
    'approval',
    'result schema',
    'schedule',
    'run',
    'trigger',
    'webhook',
    'notice',
    'delivery',
    'idempotency key',
  ],
};

const HEAD = `# Concepts

The words of the API, each in a sentence. How they play together: [the life of a session](life-of-a-session.md) and [money](money.md). All other words
are in the [glossary](glossary.md).`;

/** Word → what it means, from the tables of the glossary. */
function glossary(): Map<string, string> {
  const markdown = readFileSync(new URL('../../docs/glossary.md', import.meta.url), 'utf8');
  return new Map([...markdown.matchAll(/^\| (.+?) \| (.+?) \|/gm)].map(([, word, meaning]) => [word!, meaning!]));
}

/** The page, in Markdown. Throws for a word that the glossary does not have. */
export function concepts(): string {
  const words = glossary();
  const line = (word: string): string => {
    const meaning = words.get(word);
    if (meaning === undefined) throw new Error(`docs/glossary.md does not have the word "${word}"`);
    return `- **${word}**: ${meaning}`;
  };
  const groups = Object.entries(GROUPS).map(([title, list]) => `## ${title}\n\n${list.map(line).join('\n')}`);
  return [HEAD, ...groups].join('\n\n').concat('\n');
}
