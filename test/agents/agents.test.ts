import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { catalogOf } from '../../lib/agents/catalog.ts';
import { defineAgent } from '../../lib/agents/index.ts';
import { controlSpecs } from '../../lib/core/controls.ts';
import { defineTool, tools, workspaceTools } from '../../lib/tools/index.ts';

const tool = (name: string) =>
  defineTool({ name, description: '', effect: 'pure', input: z.object({}), run: () => '' });
const agent = (name: string, names: string[]) =>
  defineAgent({ name, description: '', system: ' Be good. \n', tools: names.map(tool) });

describe('defineAgent', () => {
  it('puts the tools in their order, then the controls', () => {
    const { spec } = agent('gardener', ['water', 'dig']);
    expect(spec.name).toBe('gardener');
    expect(spec.system).toBe('Be good.');
    expect(spec.tools.slice(0, 2).map(({ name }) => name)).toEqual(['water', 'dig']);
    expect(spec.tools.slice(2)).toEqual(controlSpecs);
  });

  it('refuses two tools of one name, a tool named as a control, and a name that is none', () => {
    expect(() => agent('a', ['dig', 'dig'])).toThrow('two tools called dig');
    expect(() => agent('a', ['finish'])).toThrow('two tools called finish');
    for (const name of ['', 'Big', 'a b', '1a']) expect(() => agent(name, [])).toThrow('cannot be called');
  });
});

const { agents, find: findAgent, tools: agentTools } = catalogOf({}, { isKnownModel: () => false, secret: null });

describe('the agents', () => {
  it('are found by name, and by nothing else', () => {
    expect(agents.map(({ name }) => name)).toEqual(['assistant', 'builder']);
    for (const each of agents) expect(findAgent(each.name)).toBe(each);
    for (const name of ['', 'nobody', 'Assistant', 'constructor', '__proto__']) expect(findAgent(name)).toBeNull();
  });

  it('have tools that the port runs', () => {
    const port = tools(agentTools);
    for (const each of agents) {
      expect(each.tools.map(({ name }) => name)).toEqual([
        ...workspaceTools.map(({ name }) => name),
        'web_fetch',
        'git',
        'git_push',
      ]);
      for (const { name, effect } of each.tools) expect(port.effectOf(name)).toBe(effect);
    }
  });

  it.each(agents)('$name: its prompt is fixed text that the cache can find', ({ spec }) => {
    expect(Buffer.byteLength(spec.system)).toBeLessThan(6000);
    expect(spec.system).not.toMatch(/\d{4}-\d\d|\b20\d\d\b|\bses_|\$\{|undefined|\t| \n/);
    expect(spec.system).toMatchSnapshot();
    expect(JSON.stringify(spec.tools)).toBe(JSON.stringify(findAgent(spec.name)?.spec.tools));
  });

  it.each(agents)('$name: its prompt tells of every control, and of no tool that it lacks', ({ spec }) => {
    const names = spec.tools.map(({ name }) => name);
    for (const { name } of controlSpecs) expect(spec.system).toMatch(new RegExp(`\\b${name}\\b`));
    for (const [word] of spec.system.matchAll(/\b[a-z]+_[a-z_]+\b/g)) expect([...names, 'phase_name']).toContain(word);
    expect(spec.system).toContain('[runtime]');
  });
});
