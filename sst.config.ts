/// <reference path="./.sst/platform/config.d.ts" />
/**
 * The whole infrastructure. `npx sst deploy --stage NAME` makes all of it, database and Redis included (NEON_API_KEY, UPSTASH_API_KEY
 * and UPSTASH_EMAIL in the environment), or uses your own: `sst secret set NeonUrl …` (the pooled connection string), and
 * `sst secret set UpstashUrl …` with `sst secret set UpstashToken …`. `sst secret set AnthropicAdminKey …` (and AnthropicWorkspaceId) lets
 * the daily reconciliation see the provider's own report. StripeWebhookSecret and UserDatabaseUrl are the API's. A stage called
 * `production` is protected and its data is kept. docs/configuration.md lists every secret, option and setting of a deployment.
 *
 *   api ─▶ queue ─▶ iterate ⟲ queue         queue ─▶ dead letters ─▶ deadLetter         iterate ─▶ sandbox
 *   iterate ─▶ one-time schedules ─▶ wake ─▶ queue         midnight and every minute ─▶ wake         once a day ─▶ reconcile
 */

export default $config({
  app: async (input) => ({
    name: 'circadian',
    home: 'aws',
    removal: input?.stage === 'production' ? 'retain' : 'remove',
    protect: input?.stage === 'production',
    providers: (await import('./lib/infra/providers.ts')).providers(),
  }),

  async run() {
    const { deployment } = await import('./lib/infra/deployment.ts');
    const { region } = await import('./lib/infra/providers.ts');
    const definitions = (await import('./circadian.config.ts')).default;
    return deployment({ region: region(), handlers: 'functions', definitions });
  },
});
