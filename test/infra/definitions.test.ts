/** A deployment with a tool of one's own: it is bundled, and its secret is linked to the one function that runs tools, or nothing is made. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { installed, type Project, SECRETS, startProject } from './kit/project.ts';
import { readZip } from './kit/zip.ts';

const CONFIG = `import { defineAgent, defineConfig, defineTool } from 'circadian';
import * as z from 'zod';
const run = async () => 'marked-as-mine';
const weather = defineTool({
  name: 'weather', description: 'Says the weather.', effect: 'pure', input: z.object({}), secrets: ['WEATHER_KEY'], run,
});
const forecaster = defineAgent({ name: 'forecaster', description: 'Forecasts.', system: 'Forecast.', tools: ['weather'] });
export default defineConfig({ agents: [forecaster], tools: [weather] });
`;
const VALUE = 'wk-planted-0123456789';

describe.skipIf(!installed)('a deployment with a tool of one’s own', () => {
  let project: Project;
  afterEach(() => project?.close());
  const started = async (secrets: Record<string, string>) => {
    project = await startProject(secrets);
    writeFileSync(join(project.folder, 'circadian.config.ts'), CONFIG);
    return project.diff();
  };

  it('gives its secret to the iterations alone, and takes its code along', { timeout: 300_000 }, async () => {
    const { status, output, links, made } = await started({ ...SECRETS, ToolSecretWeatherKey: VALUE });
    expect(status, output).toBe(0);
    const has = Object.entries(links).filter(([, linked]) => JSON.stringify(linked).includes(VALUE));
    expect(has).toEqual([['Iterate', expect.objectContaining({ TOOL_SECRET_WEATHER_KEY: VALUE })]]);
    const codeOf = (name: string) =>
      Buffer.concat([...readZip(join(project.folder, '.sst/artifacts', name, 'code.zip')).values()]).toString();
    expect(codeOf('Iterate')).toContain('marked-as-mine');
    for (const name of ['Api', 'Migrate', 'Wake']) expect(codeOf(name)).toContain('Says the weather.');
    for (const name of ['DeadLetter', 'Reconcile']) expect(codeOf(name)).not.toContain('Says the weather.');
    const variables = JSON.stringify(made.filter(({ name }) => name.endsWith('Function')));
    expect(variables).not.toContain(VALUE);
  });

  it('is refused without a value for the secret, before anything is made', { timeout: 300_000 }, async () => {
    const { status, output, made } = await started(SECRETS);
    expect(status).not.toBe(0);
    const log = readFileSync(join(project.folder, '.sst/log/sst.log'), 'utf8');
    expect(output + log).toContain('The tools of circadian.config.ts need ToolSecretWeatherKey: set each by');
    expect(made).toEqual([]);
  });
});
