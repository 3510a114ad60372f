// What the demo's server takes from the network, and what it refuses.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { createFactory } from 'mediasoup-client-pion';
import { servePage } from '../../demo/server/serve-page.mjs';
import { createRoom } from '../e2e/support/room.mjs';
import type { Room } from '../e2e/support/room.mjs';

const LIMIT_MS = 30_000;
const program = path.resolve(import.meta.dirname, '../../scripts/demo.mjs');

let room: Room;
let served: Awaited<ReturnType<typeof servePage>>;

before(async () => {
  room = await createRoom();
  served = await servePage({
    room,
    bot: { file: 'nothing.mp4', producers: [] },
    handlerFactory: createFactory(),
    host: '127.0.0.1',
    port: 0,
  });
});

after(async () => {
  await served.close();
  await room.close();
});

type Answer = { status: number; body: { error?: string; id?: string } };

/** Not fetch(): that sets Host by itself, and tidies paths. */
async function ask(
  method: string,
  path: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { hostname: host, port } = new URL(served.url);
  const request = http.request({ host, port, path, method, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    status: response.statusCode ?? 0,
    body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {},
  };
}

/** Opens a visit as a page does, and reads its first event. */
async function visit() {
  const response = await fetch(new URL('/events', served.url));
  assert.equal(response.status, 200);
  const reader = response.body?.getReader();
  assert.ok(reader);
  const { value } = await reader.read();
  const data = /data: (.*)/.exec(new TextDecoder().decode(value))?.[1] ?? '{}';
  const { visitor } = JSON.parse(data) as { visitor: string };
  return {
    ask: (method: string, body: unknown) =>
      ask('POST', `/${method}`, { headers: { 'x-visitor': visitor }, body: JSON.stringify(body) }),
    leave: () => reader.cancel(),
  };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!holds()) {
    if (performance.now() > deadline) assert.fail(`${what}: not within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('requests under another name, and those of other pages, are refused', async () => {
  const { port } = new URL(served.url);
  assert.equal((await ask('GET', '/')).status, 200);
  assert.equal((await ask('GET', '/', { headers: { host: `localhost:${port}` } })).status, 200);
  assert.equal((await ask('GET', '/', { headers: { host: `evil.example:${port}` } })).status, 421);
  const origin = 'http://evil.example';
  assert.equal((await ask('GET', '/events', { headers: { origin } })).status, 403);
  assert.equal(served.visitors, 0);
});

test('requests of nobody, of no method and of no size that makes sense are refused', async () => {
  assert.equal((await ask('POST', '/createTransport', { body: '{}' })).status, 403);
  assert.equal((await ask('PUT', '/')).status, 405);
  assert.equal((await ask('GET', '/../package.json')).status, 404);
  assert.equal((await ask('GET', '//')).status, 404);
  const page = await visit();
  assert.equal((await page.ask('constructor', {})).status, 404);
  assert.equal((await page.ask('closeTransport', { transportId: 'x' })).status, 404);
  assert.equal((await page.ask('createTransport', [])).status, 400);
  assert.equal((await page.ask('createTransport', { x: 'x'.repeat(200_000) })).status, 413);
  await page.leave();
});

test('a page gets no further than what it owns, and no more than its share', async () => {
  const [one, other] = [await visit(), await visit()];
  const { id } = (await one.ask('createTransport', { options: { listenInfos: [] } })).body;
  assert.ok(id);
  const connect = { transportId: id, dtlsParameters: {} };
  assert.equal((await other.ask('connectTransport', connect)).status, 403);
  const refused = await one.ask('connectTransport', connect);
  assert.equal(refused.status, 400);
  assert.match(refused.body.error ?? '', /^connectTransport: /);
  const produce = { transportId: id, kind: 'audio', rtpParameters: {} };
  assert.match((await one.ask('produce', produce)).body.error ?? '', /kind: expected "video"/);
  const consume = { transportId: id, producerId: 'abc', rtpCapabilities: {} };
  assert.equal((await one.ask('consume', consume)).status, 403);
  assert.equal((await one.ask('resumeConsumer', { consumerId: 'abc' })).status, 403);
  assert.equal((await one.ask('createTransport', {})).status, 200);
  assert.equal((await one.ask('createTransport', {})).status, 409);
  await Promise.all([one.leave(), other.leave()]);
  await until('both left', () => served.visitors === 0);
  await until('nothing of theirs is left', () => room.server.transports.size === 0);
});

test('there is an end to how many pages are let in', async () => {
  const pages: Awaited<ReturnType<typeof visit>>[] = [];
  await assert.rejects(async () => {
    while (pages.length < 50) pages.push(await visit());
  }, /503/);
  await Promise.all(pages.map((page) => page.leave()));
  await until('all left', () => served.visitors === 0);
  await until('nothing of theirs is left', () => room.server.transports.size === 0);
});

test('npm run demo serves the page with --page, and ends well when it is told to', async () => {
  const demo = spawn(process.execPath, [program, '--page', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 4 * LIMIT_MS,
  });
  const ended = once(demo, 'exit');
  let lines = '';
  let status;
  for await (const line of createInterface({ input: demo.stdout })) {
    lines += `${line}\n`;
    const url = /http:\S+/.exec(line)?.[0];
    if (url) status = (await fetch(url)).status;
    if (/ s {2}sent/.test(line)) demo.kill('SIGINT');
  }
  assert.deepEqual(await ended, [0, null]);
  assert.equal(status, 200);
  assert.match(lines, /packets +sent [\d,]+, received [1-9]/);
});

test('where there is no terminal it serves none, and options that make no sense are refused', async () => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [program, '--seconds', '1']);
  assert.doesNotMatch(stdout, /http:/);
  for (const [options, words] of [
    [['--page', '--no-page'], /got both/],
    [['--host', '0.0.0.0'], /an address of this machine/],
    [['--port', '70000'], /0 to 65535/],
  ] as const) {
    await assert.rejects(
      run(process.execPath, [program, ...options]),
      (error: Error & { code?: number; stderr?: string }) =>
        error.code === 2 && words.test(error.stderr ?? ''),
    );
  }
});
