import type { App } from '../deps.ts';

/** /openapi.json: made from the routes themselves, so that it can neither lack one nor promise one. */
export function contract(app: App): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'UserKey', {
    type: 'http',
    scheme: 'bearer',
    description: "A user's API key, `ck_…`.",
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'AdminKey', {
    type: 'http',
    scheme: 'bearer',
    description: "The operator's key.",
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'PaymentSignature', {
    type: 'apiKey',
    in: 'header',
    name: 'Stripe-Signature',
    description: 'Of the raw body, by the payment secret of the deployment.',
  });
  let document: ReturnType<App['getOpenAPI31Document']> | null = null;
  app.get('/openapi.json', (c) => {
    document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Circadian',
        version: '1',
        description:
          'Autonomous agents that live on a daily allowance. Money is an integer of microdollars (1,000,000 = one dollar), instants are ISO 8601 in UTC, errors are problems (RFC 9457) with a stable `code`.',
      },
      servers: [{ url: '/' }],
    });
    return c.json(document);
  });
  app.get('/', (c) => c.json({ name: 'Circadian', contract: '/openapi.json', health: '/healthz' }));
}
