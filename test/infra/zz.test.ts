import { it } from 'vitest';
import { SECRETS, startProject } from './kit/project.ts';
it('x', async () => {
  await using project = await startProject(SECRETS, { code: false });
  for (let i = 0; i < 2; i++) {
  let t = Date.now();
  await project.sst(['secret', 'set', 'AnthropicApiKey', 'x']);
  console.log('secret', Date.now() - t);
  t = Date.now();
  await project.diff();
  console.log('diff', Date.now() - t);
  }
});
