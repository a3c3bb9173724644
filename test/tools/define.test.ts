import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTool, ToolFailure, toolSpecs, tools, workspaceTools } from '../../lib/tools/index.ts';
import { call, context, tree } from './kit.ts';

const echo = (answer: () => string) =>
  defineTool({
    name: 'echo',
    description: 'Answers.',
    effect: 'once',
    input: z.object({ text: z.string(), times: z.int().min(1).optional() }),
    run: answer,
  });

describe('defineTool', () => {
  it('tells the model what is wrong with its arguments, and does not run', async () => {
    let runs = 0;
    const tool = echo(() => String(++runs));
    for (const input of [
      {},
      { text: 1 },
      { text: 'a', times: 0 },
      { text: 'a', tiems: 2 },
      'text',
      null,
      undefined,
      [],
      7,
    ]) {
      const result = await call(tool, input);
      expect(result.isError).toBe(true);
      expect(result.content).toContain('The arguments of echo do not fit, so nothing was done');
    }
    expect((await call(tool, { text: 'a', tiems: 2 })).content).toContain('tiems');
    expect(runs).toBe(0);
    expect(await call(tool, { text: 'a' })).toEqual({ content: '1', isError: false });
  });

  it('turns whatever is thrown into text', async () => {
    const throwing = (thrown: unknown) =>
      call(
        echo(() => {
          throw thrown;
        }),
        { text: '' },
      );
    expect(await throwing(new ToolFailure('Try a smaller one.'))).toEqual({
      content: 'Try a smaller one.',
      isError: true,
    });
    expect(await throwing(new Error('disk on fire'))).toEqual({ content: 'echo failed: disk on fire', isError: true });
    expect(await throwing('a string')).toEqual({ content: 'echo failed: a string', isError: true });
    expect(await throwing(undefined)).toEqual({ content: 'echo failed: undefined', isError: true });
  });

  it('does not make an observation of files that cannot be had: that is for redelivery', async () => {
    const away = new Error('no network');
    const [, readFile] = workspaceTools;
    const files = () => Promise.reject(away);
    await expect(readFile?.call({ path: 'a' }, { ...context(tree()), files })).rejects.toBe(away);
  });

  it('cuts 50 MB in the middle and says how much is gone', async () => {
    const text = `begin${'x'.repeat(50_000_000)}end`;
    const { content, isError } = await call(
      echo(() => text),
      { text: '' },
    );
    expect(isError).toBe(false);
    expect(content.length).toBeLessThanOrEqual(30_000);
    expect(content.length).toBeGreaterThan(29_900);
    expect(content.startsWith('begin')).toBe(true);
    expect(content.endsWith('end')).toBe(true);
    const note = /\[… ([\d,]+) of 50,000,008 characters were cut here …\]/.exec(content);
    const kept = content.replace(/\n\n\[…[^\]]*\]\n\n/, '').length;
    expect(Number(note?.[1]?.replaceAll(',', ''))).toBe(text.length - kept);
  });

  it.each(['', 'a', 'ab', 'abc'])('cuts an error as well, and never through a character (%j first)', async (first) => {
    const { content } = await call(
      echo(() => {
        throw new ToolFailure(first + '😀'.repeat(20_000));
      }),
      { text: '' },
    );
    expect(content.length).toBeLessThanOrEqual(30_000);
    expect(content).not.toContain('\uFFFD');
  });

  it('replaces NUL and lone surrogates, and never answers nothing', async () => {
    const dirty = await call(
      echo(() => 'a\0b\ud800c'),
      { text: '' },
    );
    expect(dirty.content).toBe('a\uFFFDb\uFFFDc');
    const silent = await call(
      echo(() => ''),
      { text: '' },
    );
    expect(silent.content).toBe('(no output)');
  });

  it('refuses a name that the API would refuse', () => {
    const named = (name: string) => () =>
      defineTool({ name, description: '', effect: 'pure', input: z.object({}), run: () => '' });
    for (const name of ['', 'two words', 'a.b', 'x'.repeat(65)]) expect(named(name)).toThrow();
    expect(named('a-b_C9')).not.toThrow();
  });
});

describe('tools', () => {
  it('answers for a tool that does not exist', async () => {
    const port = tools(workspaceTools);
    const result = await port.run({ name: 'fly\0', input: {} }, context(tree()));
    expect(result).toEqual({
      content: 'There is no tool "fly\uFFFD". There are: bash, read_file, write_file, edit_file, grep, glob.',
      isError: true,
    });
    expect(port.effectOf('fly')).toBeNull();
    expect(port.effectOf('constructor')).toBeNull();
    expect(port.effectOf('bash')).toBe('pure');
  });

  it('takes the same tool twice, but not two of one name', () => {
    const one = echo(() => '');
    expect(() => tools([one, one])).not.toThrow();
    expect(() => tools([one, echo(() => '')])).toThrow('two tools are called echo');
  });

  it('describes the tools in the same bytes as ever: they head every cached prompt', () => {
    expect(JSON.stringify(toolSpecs(workspaceTools), null, 1)).toMatchSnapshot();
    for (const spec of toolSpecs(workspaceTools)) {
      expect(Object.keys(spec)).toEqual(['name', 'description', 'input_schema', 'effect']);
      expect(spec.input_schema).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });
});
