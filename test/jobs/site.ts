import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { html, type Job, told } from './job.ts';

const CHECK = `cat > check.py <<'END'
import os, re, sys
wrong = []
for name in sorted(os.listdir('site')):
    text = open(f'site/{name}').read()
    if name.endswith('.html'):
        wrong += [f'{name} -> {to}' for to in re.findall(r'href="([^"#:]+)"', text) if not os.path.exists(f'site/{to}')]
print('\\n'.join(wrong) or 'all links lead somewhere')
sys.exit(bool(wrong))
END
python3 check.py`;

/** The builder writes pages, tests them with a program of its own, and mends what the test finds. */
export const site: Job = {
  title: 'a small website, tested by a program of the agent’s own',
  goal: () => 'Build a website of two pages in site/ about a bakery, and test that every link leads somewhere.',
  session: { agent: 'builder' },
  steps: () => [
    reply(
      call('write_file', {
        path: 'site/index.html',
        content: html('Bakery', '<a href="bread.html">Bread</a>').replace('href="/"', 'href="index.html"'),
      }),
      call('write_file', {
        path: 'site/breads.html',
        content: html('Bread', '<p>Rye.</p>').replace('href="/"', 'href="index.html"'),
      }),
    ),
    reply(call('bash', { command: CHECK })),
    (request) => {
      expect(told(request)).toContain('index.html -> bread.html');
      return reply(call('edit_file', { path: 'site/index.html', old_string: 'bread.html', new_string: 'breads.html' }));
    },
    reply(call('bash', { command: 'python3 check.py' })),
    (request) => reply(call('finish', { result: told(request) })),
  ],
  async accept({ person, id, file, paths }) {
    expect((await person.get(id)).result).toContain('all links lead somewhere');
    expect(await paths()).toEqual(['/check.py', '/site/breads.html', '/site/index.html']);
    expect(await file('site/index.html')).toContain('href="breads.html"');
  },
};
