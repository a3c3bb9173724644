/** Which addresses a session may ask: its rules, and what others have named. */
import { describe, expect, it } from 'vitest';
import { ruleOf, verdictOn } from '../../lib/web/access.ts';
import { addressesIn, addressOf, knownIn } from '../../lib/web/known.ts';

const on = (address: string, allow: string[] | null, deny: string[] = []) => verdictOn(address, { allow, deny });

describe('a rule', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['bücher.example/Über', 'xn--bcher-kva.example/Über'],
    ['docs.example.com/v2/', 'docs.example.com/v2/'],
    ['93.184.216.34', '93.184.216.34'],
    ['example.com.', 'example.com'],
    ...[
      'https://example.com',
      'example.com:8443',
      'a@example.com',
      '*.example.com',
      'example',
      'com',
      '',
      'a b.com',
      'a.com?x',
      'a.com/x%20y',
      'a.com/x%2fy',
      'a.com/%252e',
      '[::1]',
    ].map((text) => [text, null] as const),
  ] as [string, string | null][])('%j is kept as %j', (text, kept) => {
    expect(ruleOf(text)).toBe(kept);
  });

  it('means the host and what is below it', () => {
    for (const address of ['https://example.com/', 'https://a.b.EXAMPLE.com/x?y', 'https://example.com./'])
      expect(on(address, ['example.com'])).toBe('allowed');
    for (const address of ['https://badexample.com/', 'https://example.com.evil.test/', 'https://com/'])
      expect(on(address, ['example.com'])).toBe('unlisted');
    expect(on('https://xn--bcher-kva.example/', ['bücher.example'])).toBe('allowed');
  });

  it('may mean a part of a host, whose path is read as a server could read it', () => {
    const docs = ['example.com/docs'];
    for (const path of ['/docs', '/docs/', '/docs/a?b=/..', '/x/../docs/a', '/%64ocs/a', '//docs/a'])
      expect([path, on(`https://example.com${path}`, docs)]).toEqual([path, 'allowed']);
    for (const path of [
      '/docsx',
      '/Docs',
      '/',
      '/docs/../x',
      '/docs/%2e%2e/x',
      '/docs/..%2fx',
      '/docs/%252e%252e/x',
      '/docs/a;b',
      '/docs/%5c..%5cx',
    ])
      expect([path, on(`https://example.com${path}`, docs)]).toEqual([path, 'unlisted']);
    for (const path of ['/docs', '/DOCS/a', '/%44ocs', '//docs', '/a/%2e%2e%2fdocs', '/%2564ocs', '/docs;x/a'])
      expect([path, on(`https://example.com${path}`, null, docs)]).toEqual([path, 'denied']);
    expect(on('https://example.com/other', null, docs)).toBe('known only');
  });

  it('that denies counts more than one that allows', () => {
    expect(on('https://a.example.com/', ['example.com'], ['a.example.com'])).toBe('denied');
    expect(on('https://b.example.com/', ['example.com'], ['a.example.com'])).toBe('allowed');
    expect(on('https://b.example.com/', [])).toBe('unlisted');
    expect(verdictOn('https://b.example.com/', null)).toBe('known only');
  });
});

describe('an address', () => {
  it('is compared by https and without its fragment, and else letter for letter', () => {
    expect(addressOf('http://Example.com/a?b=1#c')).toBe('https://example.com/a?b=1');
    expect(addressOf('http://127.0.0.1:8080/a')).toBe('http://127.0.0.1:8080/a');
    for (const text of ['ftp://a.test/', 'javascript:x', '/a', 'https://', `https://a.test/${'x'.repeat(2_048)}`])
      expect(addressOf(text)).toBeNull();
  });

  it('is found in a text, whatever sign follows it', () => {
    const found = (text: string) => addressesIn(text, false);
    expect(found('See [a](https://a.test/x_(y)). And "https:\\/\\/b.test\\/z"')).toEqual(
      expect.arrayContaining(['https://a.test/x_(y)', 'https://b.test/z']),
    );
    expect(found('at a.test or b.test/x')).toEqual([]);
    expect(addressesIn('Watch a.test, B.test/x. Not me@c.test', true)).toEqual(
      expect.arrayContaining(['https://a.test/', 'https://b.test/x']),
    );
    expect(addressesIn('Not me@c.test', true)).toEqual([]);
  });
});

describe('what others have named', () => {
  const user = (n: number, ...content: object[]) => ({ n, role: 'user', content });
  const said = (text: string) => ({ type: 'text', text });
  const use = (id: string, name: string) => ({ type: 'tool_use', id, name, input: { url: 'https://input.test/' } });
  const result = (id: string, content: string, is_error?: true) => ({
    type: 'tool_result',
    tool_use_id: id,
    content,
    ...(is_error && { is_error }),
  });

  it('is in the goal, in messages and in results of the web, and nowhere else', () => {
    const known = knownIn(
      [
        user(1, said('[runtime] is no quotation here: https://goal.test/')),
        {
          n: 2,
          role: 'assistant',
          content: [
            said('https://agent.test/'),
            use('a', 'web_fetch'),
            use('b', 'bash'),
            use('c', 'web_search'),
            use('d', 'web_fetch'),
          ],
        },
        user(
          3,
          result('a', 'https://page.test/'),
          result('b', 'https://shell.test/'),
          result('c', 'https://found.test/'),
          result('d', 'https://refused.test/ was not asked', true),
          said('and https://message.test/a'),
          { ...said('[runtime] https://runtime.test/'), runtime: true },
          said('[runtime] Your hand-off note: https://note.test/'),
        ),
      ],
      ['unread: https://unread.test/'],
    );
    expect([...known].sort()).toEqual(
      ['found', 'goal', 'message', 'page', 'unread'].map(
        (name) => `https://${name}.test/${name === 'message' ? 'a' : ''}`,
      ),
    );
  });
});
