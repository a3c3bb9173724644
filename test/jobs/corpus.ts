import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { type Job, told } from './job.ts';

const COUNT = 12;
const WORDS: Record<string, string> = { moon: 'luna', sun: 'sole', star: 'stella', and: 'e', the: 'la' };
const NAMES = Array.from({ length: COUNT }, (_, i) => `texts/${String(i + 1).padStart(2, '0')}.txt`);
const original = (i: number): string => `the moon and the star ${i + 1}\n`;
const translated = (text: string): string => text.replace(/[a-z]+/g, (word) => WORDS[word] ?? word);

/** Many files in, as many out: none left out, none twice, though the reading spreads over several calls. */
export const corpus: Job = {
  title: 'a corpus translated file by file, and fetched as an archive',
  goal: () => 'Translate each file of texts/ into Italian, to the same name under it/. Leave none out.',
  session: { files: NAMES.map((path, i) => ({ path, content: original(i) })) },
  steps: () => [
    reply(call('glob', { pattern: 'texts/*.txt' })),
    (request) => {
      const paths = told(request).match(/texts\/\d+\.txt/g) ?? [];
      return reply(...paths.slice(0, 6).map((path) => call('read_file', { path })));
    },
    (request) => reply(...written(told(request), 0), ...NAMES.slice(6).map((path) => call('read_file', { path }))),
    (request) => reply(...written(told(request), 6)),
    reply(call('bash', { command: 'diff <(ls texts) <(ls it) && echo "none left out"; cat it/*.txt | wc -l' })),
    (request) => reply(call('finish', { result: told(request).split('\n')[0] })),
  ],
  async accept({ person, id, local }) {
    expect((await person.get(id)).result).toBe('none left out');
    const response = await fetch(`${local.system.url}/v1/sessions/${id}/files:archive`, {
      headers: { authorization: `Bearer ${person.key}` },
    });
    const entries = await unpackTar(gunzipSync(new Uint8Array(await response.arrayBuffer())));
    const texts = new Map(entries.map(({ header, data }) => [header.name, new TextDecoder().decode(data)]));
    for (const [i, name] of NAMES.entries())
      expect(texts.get(name.replace('texts/', 'it/'))).toBe(translated(original(i)));
  },
};

const written = (text: string, from: number) =>
  (text.match(/the moon.*\d+/g) ?? []).map((line, i) =>
    call('write_file', { path: NAMES[from + i]!.replace('texts/', 'it/'), content: `${translated(line)}\n` }),
  );
