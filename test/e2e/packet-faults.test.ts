// Each kind of packet lost, repeated, late, cut short and corrupted: connections come up, and carry what they should.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { codecOf, fileTrack, flows, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { kindOf } from './support/packet-kind.mjs';
import type { PacketKind } from './support/packet-kind.mjs';
import { Relay } from './support/relay.mjs';
import type { Conditions } from './support/relay.mjs';

const MESSAGES = 20;
const LIMIT = { timeoutMs: 60_000 };

const KINDS = {
  STUN: 'stun',
  'the handshake of DTLS': 'handshake',
  'SCTP in DTLS': 'data',
  SRTP: 'rtp',
  SRTCP: 'rtcp',
} satisfies Record<string, PacketKind>;

const FAULTS: Record<string, Conditions> = {
  lost: { loss: 0.15 },
  'repeated twice': { duplicate: 0.5 },
  'late and out of order': { reorder: 0.3, reorderMs: 30 },
  'cut short': { cut: 0.15 },
  corrupted: { corrupt: 0.15 },
};

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });
// The file's own codec: nothing is encoded.
const picture = () => fileTrack('video', 'bars-440hz.mp4', { loop: true, decode: false });

/** A client behind a relay, that sends and receives media and messages; `states` are told as they come. */
async function openClient(t: TestContext, room: Room, relay: Relay, states: string[] = []) {
  const client = await join(room);
  t.after(() => client.close());
  const sending = await client.createSendTransport({ relay });
  const receiving = await client.createRecvTransport({ relay });
  for (const transport of [sending, receiving]) {
    transport.on('connectionstatechange', (state) => states.push(state));
  }
  const codec = codecOf(client.device, 'video/H264');
  const producers = [
    await sending.produce({ track: sound() }),
    await sending.produce({ track: picture(), codec }),
  ];
  const consumers = await Promise.all(producers.map((one) => room.consume(client, one)));
  return { client, sending, receiving, states, producers, consumers };
}

type Client = Awaited<ReturnType<typeof openClient>>;

/** Messages there, through the server, and back: each once, in their order. */
async function assertMessages(room: Room, { client, sending }: Client): Promise<void> {
  const channel = await sending.produceData();
  const received: unknown[] = [];
  const consumer = await room.consumeData(client, channel);
  consumer.on('message', (message) => received.push(message));
  const isOpen = () => channel.readyState === 'open' && consumer.readyState === 'open';
  await until('open channels', isOpen, LIMIT);
  // The server passes on from now on what it gets, not what came before.
  await until('the first message', () => {
    channel.send('first');
    return received.length > 0;
  });
  for (let number = 0; number < MESSAGES; number++) channel.send(`${number}`);
  await until('every message', () => received.at(-1) === `${MESSAGES - 1}`, LIMIT);
  const numbers = received.filter((message) => message !== 'first');
  assert.deepEqual(
    numbers,
    Array.from({ length: MESSAGES }, (_, number) => `${number}`),
  );
}

async function assertMedia(room: Room, { producers, consumers }: Client): Promise<void> {
  await Promise.all([
    ...consumers.map((consumer) => flows(consumer)),
    ...producers.map(async (producer) => (await room.plainTap(producer)).packets(20)),
  ]);
}

/** A handshake of which a bit was changed may end it: its sums do not agree then (RFC 9147 section 4.5.2). */
const mayFail = (kind: PacketKind, { corrupt = 0 }: Conditions) =>
  kind === 'handshake' && corrupt > 0;

/** A handshake has few packets: more of them are damaged, so that some are. */
const moreOfFew = (kind: PacketKind, { cut = 0, corrupt = 0, ...others }: Conditions) =>
  kind === 'handshake'
    ? { ...others, cut: 2 * cut, corrupt: 4 * corrupt }
    : { ...others, cut, corrupt };

let seed = 0;
for (const [name, kind] of Object.entries(KINDS)) {
  // Side by side: what is lost is waited for.
  describe(`of the packets, those of ${name}`, { concurrency: true }, () => {
    for (const [fault, conditions] of Object.entries(FAULTS)) {
      seed += 10;
      const damaged = { ...moreOfFew(kind, conditions), kinds: [kind] };
      const ofRelay = { seed, up: damaged, down: damaged };
      test(`are ${fault}: media and messages arrive`, async (t) => {
        const room = await openRoom(t);
        const relay = new Relay(ofRelay);
        t.after(() => relay.close());
        const states: string[] = [];
        const ended = () => states.includes('failed') || states.includes('closed');
        const whole = async () => {
          const opened = await openClient(t, room, relay, states);
          const transports = [opened.sending, opened.receiving];
          const connected = () =>
            transports.every(({ connectionState }) => connectionState === 'connected');
          // A handshake that the other side has given up, and could not say so, fails after a minute.
          await until('connections', () => ended() || connected(), { timeoutMs: 90_000 });
          assert.ok(!ended(), 'ended as it began');
          await Promise.all([assertMedia(room, opened), assertMessages(room, opened)]);
          assert.ok(!ended(), states.join(' '));
          const { up, down } = relay;
          if (conditions.cut || conditions.corrupt) {
            await until('a damaged packet', () => up.damaged + down.damaged > 0);
          }
          t.diagnostic(`${up.lost + down.lost} were lost, ${up.damaged + down.damaged} damaged`);
          up.set({});
          down.set({});
          await assertMedia(room, opened);
        };
        await whole().catch((error: unknown) => {
          // The side that has the sums first is connected when the other finds that they do not agree.
          if (!mayFail(kind, conditions) || !ended()) throw error;
          t.diagnostic(`ended: ${states.join(' ')}`);
        });
      });
    }
  });
}

/** An alert of DTLS 1.2 that nobody has encrypted (RFC 5246 section 7.2). */
function alert(epoch: number, sequence: number, level: number, description: number): Buffer {
  const record = Buffer.from([
    21,
    0xfe,
    0xfd,
    0,
    epoch,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    2,
    level,
    description,
  ]);
  record.writeUInt32BE(sequence, 7);
  return record;
}

test('a fatal alert half-way through the handshake: the connection fails, and closes', async (t) => {
  const room = await openRoom(t);
  const relay = new Relay();
  t.after(() => relay.close());
  const carry = relay.down.carry.bind(relay.down);
  relay.down.carry = (packet, deliver) => {
    if (kindOf(packet) === 'handshake') deliver(alert(0, 0, 2, 40));
    else carry(packet, deliver);
  };
  const client = await join(room);
  const sending = await client.createSendTransport({ relay });
  const producer = await sending.produce({ track: sound() });
  await until('an end', () => ['failed', 'closed'].includes(sending.connectionState), LIMIT);
  await producer.getStats();
  sending.close();
});

test('alerts of DTLS that somebody else has made end nothing', async (t) => {
  const room = await openRoom(t);
  const relay = new Relay();
  t.after(() => relay.close());
  const opened = await openClient(t, room, relay);
  await Promise.all([assertMedia(room, opened), assertMessages(room, opened)]);
  const before = opened.states.length;
  const [CLOSE, WARNING, FATAL, HANDSHAKE_FAILURE] = [0, 1, 2, 40] as const;
  for (const epoch of [0, 1, 2]) {
    for (const sequence of [0, 7, 1000, 0xffffffff]) {
      relay.inject('down', alert(epoch, sequence, WARNING, CLOSE));
      relay.inject('down', alert(epoch, sequence, FATAL, HANDSHAKE_FAILURE));
    }
  }
  await Promise.all([assertMedia(room, opened), assertMessages(room, opened)]);
  assert.deepEqual(opened.states.slice(before), []);
});
