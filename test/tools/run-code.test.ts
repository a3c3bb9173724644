/** The tool that rents a machine: what goes along, what comes back, and what each end of it costs. */
import { describe, expect, it, vi } from 'vitest';
import { catalogOf } from '../../lib/agents/catalog.ts';
import type { Machine, MachineOutcome, MachineScript } from '../../lib/ports/index.ts';
import { NO_FACILITIES } from '../../lib/tools/configured.ts';
import { runCode } from '../../lib/tools/run-code.ts';
import { bytes, call, textIn, tree } from './kit.ts';

const RUN = { exitCode: 0, stdout: 'ok\n', stderr: '', files: [], lost: [] };

function toolOn(outcome: MachineOutcome) {
  const run = vi.fn<Machine['run']>(async () => outcome);
  const machine: Machine = { seconds: 60, most: 1_860n, run };
  return { tool: runCode({ machine }), machine, asked: () => run.mock.calls[0]?.[0] as MachineScript, run };
}

describe('run_code', () => {
  it('costs at most what the whole time of a machine costs, and in the end what it did cost', async () => {
    const { tool } = toolOn({ run: RUN, cost: 62n });
    expect(tool).toMatchObject({ name: 'run_code', effect: 'pure', price: 1_860n });
    expect(tool.description).toContain('up to $0.0019 a call, by the second, 60 s at most');
    expect(await call(tool, { command: 'make' })).toEqual({ content: 'ok', isError: false, cost: 62n });
  });

  it('takes along what is named, and keeps what comes back', async () => {
    const { tool, asked } = toolOn({
      run: { ...RUN, files: [{ path: 'a/out.txt', content: bytes('new') }], lost: [{ path: 'b', why: 'absent' }] },
      cost: 31n,
    });
    const files = tree({ '/a/in.txt': 'in', '/a/out.txt': 'old', '/other': 'x' });
    const { content } = await call(
      tool,
      { command: 'make', files: ['a'], keep: ['a/out.txt', '/workspace/a/out.txt', 'b'] },
      files,
    );
    expect(asked()).toEqual({
      command: 'make',
      files: [
        { path: 'a/in.txt', content: bytes('in') },
        { path: 'a/out.txt', content: bytes('old') },
      ],
      keep: ['a/out.txt', 'b'],
    });
    expect(textIn(files, '/a/out.txt')).toBe('new');
    expect(content).toBe('ok\n[not copied back: b is not there]');
  });

  it.each([
    [{ command: 'ls', files: ['gone'] }, 'There is no file or folder gone, so nothing was run.'],
    [{ command: 'ls', keep: ['../x'] }, 'The path "../x" leaves the workspace.'],
    [{ command: 'ls', files: ['large'] }, /Nothing was run: 5 files of 24,000,000 bytes/],
    [{ command: '' }, /do not fit/],
  ])('rents nothing and costs nothing for %j', async (input, says) => {
    const { tool, run } = toolOn({ run: RUN, cost: 31n });
    const large = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`/large/${n}`, new Uint8Array(4_800_000)]));
    const { content, isError, cost } = await call(tool, input, tree({ ...large, '/a': 'x' }));
    expect(content).toMatch(says);
    expect([isError, cost]).toEqual([true, 0n]);
    expect(run).not.toHaveBeenCalled();
  });

  it.each([
    { failed: 'no machine could be had (401)', cost: 0n, more: '' },
    { failed: 'it was called off', cost: null, more: ' How long it ran is unknown, so its whole price is charged.' },
  ])('tells why there is no result, and what that costs: $failed', async ({ more, ...outcome }) => {
    const content = `It was not run to its end: ${outcome.failed}. No file was changed.${more}`;
    expect(await call(toolOn(outcome).tool, { command: 'ls' })).toEqual({ content, isError: true, cost: outcome.cost });
  });

  it('charges a run whose files the workspace does not take, and says so', async () => {
    const large = { path: 'large', content: new Uint8Array(5_000_001) };
    const { tool } = toolOn({ run: { ...RUN, files: [{ path: 'small', content: bytes('x') }, large] }, cost: 31n });
    const files = tree();
    const { content, isError, cost } = await call(tool, { command: 'ls', keep: ['large', 'small'] }, files);
    expect(content).toMatch(/^ok\n\[no file was changed\] Nothing was written: large would have 5,000,001 bytes/);
    expect([isError, cost]).toEqual([true, 31n]);
    expect(files.changes()).toEqual([]);
  });

  it('tells a script that failed, and one whose time was up', async () => {
    const failed = toolOn({ run: { ...RUN, exitCode: 2, stderr: 'no rule\n' }, cost: 31n }).tool;
    expect((await call(failed, { command: 'make' })).content).toBe('ok\n[stderr]\nno rule\n[exit status 2]');
    const late = toolOn({ run: { ...RUN, exitCode: null }, cost: 1_860n }).tool;
    expect(await call(late, { command: 'make' })).toMatchObject({
      content: 'ok\n[its time was up, and no file was copied back]',
      isError: true,
    });
  });
});

describe('where it is offered', () => {
  const { machine } = toolOn({ run: RUN, cost: 1n });
  const named = (facilities = NO_FACILITIES, config = {}) =>
    catalogOf(config, { isKnownModel: () => true, secret: null }, facilities);
  const mine = { agents: [{ name: 'mine', description: 'd', system: 's', tools: ['run_code'] }] };

  it('is where a machine can be had, and nowhere else', () => {
    expect(named().tools.map(({ name }) => name)).not.toContain('run_code');
    const { agents } = named({ ...NO_FACILITIES, machine });
    for (const agent of agents) expect(agent.tools.at(-1)?.name).toBe('run_code');
  });

  it('may be named by any agent, and is left out where there is none', () => {
    const names = (facilities = NO_FACILITIES) =>
      named(facilities, mine)
        .find('mine')
        ?.tools.map(({ name }) => name);
    expect([names({ ...NO_FACILITIES, machine }), names()]).toEqual([['run_code'], []]);
  });
});
