/** Where a deployment is made, and by which providers. */

/** The one region of everything, chosen once: another one is another deployment. Neon and Upstash call it by the same name and must offer it. */
export const region = (): string => process.env.DEPLOY_REGION || 'us-east-1';

/** For `app()`: the providers and versions that were tried. */
export const providers = () => ({
  aws: { region: region() },
  neon: { package: '@sst-provider/neon', version: '0.13.0' },
  upstash: { package: '@upstash/pulumi', version: '0.5.0' },
});
