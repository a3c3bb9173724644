/** Parts of the dashboard that need no answers of the API: where rows stand, and files as documents. */
import { describe, expect, it } from 'vitest';
import { heights } from '../../lib/app/heights.ts';
import { csvRows, documentOf, kindOf } from '../../lib/app/preview-text.ts';

describe('the heights of rows', () => {
  it('are what adding them up one by one gives, whatever is measured and added in between', () => {
    const tree = heights(40);
    const plain: number[] = [];
    let seed = 7;
    const random = (most: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % most;
    };
    for (let round = 0; round < 300; round++) {
      if (random(3) === 0) {
        const count = plain.length + random(20);
        while (plain.length < count) plain.push(40);
        tree.grow(count);
      } else if (plain.length > 0) {
        const [i, height] = [random(plain.length), 20 + random(300)];
        expect(tree.set(i, height)).toBe(plain[i] !== height);
        plain[i] = height;
      }
      const total = plain.reduce((sum, height) => sum + height, 0);
      expect(tree.top(plain.length)).toBe(total);
      if (total === 0) continue;
      const pixels = random(total);
      const index = tree.at(pixels);
      expect(tree.top(index)).toBeLessThanOrEqual(pixels);
      expect(tree.top(index + 1)).toBeGreaterThan(pixels);
    }
  });
});

describe('previews', () => {
  it('know what a file is shown as', () => {
    const kinds = ['a.md', 'a.html', 'a.PNG', 'a.pdf', 'a.csv'].map((path) => kindOf({ path, bytes: 10 }));
    expect(kinds).toEqual(['document', 'page', 'image', 'bytes', 'document']);
    expect(kindOf({ path: 'a.txt', bytes: 3_000_000 })).toBe('bytes');
  });

  it('read CSV with its quotes, and make no markup of what is in it', async () => {
    expect(csvRows('a,b\r\n"x, ""y""\nz",2\n', 10)).toEqual([
      ['a', 'b'],
      ['x, "y"\nz', '2'],
    ]);
    expect(await documentOf('a.csv', 'n\n<b>')).toBe(
      '<table><thead><tr><th>n</th></tr></thead><tbody><tr><td>&#60;b&#62;</td></tr></tbody></table>',
    );
    expect(await documentOf('a.txt', '<script>')).toBe('<pre>&#60;script&#62;</pre>');
    expect(await documentOf('a.md', '**x**')).toBe('<p><strong>x</strong></p>\n');
  });
});
