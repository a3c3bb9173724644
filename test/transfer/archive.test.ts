/** Archives of strangers: what is plain comes out byte for byte, and all else is refused with a sentence, soon and whole. */
import { gzipSync } from 'node:zlib';
import { packTar, type TarHeader } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../lib/problem.ts';
import { filesOf } from '../../lib/transfer/archive.ts';
import { zip } from '../kit/zip.ts';

type TarEntry = Partial<TarHeader> & { name: string; data?: string | Uint8Array };

const tar = (entries: TarEntry[]) =>
  packTar(
    entries.map(({ data = '', ...header }) => ({
      header: { size: Buffer.byteLength(data), ...header },
      ...(data.length > 0 && { body: data }),
    })),
  );

const MB = 1_000_000;
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);
const LONG = `${'folder/'.repeat(60)}é ${'x'.repeat(150)}.md`;

const texts = async (archive: Uint8Array) =>
  (await filesOf(archive)).map(({ name, content, mode }) => [name, Buffer.from(content).toString('latin1'), mode]);

const problemOf = async (archive: Uint8Array) => {
  const answer = await filesOf(archive).catch((error: unknown) => error);
  if (!(answer instanceof Problem)) throw new Error(`taken: ${JSON.stringify(answer).slice(0, 200)}`);
  return `${answer.code}: ${answer.message}`;
};

/** The header of a tar block, changed and with the right checksum again. */
function withHeader(bytes: Uint8Array, change: (block: Buffer) => void): Uint8Array {
  const all = Buffer.from(bytes);
  const block = all.subarray(0, 512);
  change(block);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return all;
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => String(i));

