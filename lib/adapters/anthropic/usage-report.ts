/**
 * What Anthropic counted, hour by hour: the Admin API's usage report of the Messages API, of the organisation or of one workspace.
 * Source: https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report (`bucket_width` 1h: at most 168 buckets;
 * `ending_at` is exclusive). A count that is missing or of another kind is refused: it would be taken for none.
 */
import * as z from 'zod';
import type { HourOfUsage, ProviderUsage } from '../../ports/index.ts';
import type { CostOptions } from './cost-report.ts';

const Count = z.int().min(0);
const Page = z.object({
  data: z.array(
    z.object({
      starting_at: z.iso.datetime({ offset: true }),
      ending_at: z.iso.datetime({ offset: true }),
      results: z.array(
        z.object({
          uncached_input_tokens: Count,
          cache_creation: z.object({ ephemeral_1h_input_tokens: Count, ephemeral_5m_input_tokens: Count }),
          cache_read_input_tokens: Count,
          output_tokens: Count,
          server_tool_use: z.object({ web_search_requests: Count }),
          model: z.string().nullable(),
          workspace_id: z.string().nullable(),
          inference_geo: z.string().nullish(),
        }),
      ),
    }),
  ),
  has_more: z.boolean(),
  next_page: z.string().nullish(),
});
type Result = z.infer<typeof Page>['data'][number]['results'][number];

const HOUR_MS = 3_600_000;
const MOST_HOURS = 168;

export function anthropicUsage({ adminKey, workspaceId, baseURL, timeoutMs = 30_000 }: CostOptions): ProviderUsage {
  const headers = { 'x-api-key': adminKey, 'anthropic-version': '2023-06-01' };
  const read = async (query: URLSearchParams): Promise<z.infer<typeof Page>> => {
    const url = `${baseURL ?? 'https://api.anthropic.com'}/v1/organizations/usage_report/messages?${query}`;
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`the usage report answered ${response.status}`);
    return Page.parse(await response.json());
  };
  return {
    async byHour(from, to) {
      const query = new URLSearchParams({
        starting_at: new Date(from).toISOString(),
        ending_at: new Date(to).toISOString(),
        bucket_width: '1h',
        limit: String(MOST_HOURS),
      });
      for (const by of ['model', 'workspace_id', 'inference_geo']) query.append('group_by[]', by);
      const hours: HourOfUsage[] = [];
      for (;;) {
        const page = await read(query);
        for (const { starting_at, ending_at, results } of page.data) {
          if (Date.parse(ending_at) - Date.parse(starting_at) !== HOUR_MS)
            throw new Error('the usage report is not by hours');
          const own = results.filter(({ workspace_id }) => !workspaceId || workspace_id === workspaceId);
          hours.push(...own.flatMap((result) => hourOf(Date.parse(starting_at), result)));
        }
        if (!page.has_more) return hours;
        if (!page.next_page) throw new Error('the usage report has more, but does not say where');
        query.set('page', page.next_page);
      }
    },
  };
}

/** Priced as standard, which is the dearest of the service tiers without a contract. */
function hourOf(hour: number, { model, cache_creation, inference_geo, ...counts }: Result): HourOfUsage[] {
  if (model === null) throw new Error('the usage report does not name a model');
  const { ephemeral_1h_input_tokens, ephemeral_5m_input_tokens } = cache_creation;
  const usage = {
    input_tokens: counts.uncached_input_tokens,
    cache_creation_input_tokens: ephemeral_1h_input_tokens + ephemeral_5m_input_tokens,
    cache_creation: { ephemeral_1h_input_tokens, ephemeral_5m_input_tokens },
    cache_read_input_tokens: counts.cache_read_input_tokens,
    output_tokens: counts.output_tokens,
    server_tool_use: counts.server_tool_use,
    ...(inference_geo === 'us' && { inference_geo }),
  };
  return [{ hour, model, usage }];
}
