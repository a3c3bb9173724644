/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app: async (input) => ({
    // Part of every name on AWS: with another one, the next deployment is a new one. The policy for whoever deploys allows circadian-*.
    name: 'circadian-{{name}}',
    home: 'aws',
    removal: input?.stage === 'production' ? 'retain' : 'remove',
    protect: input?.stage === 'production',
    providers: (await import('circadian/sst')).providers(),
  }),
  async run() {
    const { circadian } = await import('circadian/sst');
    return circadian();
  },
});