describe('an archive', () => {
  it('in tar or tar.gz has files of any bytes and names, with their permissions, and folders are left out', async () => {
    const packed = await tar([
      { name: './', type: 'directory' },
      { name: './a', data: 'text', mode: 0o755 },
      { name: 'dir/', type: 'directory', mode: 0o700 },
      { name: 'dir/empty', mode: 0o4644 },
      { name: 'e\u0301', data: ALL_BYTES },
      { name: LONG, data: 'long' },
    ]);
    const expected = [
      ['./a', 'text', 0o755],
      ['dir/empty', '', 0o644],
      ['e\u0301', Buffer.from(ALL_BYTES).toString('latin1'), 0o644],
      [LONG, 'long', 0o644],
    ];
    expect(await texts(packed)).toEqual(expected);
    expect(await texts(gzipSync(packed))).toEqual(expected);
    const halves = [gzipSync(packed.subarray(0, 700)), gzipSync(packed.subarray(700))];
    expect(await texts(Buffer.concat(halves))).toEqual(expected);
    expect(await texts(await tar([]))).toEqual([]);
  });

  it('in zip, packed or as it is, has the same; names of other systems come as theirs', async () => {
    const packed = zip([
      { name: 'dir/' },
      { name: 'folder', mode: 0o040755 },
      { name: 'dir/a', data: 'text', mode: 0o100755 },
      { name: 'as-is', data: ALL_BYTES, method: 0 },
      { name: 'e\u0301', data: '' },
      { name: 'win\\dows', data: 'x' },
      { name: Uint8Array.from([0x82]), data: 'CP437', flags: 0 },
    ]);
    expect(await texts(packed)).toEqual([
      ['dir/a', 'text', 0o755],
      ['as-is', Buffer.from(ALL_BYTES).toString('latin1'), null],
      ['e\u0301', '', null],
      ['win/dows', 'x', null],
      ['é', 'CP437', null],
    ]);
    expect(await texts(zip([]))).toEqual([]);
  });

  it.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
    ['nothing', () => new Uint8Array(), 'is no .tar.gz, .tar or .zip'],
    ['a text', () => Buffer.from('x'.repeat(2_000)), 'is no .tar.gz, .tar or .zip'],
    ['a text in gzip', () => gzipSync('text'), 'is no .tar.gz, .tar or .zip'],
    ['half a gzip', async () => gzipSync(await tar([{ name: 'a', data: ALL_BYTES }])).subarray(0, 100), 'damaged'],
    ['half a tar', async () => (await tar([{ name: 'a', data: 'x'.repeat(2_000) }])).subarray(0, 1_536), 'damaged'],
    ['a tar without its end', async () => (await tar([{ name: 'a', data: 'x' }])).subarray(0, -1_024), 'damaged'],
    ['a tar and something else', async () => Buffer.concat([await tar([{ name: 'a' }]), ALL_BYTES]), 'damaged'],
    ['half a zip', () => zip([{ name: 'a', data: 'x'.repeat(99), method: 0 }]).subarray(0, 90), 'damaged'],
    ['a zip without its last entry', () => zip([{ name: 'a' }], { count: 2 }), 'damaged'],
    ['a symbolic link', () => tar([{ name: 'a', type: 'symlink', linkname: '/etc/passwd' }]), 'no plain file, "a",'],
    ['a hard link', () => tar([{ name: 'a' }, { name: 'b', type: 'link', linkname: 'a' }]), 'no plain file, "b",'],
    ['a device', () => tar([{ name: 'a', type: 'character-device' }]), 'no plain file, "a",'],
    ['a sparse file', async () => withHeader(await tar([{ name: 'a' }]), (b) => b.write('S', 156)), 'a sparse one'],
    ['a sparse file by POSIX', () => tar([{ name: 'a', pax: { 'GNU.sparse.major': '1' } }]), 'no plain file, "a",'],
    ['a wrong checksum', async () => Buffer.from(await tar([{ name: 'a' }])).fill('b', 0, 1), 'damaged'],
    [
      'a size below nothing',
      async () => withHeader(await tar([{ name: 'a' }]), (b) => b.write('-----------', 124)),
      'damaged',
    ],
    ['a size of 2^63', async () => withHeader(await tar([{ name: 'a' }]), (b) => b.fill(0xff, 124, 136)), 'damaged'],
    ['a symbolic link in zip', () => zip([{ name: 'a', data: '/etc', mode: 0o120777 }]), 'no plain file, "a",'],
    ['an encrypted file', () => zip([{ name: 'a', data: 'x', flags: 0x801 }]), 'encrypted file, "a",'],
    ['an odd method', () => zip([{ name: 'a', data: 'x', method: 12 }]), 'another method than deflate, "a",'],
    ['a wrong CRC', () => zip([{ name: 'a', data: 'x', claims: { crc: 1 } }]), 'damaged file, "a",'],
    ['a size that is too small', () => zip([{ name: 'a', data: 'x'.repeat(99), claims: { size: 1 } }]), 'damaged'],
    ['a size that is too large', () => zip([{ name: 'a', data: 'x', claims: { size: 99 } }]), 'damaged'],
  ])('with %s is refused with a sentence', async (_what, archive, why) => {
    const said = await problemOf(await archive());
    expect(said).toContain('invalid_archive: The archive ');
    expect(said).toContain(why);
    expect(said).toContain('Nothing was written and nothing was spent');
  });

  it.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
    ['a gzip bomb', () => gzipSync(Buffer.alloc(20 * MB)).fill(255, 14_000), 'more than 12000000 bytes'],
    ['a large tar', () => new Uint8Array(12 * MB + 512), 'more than 12000000 bytes'],
    ['a zip bomb', () => zip([{ name: 'a', data: 'x', claims: { size: 4_000 * MB } }]), 'more than 12000000 bytes'],
    [
      'a zip bomb of three',
      () => zip(['a', 'b', 'c'].map((name) => ({ name, data: 'x', claims: { size: 4 * MB + 1 } }))),
      'more than 12000000 bytes',
    ],
    ['of a file that is too large', () => tar([{ name: 'a', data: Buffer.alloc(5 * MB + 1) }]), '5000000 bytes, "a"'],
    ['of 2,001 files', () => zip(numbered(2_001).map((name) => ({ name, method: 0 }))), 'more than 2000 files'],
    [
      'of 10,001 folders',
      () => tar(numbered(10_001).map((name) => ({ name: `${name}/`, type: 'directory' }))),
      'more than 10000 entries',
    ],
    [
      'of 10,001 folders in zip',
      () => zip(numbered(10_001).map((name) => ({ name: `${name}/`, method: 0 }))),
      'more than 10000 entries',
    ],
  ])('that is %s is refused by its size, before what comes after is read', async (_what, archive, why) => {
    const said = await problemOf(await archive());
    expect(said).toContain('payload_too_large: The archive unpacks to');
    expect(said).toContain(why);
    expect(said).toContain('send it in parts');
  });
});
