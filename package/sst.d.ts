/** Infrastructure of Circadian for the sst.config.ts of a project. */

type Provider = { package: string; version: string };

/** For `app()`: the providers and versions that were tried, in the region DEPLOY_REGION (us-east-1). */
export declare const providers: () => { aws: { region: string }; neon: Provider; upstash: Provider };

/**
 * For `run()`: all of the cloud, with the project's agents and tools. `config`: the file that defines them, beside sst.config.ts
 * (`circadian.config.ts`).
 */
export declare const circadian: (options?: { config?: string }) => Promise<Record<string, unknown>>;
