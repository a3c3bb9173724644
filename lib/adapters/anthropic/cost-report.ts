/**
 * What Anthropic says it charged: the Admin API's cost report, which needs a key of its own kind (`sk-ant-admin…`). It covers the whole
 * organisation, or one workspace if named: give Circadian a workspace of its own. Priority-tier costs are not in it.
 * Source: https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-cost-report (daily buckets, at most 31; `amount` is a decimal
 * string in cents).
 */
import * as z from 'zod';
import type { ProviderCosts } from '../../ports/index.ts';

const Page = z.object({
  data: z.array(
    z.object({
      starting_at: z.string(),
      results: z.array(
        z.object({
          amount: z.string().regex(/^-?\d+(\.\d+)?$/),
          currency: z.literal('USD'),
          workspace_id: z.string().nullish(),
        }),
      ),
    }),
  ),
  has_more: z.boolean(),
  next_page: z.string().nullish(),
});

const DAY_MS = 86_400_000;
/** Digits after the point that are kept while summing. */
const FINE = 10;

export type CostOptions = {
  adminKey: string;
  workspaceId?: string | undefined;
  baseURL?: string | undefined;
  timeoutMs?: number;
};

export function anthropicCosts({ adminKey, workspaceId, baseURL, timeoutMs = 30_000 }: CostOptions): ProviderCosts {
  const headers = { 'x-api-key': adminKey, 'anthropic-version': '2023-06-01' };
  const read = async (query: URLSearchParams): Promise<z.infer<typeof Page>> => {
    const url = `${baseURL ?? 'https://api.anthropic.com'}/v1/organizations/cost_report?${query}`;
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`the cost report answered ${response.status}`);
    return Page.parse(await response.json());
  };
  return {
    async byDay(from, to) {
      const query = new URLSearchParams({
        starting_at: `${from}T00:00:00Z`,
        ending_at: new Date(Date.parse(to) + DAY_MS).toISOString(),
        limit: '31',
        'group_by[]': 'workspace_id',
      });
      const cents = new Map<string, bigint>();
      for (;;) {
        const page = await read(query);
        for (const { starting_at, results } of page.data) {
          const own = results.filter(({ workspace_id }) => !workspaceId || workspace_id === workspaceId);
          const day = starting_at.slice(0, 10);
          cents.set(
            day,
            own.reduce((sum, { amount }) => sum + fine(amount), cents.get(day) ?? 0n),
          );
        }
        if (!page.has_more || !page.next_page) break;
        query.set('page', page.next_page);
      }
      // A cent is 10⁴ microdollars.
      return new Map([...cents].map(([day, sum]) => [day, sum / 10n ** BigInt(FINE - 4)]));
    },
  };
}

/** Cents in 10⁻¹⁰. */
function fine(amount: string): bigint {
  const [whole = '0', part = ''] = amount.replace('-', '').split('.');
  const value = BigInt(whole + part.slice(0, FINE).padEnd(FINE, '0'));
  return amount.startsWith('-') ? -value : value;
}
