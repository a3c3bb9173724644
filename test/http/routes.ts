import type { Api } from './kit.ts';

/** `keyed`: below /v1 and for whoever has a key; what others tell us is signed instead. */
export type Route = { method: string; path: string; template: string; admin: boolean; keyed: boolean };

/** Every route of the contract, with a path that has its places filled. */
export async function routesOf(hono: Api['hono'], fill: Record<string, string> = {}): Promise<Route[]> {
  const document = (await (await hono.request('/openapi.json')).json()) as { paths: Record<string, object> };
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: template.replace(/\{([^}]+)\}/g, (_, name: string) => fill[name] ?? 'x1'),
      template,
      admin: template.startsWith('/v1/admin/'),
      keyed: template.startsWith('/v1/') && !template.startsWith('/v1/hooks/'),
    })),
  );
}
