import { type CallOptions, got, headers, type ListOptions, pages, type Signalled, type TypedApi } from './call.ts';
import type { components } from './contract.ts';

type Schemas = components['schemas'];
export type Budget = Schemas['Budget'];
export type BudgetDay = Schemas['BudgetDay'];
export type TopUp = Schemas['TopUp'];
export type Usage = Schemas['Usage'];
export type UsageOptions = ListOptions<'getUsage'>;

/** What may be spent and what was, in microdollars. */
export function budgetOf(api: TypedApi) {
  return {
    /** Today's allowance and the cycle, as they are now. */
    get: ({ signal }: Signalled = {}): Promise<Budget> => got(api.GET('/v1/budget', { signal })),

    /** Days with their allowance, newest first. */
    days: ({ signal, ...query }: ListOptions<'listBudgetDays'> = {}): AsyncGenerator<BudgetDay> =>
      pages((cursor) => got(api.GET('/v1/budget/days', { params: { query: { ...query, cursor } }, signal }))),

    topUps: ({ signal, ...query }: ListOptions<'listTopUps'> = {}): AsyncGenerator<TopUp> =>
      pages((cursor) => got(api.GET('/v1/budget/top-ups', { params: { query: { ...query, cursor } }, signal }))),

    /** Adds to the budget once, however often it is tried: `today` all of it, or by default over the days to the renewal. */
    topUp: (
      microdollars: number,
      { spread = 'cycle', ...options }: CallOptions & { spread?: TopUp['spread'] } = {},
    ): Promise<Budget> =>
      got(
        api.POST('/v1/budget/top-ups', {
          params: { header: headers(options) },
          body: { amount_microdollars: microdollars, spread },
          signal: options.signal,
        }),
      ),
  };
}

/** The ledger, summed by `group_by`. */
export const usageOf =
  (api: TypedApi) =>
  ({ signal, ...query }: UsageOptions = {}): AsyncGenerator<Usage> =>
    pages((cursor) =>
      got(
        api.GET('/v1/usage', {
          params: { query: { ...query, cursor } },
          headers: { accept: 'application/json' },
          signal,
        }),
      ).then((page) => page as Exclude<typeof page, string>),
    );
