import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { gitServer, TOKEN } from '../kit/git-server.ts';
import { type Job, told } from './job.ts';

const FILES = {
  'README.md': 'A shop.\n',
  'total.py': 'def total(prices):\n    return sum(prices[1:])\n',
  'test_total.py': "from total import total\nassert total([1, 2, 3]) == 6, total([1, 2, 3])\nprint('all is well')\n",
};

let server: Awaited<ReturnType<typeof gitServer>>;

/** It clones with a credential that it never sees, mends what a test of the repository shows, and pushes one commit. */
export const repository: Job = {
  title: 'a repository whose failing test is mended and pushed',
  goal: ({ url }) => `The test of ${url} fails. Mend it and push to main.`,
  session: { agent: 'builder', web: { git: [{ host: '127.0.0.1', push: true, secret: 'GIT_TOKEN' }] } },
  async serve() {
    server = await gitServer(FILES);
    return { url: server.url, asked: server.asked, close: async () => {} };
  },
  steps: ({ url }) => [
    reply(call('git', { action: 'clone', dir: 'shop', url })),
    reply(call('bash', { command: 'cd shop && python3 test_total.py' })),
    (request) => {
      expect(told(request)).toContain('AssertionError: 5');
      const edit = { path: 'shop/total.py', old_string: 'prices[1:]', new_string: 'prices' };
      return reply(call('edit_file', edit), call('bash', { command: 'cd shop && python3 test_total.py' }));
    },
    (request) => {
      expect(told(request)).toContain('all is well');
      return reply(call('git', { action: 'commit', dir: 'shop', message: 'Count the first price, too' }));
    },
    reply(call('git_push', { dir: 'shop' })),
    reply(call('finish', { result: 'Mended and pushed.' })),
  ],
  async accept({ results, site, requests }) {
    const on = (command: string) => server.shell(`git -C r.git ${command}`);
    expect(on('show main:total.py')).toBe('def total(prices):\n    return sum(prices)');
    expect(on('log --format=%s main').split('\n')).toEqual(['Count the first price, too', 'The second', 'The first']);
    expect(on('fsck --strict')).toBe('');
    expect(site.asked.filter((one) => one === 'POST /git-receive-pack')).toHaveLength(1);
    expect(JSON.stringify([await results(), requests])).not.toContain(TOKEN);
  },
};
