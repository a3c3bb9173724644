/** A registry on loopback that has the given tarballs, and sends whoever asks for anything else to the registry that npm is configured for. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Registry = { url: string; close(): Promise<void> };

type Published = { tarball: Buffer; manifest: { name: string; version: string } };

function published(path: string): Published {
  const manifest = JSON.parse(execFileSync('tar', ['-xzOf', path, 'package/package.json'], { encoding: 'utf8' }));
  return { tarball: readFileSync(path), manifest };
}

function documentOf({ tarball, manifest }: Published, url: string): string {
  const { name, version } = manifest;
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const dist = { tarball: `${url}/-/${name}.tgz`, integrity };
  return JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist } } });
}

/** `rest`: the registry for all other packages. The caller closes it. */
export async function startRegistry(tarballs: string[], rest: string): Promise<Registry> {
  const own = new Map(tarballs.map((path) => [published(path).manifest.name, published(path)]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!.slice(1));
    const tarball = own.get(/^-\/(.+)\.tgz$/.exec(path)?.[1] ?? '')?.tarball;
    const one = own.get(path);
    if (tarball) response.end(tarball);
    else if (one) response.setHeader('content-type', 'application/json').end(documentOf(one, url));
    else response.writeHead(302, { location: `${rest.replace(/\/$/, '')}${request.url}` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
