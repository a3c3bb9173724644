/** What `npm start` prints can be pasted. */
import { expect, it } from 'vitest';
import { banner } from '../../lib/local/banner.ts';

const printed = (dataDir: string | null, folder: string): string =>
  banner(
    { url: 'http://127.0.0.1:3000', apiKey: 'ck_a', adminKey: 'admin_a', dataDir, standIn: true },
    'linux',
    folder,
  );
const EXPORT = '  export CIRCADIAN_URL=http://127.0.0.1:3000 CIRCADIAN_API_KEY=ck_a CIRCADIAN_ADMIN_KEY=admin_a\n';

it.each([
  ['/home/ada/agents/.circadian', '/home/ada/agents'],
  ['/home/ada/agents/.circadian', '/home/ada/agents/tools'],
  ['/.circadian', '/home/ada'],
])('names no address where the command line finds %s in %s', (dataDir, folder) => {
  expect(printed(dataDir, folder)).not.toContain('export CIRCADIAN');
});

it.each([
  [null, '/home/ada/agents'],
  ['/var/lib/circadian', '/home/ada/agents'],
  ['/home/ada/agents/data', '/home/ada/agents'],
  ['/home/ada/agents/.circadian', '/home/ada/agents-two'],
])('gives the command line its address and keys where it finds none in %s from %s', (dataDir, folder) => {
  expect(printed(dataDir, folder)).toContain(`\nTry:\n${EXPORT}`);
});
