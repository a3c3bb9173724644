/** The contract as its readers have it: linters, and the clients that are generated from it. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { api } from '../http/kit.ts';
import { compile } from './compile.ts';
import { typesOf } from './generate.ts';
import { lint } from './lint.ts';

const contract = async () => (await api().hono.request('/openapi.json')).text();
// biome-ignore lint/suspicious/noExplicitAny: faults reach into the document
type Fault = (document: any) => unknown;
const changed = async (change: Fault) => {
  const document = JSON.parse(await contract());
  change(document);
  return JSON.stringify(document);
};

describe('the contract', () => {
  it('lints without a finding', async () => {
    expect(await lint(await contract())).toEqual([]);
  });

  it.each<[rule: string, fault: Fault]>([
    ['operation-description', (d) => delete d.paths['/v1/budget'].get.description],
    ['operation-operationId', (d) => delete d.paths['/v1/budget'].get.operationId],
    ['operation-4xx-response', (d) => delete d.paths['/healthz'].get.responses[429]],
    ['security-defined', (d) => delete d.paths['/healthz'].get.security],
    ['parameter-description', (d) => delete d.paths['/v1/budget'].get.parameters[0].description],
    ['info-license', (d) => delete d.info.license],
    ['tag-description', (d) => delete d.tags[0].description],
    ['no-unresolved-refs', (d) => delete d.components.headers.RateLimit],
  ])('would not without what %s asks for', async (rule, fault) => {
    expect(await lint(await changed(fault))).toContainEqual(expect.stringContaining(`${rule}: `));
  });

  it('names the tags that its operations have, and no others', async () => {
    const { paths, tags } = JSON.parse(await contract());
    const used = Object.values<Record<string, { tags: string[] }>>(paths).flatMap((path) =>
      Object.values(path).flatMap((operation) => operation.tags),
    );
    expect(tags.map(({ name }: { name: string }) => name).sort()).toEqual([...new Set(used)].sort());
  });
});

describe('a client that is generated from it', () => {
  it('is the one in client/contract.ts: otherwise run `npm run client:types`', async () => {
    const kept = await readFile(new URL('../../client/contract.ts', import.meta.url), 'utf8');
    expect((await typesOf(await contract())) === kept).toBe(true);
  });

  it('compiles, with each of its mistakes noticed', async () => {
    expect(await compile(await contract())).toBe('');
  });

  it('would not where a field is named otherwise, or a mistake is let through', async () => {
    const renamed = await changed(({ components: { schemas } }) => {
      schemas.Budget.properties.left = schemas.Budget.properties.remaining_microdollars;
      delete schemas.Budget.properties.remaining_microdollars;
      schemas.NewSession.required = [];
    });
    const said = await compile(renamed);
    expect(said).toContain("Property 'remaining_microdollars' does not exist");
    expect(said).toContain("Unused '@ts-expect-error' directive");
  });
});
