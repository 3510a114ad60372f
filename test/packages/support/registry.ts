// A registry on loopback that has the tarballs of this project, and everything else from the registry that npm uses.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

export type Registry = { readonly url: string; close(): Promise<void> };

type Manifest = { name: string; version: string };

const fileOf = ({ name, version }: Manifest) => `/${name}/-/${name}-${version}.tgz`;

/** What a registry tells of a package. */
function documentOf(manifest: Manifest, url: string, bytes: Buffer) {
  const { name, version } = manifest;
  const dist = {
    tarball: url + fileOf(manifest),
    integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
    shasum: createHash('sha1').update(bytes).digest('hex'),
  };
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist } },
    time: { [version]: '2025-01-01T00:00:00.000Z' },
  };
}

function emptyPackage(manifest: Manifest): Buffer {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mscp-empty-'));
  try {
    mkdirSync(path.join(folder, 'package'));
    writeFileSync(path.join(folder, 'package', 'package.json'), JSON.stringify(manifest));
    return execFileSync('tar', ['-czf', '-', '-C', folder, 'package']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function manifestOf(tarball: string): Manifest {
  const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], {
    encoding: 'utf8',
  });
  return JSON.parse(text) as Manifest;
}

/**
 * Serves `tarballs`, each as the only version of its package, and `others`, the packages of other platforms, with
 * nothing in them: some package managers look into what they don't install.
 */
export async function openRegistry(
  tarballs: readonly string[],
  others: readonly Manifest[] = [],
): Promise<Registry> {
  const setting = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  const upstream = new Upstream(setting);
  const files = new Map<string, Buffer>();
  const documents = new Map<string, (url: string) => object>();
  const publish = (manifest: Manifest, bytes: Buffer) => {
    files.set(fileOf(manifest), bytes);
    documents.set(manifest.name, (url) => documentOf(manifest, url, bytes));
  };
  for (const tarball of tarballs) {
    publish(manifestOf(tarball), readFileSync(tarball));
  }
  for (const manifest of others) publish(manifest, emptyPackage(manifest));

  let url = '';
  const server = http.createServer((request, response) => {
    const name = decodeURIComponent(request.url ?? '').replace(/[?#].*/, '');
    const file = files.get(name);
    if (file !== undefined) {
      response.end(file);
      return;
    }
    const document = documents.get(name.slice(1));
    if (document !== undefined) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(document(url)));
      return;
    }
    // Those of this project that were not made: nobody else's.
    if (name.startsWith('/mediasoup-client-pion')) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    upstream.answer((request.url ?? '').slice(1), request.headers.accept ?? '*/*', url).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(502).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Answer = { status: number; type: string; body: Buffer };

/** Another registry, each of whose answers is asked for once, and names this one as the place of its tarballs. */
class Upstream {
  readonly #url: string;
  readonly #answers = new Map<string, Promise<Answer>>();

  constructor(url: string) {
    this.#url = url.endsWith('/') ? url : `${url}/`;
  }

  answer(name: string, accept: string, url: string): Promise<Answer> {
    const key = `${accept} ${name}`;
    const answer = this.#answers.get(key) ?? this.#fetch(name, accept, url);
    this.#answers.set(key, answer);
    return answer;
  }

  async #fetch(name: string, accept: string, url: string): Promise<Answer> {
    const response = await fetch(new URL(name, this.#url), { headers: { accept } });
    const type = response.headers.get('content-type') ?? 'application/octet-stream';
    const bytes = Buffer.from(await response.arrayBuffer());
    const body = type.includes('json')
      ? Buffer.from(bytes.toString().replaceAll(this.#url, `${url}/`))
      : bytes;
    return { status: response.status, type, body };
  }
}
