import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { types } from 'mediasoup-client';
import { fileTrack, fixture, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { Coturn } from './support/coturn.mjs';
import { serveRoom } from './support/signalling.mjs';

const clientScript = fileURLToPath(new URL('support/turn-client.mjs', import.meta.url));

let coturn: Coturn;
before(async () => {
  coturn = await Coturn.start();
});
after(() => coturn.stop());

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });

/** That the server sees the client at an address that coturn gave it. */
function assertRelayed(room: Room, transport: types.Transport | string): void {
  const { remotePort = 0 } = room.serverTransport(transport).iceSelectedTuple ?? {};
  const { first, last } = coturn.relayPorts;
  assert.ok(remotePort >= first && remotePort <= last, `${remotePort} is not of ${first}-${last}`);
}

/** How often coturn logged something since the mark. */
const logged = (text: string, mark: number) => coturn.log.slice(mark).split(text).length - 1;

for (const protocol of ['udp', 'tcp'] as const) {
  test(`media goes by TURN over ${protocol}, and by nothing else where relay is the policy`, async (t) => {
    const mark = coturn.log.length;
    const room = await openRoom(t);
    const alice = await join(room);
    const iceServers = [coturn.iceServer(protocol)];
    const settings = { client: { iceServers, iceTransportPolicy: 'relay' as const } };
    const sending = await alice.createSendTransport(settings);
    const receiving = await alice.createRecvTransport(settings);
    const producer = await sending.produce({ track: sound() });
    await (await room.plainTap(producer)).packets(20);
    const consumer = await room.consume(alice, producer);
    await until('packets', async () => {
      const entries = [...(await consumer.getStats()).values()] as Record<string, unknown>[];
      return entries.some((entry) => Number(entry['packetsReceived']) > 20);
    });
    for (const transport of [sending, receiving]) {
      assertRelayed(room, transport);
      const entries = [...(await transport.getStats()).values()] as Record<string, unknown>[];
      const types = entries
        .filter(({ type }) => type === 'local-candidate')
        .map(({ candidateType }) => candidateType);
      assert.deepEqual(new Set(types), new Set(['relay']));
    }
    assert.ok(logged('ALLOCATE processed, success', mark) >= 2, coturn.log.slice(mark));
    assert.ok(logged(`user <${coturn.username}>`, mark) > 0);
  });
}

test('an ICE restart moves to servers given later, past those that fail', async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport({ client: { iceTransportPolicy: 'relay' } });
  const errors: { url: string; errorCode: number }[] = [];
  sending.on('icecandidateerror', (event: RTCPeerConnectionIceErrorEvent) => errors.push(event));
  const producer = await sending.produce({ track: sound() });
  const wrong = { ...coturn.iceServer('udp'), credential: 'wrong' };
  const nobody = { ...wrong, urls: 'turn:127.0.0.1:1?transport=tcp' };
  await sending.updateIceServers({ iceServers: [wrong, nobody, coturn.iceServer('tcp')] });
  await alice.restartIce(sending);
  await (await room.plainTap(producer)).packets(20);
  assertRelayed(room, sending);
  await until('both errors', () => errors.length === 2);
  assert.equal(errors.find(({ url }) => url === nobody.urls)?.errorCode, 701);
  assert.equal(errors.find(({ url }) => url === wrong.urls)?.errorCode, 401);
});

/** A client in a process of its own, since what a process trusts is settled when it starts. */
function spawnClient(t: TestContext, url: string, env: NodeJS.ProcessEnv) {
  const servers = JSON.stringify([coturn.iceServer('tls')]);
  const client = spawn(process.execPath, [clientScript, url, fixture('red-440hz.mp4'), servers], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  t.after(() => client.kill('SIGKILL'));
  const output = { text: '' };
  client.stdout.setEncoding('utf8').on('data', (text: string) => (output.text += text));
  return { client, output };
}

test('TURN over TLS, with a certificate of an authority that the system trusts', async (t) => {
  const room = await openRoom(t);
  const served = await serveRoom(room);
  t.after(() => served.close());
  const { client, output } = spawnClient(t, served.url, { SSL_CERT_FILE: coturn.authority });
  await until('a connection', () => output.text.includes('connection connected'), {
    timeoutMs: 20_000,
  });
  const [transport] = room.server.transports.keys();
  assertRelayed(room, transport ?? '');
  client.stdin.end();
  const [code] = (await once(client, 'exit')) as [number];
  assert.equal(code, 0);
});

test('a certificate that nobody trusts is an error that says so, and gathering ends', async (t) => {
  const room = await openRoom(t);
  const served = await serveRoom(room);
  t.after(() => served.close());
  const { client, output } = spawnClient(t, served.url, {});
  await until('gathering to end', () => output.text.includes('gathering complete'), {
    timeoutMs: 20_000,
  });
  await until('an error', () => /^error 701 .*certificate/m.test(output.text));
  assert.doesNotMatch(output.text, /connection connected/);
  client.stdin.end();
  const [code] = (await once(client, 'exit')) as [number];
  assert.equal(code, 0);
});
