// Logs and errors never have what is secret in them, however much is logged.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { types } from 'mediasoup';
import { fixture, openRoom } from './session.js';
import { Coturn } from './support/coturn.mjs';
import { serveRoom } from './support/signalling.mjs';

const program = fileURLToPath(new URL('support/secretive-client.mjs', import.meta.url));

/** Each in a place of its own, so that a leak names where it came from. */
const secret = (name: string): string => `s3cr3t-${name}-0123456789`;

/** One that is no string. */
const secretNumber = 531800800801;

async function listen(t: TestContext, server: net.Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that gives media to who has the password, breaks off in the middle, or asks for a digest. */
async function mediaServer(t: TestContext): Promise<string> {
  const clip = readFileSync(fixture('red-440hz.mp4'));
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    if (pathname === '/digest') {
      const challenge =
        'Digest realm="cameras", nonce="0123456789abcdef", qop="auth", algorithm=MD5';
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    } else if (pathname === '/redirect') {
      response.writeHead(302, { location: `http://bob:${secret('redirect')}@127.0.0.1:1/` }).end();
    } else if (pathname === '/cut') {
      response.writeHead(200, { 'content-length': clip.length });
      response.write(clip.subarray(0, clip.length / 2), () => response.destroy());
    } else if (pathname === '/playlist.m3u8') {
      response.end(
        `#EXTM3U\n#EXTINF:4,\nhttp://bob:${secret('segment')}@127.0.0.1:1/1.ts\n#EXT-X-ENDLIST\n`,
      );
    } else if (request.headers.authorization) {
      response.end(clip);
    } else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
  });
  t.after(() => server.closeAllConnections());
  return await listen(t, server);
}

/** A camera that takes no password. */
async function rtspServer(t: TestContext): Promise<string> {
  const server = net.createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        const sequence = /CSeq: (\d+)/i.exec(data.toString())?.[1] ?? '1';
        socket.write(
          `RTSP/1.0 401 Unauthorized\r\nCSeq: ${sequence}\r\n` +
            'WWW-Authenticate: Digest realm="camera", nonce="0123456789abcdef"\r\n\r\n',
        );
      });
  });
  return await listen(t, server);
}

test('no password, token or key is in what is logged, nor in any error', async (t) => {
  const [coturn, media, camera] = [await Coturn.start(), await mediaServer(t), await rtspServer(t)];
  t.after(() => coturn.stop());
  const room = await openRoom(t);
  // Of ICE: as it begins, and after the restart.
  const transports: types.WebRtcTransport[] = [];
  const passwords = new Set<string>();
  const note = () =>
    transports.forEach(({ iceParameters }) => passwords.add(iceParameters.password));
  room.router.observer.on('newtransport', (transport) => {
    if (transport.type === 'webrtc') transports.push(transport as types.WebRtcTransport);
    note();
  });
  const served = await serveRoom(room);
  t.after(() => served.close());
  const url = (scheme: string, host: string, path: string) =>
    `${scheme}://ann:${secret(`${scheme}-${path.slice(1)}`)}@${host}${path}?token=${secret(`token-${path.slice(1)}`)}`;
  const closed = '127.0.0.1:1';
  const headers = `Authorization: Bearer ${secret('bearer')}\r\nCookie: session=${secret('cookie')}`;
  const sources = [
    { url: url('http', media, '/clip.mp4') },
    { url: url('http', media, '/digest') },
    { url: url('http', media, '/redirect') },
    { url: url('http', media, '/cut') },
    { url: url('http', media, '/playlist.m3u8') },
    { url: url('http', media, '/none'), options: { headers } },
    { url: `http://${media}/clip.mp4`, options: { headers } },
    { url: `http://${media}/clip.mp4`, options: { headers: secret('header') } },
    { url: `http://${media}/clip.mp4`, options: { cookies: secret('cookies') } },
    { url: url('http', closed, '/refused') },
    { url: url('https', media, '/tls') },
    { url: url('rtsp', camera, '/live') },
    { url: url('rtsp', closed, '/live') },
    { url: url('rtmp', closed, '/app') },
    { url: `srt://${closed}?passphrase=${secret('passphrase')}`, timeout: 1 },
    { url: `srt://${closed}`, options: { passphrase: secret('option') }, timeout: 1 },
    { url: url('gopher', closed, '/scheme') },
    { url: `http://ann:${secret('hash')}#3@${closed}/` },
    { url: url('http', 'no such host', '/space') },
  ];
  const refused = [
    { video: url('rtsp', closed, '/string') },
    { video: { source: url('rtsp', closed, '/source') } },
    { video: { source: 'file', file: url('http', closed, '/file') } },
    { video: { source: 'url', url: [url('http', closed, '/array')] } },
    { video: { source: 'device', device: url('http', closed, '/device') } },
    { audio: url('http', closed, '/audio') },
  ];
  const iceServers = [
    coturn.iceServer('udp'),
    { ...coturn.iceServer('tcp'), credential: secret('turn') },
    { ...coturn.iceServer('tls'), credential: secret('turns') },
    { urls: 'turn:127.0.0.1:1?transport=tcp', username: 'ann', credential: secret('nobody') },
  ];
  const refusedIceServers = [
    [{ urls: `turn:ann:${secret('ice-url')}@127.0.0.1:1` }],
    [{ urls: `stuns:ann:${secret('ice-stuns')}@127.0.0.1:1` }],
    [{ urls: `turns://ann:${secret('ice-slashes')}@127.0.0.1:1?transport=tcp` }],
    [{ urls: 'turn:127.0.0.1:1', username: '', credential: secret('ice-credential') }],
    [{ urls: 'turn:127.0.0.1:1', username: 'ann', credential: [secret('ice-list')] }],
    [{ urls: 'turn:127.0.0.1:1', username: 'ann', credential: secretNumber }],
    [{ urls: 'turn:127.0.0.1:1', username: secretNumber, credential: secretNumber }],
    [secret('ice-server')],
    [secretNumber],
  ];
  const settings = { room: served.url, sources, refused, iceServers, refusedIceServers };
  const child = spawn(
    process.execPath,
    [program, JSON.stringify({ ...settings, file: fixture('red-440hz.mp4') })],
    {
      env: { ...process.env, DEBUG: 'mediasoup-client-aiortc*' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const output = (await Promise.all([text(child.stdout), text(child.stderr)])).join('\n');
  assert.deepEqual(await ended, [0, null], output.slice(-2000));

  // It did happen, and was logged.
  for (const words of [
    'core:ice',
    'core:source',
    'source 0 went well',
    'ICE candidate error',
    'Started agent',
  ]) {
    assert.ok(output.includes(words), `${words} is not in what was logged`);
  }
  note();
  assert.ok(passwords.size > 1, `${passwords.size} passwords of ICE`);
  const forms = (value: string) => [
    value,
    encodeURIComponent(value),
    btoa(`ann:${value}`),
    btoa(value),
  ];
  const lines = output.split('\n');
  const leaks = [
    /s3cr3t/,
    ...[`${secretNumber}`, coturn.credential, ...passwords].flatMap(forms),
  ].flatMap((found) =>
    lines.filter((line) => (typeof found === 'string' ? line.includes(found) : found.test(line))),
  );
  const basic = sources
    .flatMap(({ url: name }) => /ann:[^@]*(?=@)/.exec(name)?.[0] ?? [])
    .map(btoa);
  leaks.push(...lines.filter((line) => basic.some((form) => line.includes(form))));
  assert.deepEqual(leaks, []);
});
