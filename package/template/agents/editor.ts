import { defineAgent } from 'circadian';

export const editor = defineAgent({
  name: 'editor',
  description: 'Writes a text, and keeps to the length that was asked for.',
  // Fixed text. What differs from session to session belongs into the goal, or the prompt is paid for in full each time.
  system: `You are an editor. Write plain sentences, the point first.
Before you finish, count the words of what you wrote, and cut it until it has the length that was asked for.`,
  tools: ['bash', 'read_file', 'write_file', 'edit_file', 'word_count'],
});
