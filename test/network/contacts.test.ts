// Whom a client talks to: what tcpdump sees on every interface that it has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Session, join, openNamespace, until } from './session.js';
import { Capture } from './support/capture.mjs';
import type { CapturedPacket } from './support/capture.mjs';

const SERVER = '10.77.1.1';
const SERVER6 = 'fd77:1::1';
// Both are beyond the gateway, which drops what comes for them.
const NAMESERVER = '192.0.2.53';
const STUN = '192.0.2.1';

const MDNS = ['224.0.0.251', 'ff02::fb'];

/** A client with a way to the whole world, which begins with the server. */
function openNetworks(t: TestContext) {
  const server = openNamespace(t);
  const client = openNamespace(t, { nameserver: NAMESERVER });
  join(
    { namespace: client, name: 'uplink', addresses: ['10.77.1.2/24', 'fd77:1::2/64'] },
    { namespace: server, name: 'uplink', addresses: [`${SERVER}/24`, `${SERVER6}/64`] },
  );
  join(
    { namespace: client, name: 'other', addresses: ['10.77.2.2/24', 'fd77:2::2/64'] },
    { namespace: server, name: 'other', addresses: ['10.77.2.1/24', 'fd77:2::1/64'] },
  );
  client.ip('route', 'add', 'default', 'via', SERVER);
  client.ip('-6', 'route', 'add', 'default', 'via', SERVER6);
  return { server, client };
}

/** Connects, plays, restarts ICE and plays again. */
async function play(session: Session): Promise<void> {
  await session.flows();
  await session.restart('send');
  await session.restart('recv');
  await session.flows();
}

/** Packets of which neither end is the server. */
const elsewhere = (packets: CapturedPacket[]): string[] =>
  packets
    .filter(({ from, to }) => ![from[0], to[0]].some((ip) => ip === SERVER || ip === SERVER6))
    .map(({ text }) => text);

for (const [policy, settings] of [
  ['nothing', {}],
  ['an empty list', { iceServers: [] }],
  ['a policy of all', { iceServers: [], iceTransportPolicy: 'all' }],
] as const) {
  test(`with ${policy} said of ICE servers, nobody but the server is contacted`, async (t) => {
    const networks = openNetworks(t);
    const capture = await Capture.start(networks.client);
    const session = await Session.open({ ...networks, listen: [SERVER, SERVER6], settings });
    await play(session);
    await capture.stop();
    assert.ok(capture.packets.length > 100, `${capture.packets.length} packets were captured`);
    assert.deepEqual(elsewhere(capture.packets), []);
  });
}

test('the capture sees what goes elsewhere: ICE servers that are given, and their names', async (t) => {
  const networks = openNetworks(t);
  const capture = await Capture.start(networks.client);
  const settings = { iceServers: [{ urls: [`stun:${STUN}`, 'stun:stun.example.org'] }] };
  const session = await Session.open({ ...networks, listen: [SERVER], settings });
  await session.flows();
  const contacted = (address: string, port: number) =>
    capture.packets.some(({ to }) => to[0] === address && to[1] === port);
  await until('a request of STUN', () => contacted(STUN, 3478));
  await until('a question of DNS', () => contacted(NAMESERVER, 53));
  await capture.stop();
  // Given or not: no multicast DNS.
  assert.ok(!capture.packets.some(({ to }) => MDNS.includes(to[0])));
  const addresses = new Set(capture.packets.map(({ to }) => to[0]));
  for (const ours of ['10.77.1.2', '10.77.2.2', SERVER, STUN, NAMESERVER]) addresses.delete(ours);
  assert.deepEqual([...addresses], []);
});
