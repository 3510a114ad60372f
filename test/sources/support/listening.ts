// Servers of a test's own.
import { once } from 'node:events';
import fs from 'node:fs/promises';
import type http from 'node:http';
import type https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** Has a server listen on a port of the system's choice until the test ends. Gives the port. */
export async function listen(t: TestContext, server: http.Server | https.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Serves a file with ranges. */
export function serving(file: string): http.RequestListener {
  return (request, response) => {
    void (async () => {
      const content = await fs.readFile(file);
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(206, {
        'content-length': content.length - start,
        'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
      });
      response.end(content.subarray(start));
    })();
  };
}
