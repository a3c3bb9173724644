import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, reply, testing } from 'circadian/testing';
import config from '../circadian.config.ts';

test('the editor counts the words of what it wrote', async () => {
  // The whole runtime in memory: no network, no key, no waiting.
  const t = await testing({ config });
  // What the model answers, one step after another.
  t.model.script(
    reply('I write it.', call('write_file', { path: '/poem.md', content: 'Sleep is a tide.' })),
    reply(call('word_count', { path: '/poem.md' })),
    'The poem has 4 words.',
  );

  const session = await t.start({ goal: 'Write a poem of four words into /poem.md.', agent: 'editor' });
  await t.run();

  assert.equal(session.status, 'completed');
  assert.equal(await session.file('/poem.md'), 'Sleep is a tide.');
  // What the tool told the model.
  assert.match(JSON.stringify(t.model.requests.at(-1)?.messages), /\/poem\.md has 4 words\./);
  // Fails where a step was not used.
  t.done();
});
