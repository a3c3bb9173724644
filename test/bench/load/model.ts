/**
 * The model of a load run, in a process of its own since it is no part of the system: answers at once, always with the same amount of work.
 * A reply is 600 bytes of text and one tool call, its result some 2,000 bytes: what a coding agent's turn comes to.
 */
import { call, type Player, reply } from '../../../lib/local/model/answer.ts';
import { startModelServer } from '../../../lib/local/model/server.ts';

const LINES = 200;
const PAGE = 38;
const WORDS =
  'the agent reads what it wrote before, compares it with the goal, and notes what is still to be done; '.repeat(6);
const FILE = Array.from({ length: LINES }, (_, i) => `${i + 1}: ${WORDS.slice(i % 60, (i % 60) + 46)}`).join('\n');

const working: Player = ({ messages }, index) => {
  const newest = JSON.stringify(messages.at(-1));
  if (newest.includes('will be replaced by a summary')) return reply(`Summary so far. ${WORDS.slice(0, 600)}`);
  if (index === 0) return reply(WORDS.slice(0, 600), call('write_file', { path: 'notes.txt', content: FILE }));
  const offset = 1 + ((index * 7) % (LINES - PAGE));
  return reply(`${index}. ${WORDS.slice(0, 590)}`, call('read_file', { path: 'notes.txt', offset, limit: PAGE }));
};

const { url } = await startModelServer({ player: working });
process.stdout.write(`${url}\n`);
// Ends with whoever started it.
process.stdin.resume().on('end', () => process.exit(0));
