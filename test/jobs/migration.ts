import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { type Job, told } from './job.ts';

const OLD = {
  'shop/__init__.py': '',
  'shop/total.py':
    "def total(basket):\n    result = 0\n    for name, price in basket.iteritems():\n        print 'adding', name\n        result += price\n    return result\n",
  'shop/half.py': 'def half(n):\n    return n / 2\n',
  'test_shop.py':
    "import unittest\nfrom shop.total import total\nfrom shop.half import half\n\nclass Shop(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total({'pear': 2, 'plum': 3}), 5)\n    def test_half(self):\n        self.assertEqual(half(5), 2)\n\nif __name__ == '__main__':\n    unittest.main()\n",
};

const TEST = 'python3 test_shop.py 2>&1 | tail -4';

/** An archive of an old program goes in; its own tests tell the agent when it runs on today's Python. */
export const migration: Job = {
  title: 'an old program moved to today’s Python, until its tests pass',
  goal: () =>
    'Move the program that I send from Python 2 to Python 3. Its tests must pass, and half() must stay whole.',
  session: { agent: 'builder' },
  steps: () => [
    reply(call('bash', { command: 'ls -R' })),
    reply(call('ask_user', { question: 'The workspace is empty. Where is the program?' })),
    reply(call('bash', { command: `find . -name '*.py'; ${TEST}` })),
    (request) => {
      expect(told(request)).toContain('SyntaxError');
      return reply(
        call('edit_file', {
          path: 'shop/total.py',
          old_string: "print 'adding', name",
          new_string: "print('adding', name)",
        }),
        call('edit_file', { path: 'shop/total.py', old_string: 'iteritems', new_string: 'items' }),
        call('bash', { command: TEST }),
      );
    },
    (request) => {
      expect(told(request)).toContain('FAILED (failures=1)');
      return reply(
        call('edit_file', { path: 'shop/half.py', old_string: 'n / 2', new_string: 'n // 2' }),
        call('bash', { command: TEST }),
      );
    },
    (request) => reply(call('finish', { result: /Ran 2 tests[\s\S]*OK/.exec(told(request))?.[0] ?? 'not done' })),
  ],
  async meanwhile({ person, id, local }) {
    await person.until(id, { status: 'waiting_for_input' });
    const tar = await packTar(
      Object.entries(OLD).map(([name, body]) => ({ header: { name, size: Buffer.byteLength(body) }, body })),
    );
    const path = `/v1/sessions/${id}/files:archive`;
    const { status, text } = await local.ask('POST', path, { key: person.key, raw: Uint8Array.from(gzipSync(tar)) });
    expect(status, text).toBe(200);
    await person.wish(id, 'messages', { content: 'It is there now.' });
  },
  async accept({ person, id, file }) {
    expect((await person.get(id)).result).toMatch(/OK$/);
    expect(await file('shop/total.py')).toContain("print('adding', name)");
    expect(await file('shop/half.py')).toContain('n // 2');
  },
};
