/** The provider's own report, which reconciliation compares with the ledger. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { anthropicCosts } from '../../lib/adapters/anthropic/cost-report.ts';

describe('the cost report of the Admin API', () => {
  const serve = async (pages: object[], seen: { url: string; key: unknown }[] = []) => {
    const server = createServer((request, response) => {
      seen.push({ url: request.url ?? '', key: request.headers['x-api-key'] });
      const page = pages[seen.length - 1];
      response.writeHead(page ? 200 : 403, { 'content-type': 'application/json' }).end(JSON.stringify(page ?? {}));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const row = (amount: string, workspace_id: string | null = null) => ({
    amount,
    currency: 'USD',
    workspace_id,
    cost_type: 'tokens',
  });
  const bucket = (day: string, ...results: object[]) => ({
    starting_at: `${day}T00:00:00Z`,
    ending_at: 'later',
    results,
  });

  it('is read to its last page, cents as microdollars, days summed', async () => {
    const seen: { url: string; key: unknown }[] = [];
    const baseURL = await serve(
      [
        { data: [bucket('2026-11-09', row('123.45'), row('0.00019'))], has_more: true, next_page: 'page_2' },
        { data: [bucket('2026-11-09', row('1')), bucket('2026-11-10')], has_more: false, next_page: null },
      ],
      seen,
    );
    const costs = await anthropicCosts({ adminKey: 'sk-ant-admin-x', baseURL }).byDay('2026-11-09', '2026-11-10');
    expect([...costs]).toEqual([
      ['2026-11-09', 1_244_501n],
      ['2026-11-10', 0n],
    ]);
    expect(seen[0]).toMatchObject({ key: 'sk-ant-admin-x', url: expect.stringContaining('ending_at=2026-11-11') });
    expect(seen[1]!.url).toContain('page=page_2');
  });

  it('counts one workspace when it is named', async () => {
    const data = [bucket('2026-11-09', row('1', 'wrkspc_a'), row('2', 'wrkspc_b'), row('4'))];
    const baseURL = await serve([{ data, has_more: false, next_page: null }]);
    const costs = anthropicCosts({ adminKey: 'k', workspaceId: 'wrkspc_b', baseURL });
    expect((await costs.byDay('2026-11-09', '2026-11-09')).get('2026-11-09')).toBe(20_000n);
  });

  it('that is refused, or means something else, throws', async () => {
    const refused = anthropicCosts({ adminKey: 'k', baseURL: await serve([]) });
    await expect(refused.byDay('2026-11-09', '2026-11-09')).rejects.toThrow(/403/);
    const strange = anthropicCosts({
      adminKey: 'k',
      baseURL: await serve([{ data: [bucket('2026-11-09', { amount: 'much' })] }]),
    });
    await expect(strange.byDay('2026-11-09', '2026-11-09')).rejects.toThrow();
  });
});
