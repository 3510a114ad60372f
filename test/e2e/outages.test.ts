// Networks and servers that are away for a while, or for good. They are so side by side: the longest wait is that of all.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import type { types } from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-pion';
import { event, fileTrack, flows, inbound, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { Coturn } from './support/coturn.mjs';
import { freeUDPPorts } from './support/free-port.mjs';
import { Relay } from './support/relay.mjs';

// ICE is disconnected after 5 s of silence, and failed 15 s later; a busy machine adds to it.
const LIMIT = { timeoutMs: 90_000 };

const sound = () => fileTrack('audio', 'red-440hz.mp4', { loop: true });

type Settings = Parameters<Awaited<ReturnType<typeof join>>['createSendTransport']>[0];

/** A Worker of its own that sends and receives through a server. */
async function openClient(
  t: TestContext,
  room: Room,
  settings: Settings = {},
  ofReceiving = settings,
) {
  const worker = await createWorker({ logLevel: 'none' });
  t.after(() => worker.close());
  const client = await join(room, worker.createHandlerFactory());
  const sending = await client.createSendTransport(settings);
  const receiving = await client.createRecvTransport(ofReceiving);
  const transports = [sending, receiving];
  const states = new Map(transports.map((transport) => [transport, [] as string[]]));
  for (const [transport, seen] of states) {
    transport.on('connectionstatechange', (state) => seen.push(state));
  }
  const producer = await sending.produce({ track: sound() });
  const consumer = await room.consume(client, producer);
  await flows(consumer);
  return {
    ...{ worker, client, sending, receiving, transports, producer, consumer },
    states: [...states.values()],
    async are(state: types.ConnectionState) {
      const isSo = () => transports.every(({ connectionState }) => connectionState === state);
      await until(state, isSo, LIMIT);
    },
    async restartIce() {
      await Promise.all(transports.map((transport) => client.restartIce(transport)));
    },
  };
}

/** Numbers that are sent through the server and back. */
async function openMessages(
  room: Room,
  { client, sending }: Awaited<ReturnType<typeof openClient>>,
) {
  const channel = await sending.produceData();
  const consumer = await room.consumeData(client, channel);
  const received: number[] = [];
  consumer.on('message', (message: string) => received.push(Number(message)));
  await until('channels', () =>
    [channel, consumer].every(({ readyState }) => readyState === 'open'),
  );
  let sent = 0;
  await until('the first message', () => {
    channel.send(`${sent++}`);
    return received.length > 0;
  });
  return {
    send: () => channel.send(`${sent++}`),
    /** Those that were lost before the server passed on the first are none of these. */
    async haveArrived() {
      await until('every message', () => received.at(-1) === sent - 1, LIMIT);
      const [first = 0] = received;
      assert.deepEqual(
        received,
        Array.from({ length: sent - first }, (_, index) => first + index),
      );
    },
  };
}

function openRelay(t: TestContext): Relay {
  const relay = new Relay();
  t.after(() => relay.close());
  return relay;
}

function setDark({ up, down }: Relay, isDark: boolean): void {
  for (const way of [up, down]) way.set(isDark ? { loss: 1 } : {});
}

/** A client whose network leads nowhere from now on, with a message on its way. */
async function openInTheDark(t: TestContext) {
  const room = await openRoom(t);
  const relay = openRelay(t);
  const opened = await openClient(t, room, { relay });
  const messages = await openMessages(room, opened);
  setDark(relay, true);
  messages.send();
  return { room, relay, opened, messages };
}

/** A client of a TURN server, and by nothing else. */
async function openOverTurn(
  t: TestContext,
  protocol: 'udp' | 'tcp',
  settings?: Parameters<typeof Coturn.start>[0],
) {
  const room = await openRoom(t);
  const coturn = await Coturn.start(settings);
  t.after(() => coturn.stop());
  const iceServers = [coturn.iceServer(protocol)];
  const opened = await openClient(t, room, { client: { iceServers, iceTransportPolicy: 'relay' } });
  return { room, coturn, opened };
}

async function closes(worker: Awaited<ReturnType<typeof createWorker>>): Promise<void> {
  const closed = event(worker, 'subprocessclose');
  worker.close();
  await closed;
}

/** A port of UDP that a transport of the server is to have. */
const onPort = (port: number) => ({
  server: { listenInfos: [{ protocol: 'udp' as const, ip: '127.0.0.1', port }] },
});

describe('outages', { concurrency: true }, () => {
  test('UDP that leads nowhere for 5 s: all goes on by itself, and no message is lost', async (t) => {
    const { room, relay, opened, messages } = await openInTheDark(t);
    await sleep(5000);
    messages.send();
    setDark(relay, false);
    await opened.are('connected');
    await flows(opened.consumer);
    await (await room.plainTap(opened.producer)).packets(20);
    messages.send();
    await messages.haveArrived();
    for (const seen of opened.states) assert.ok(!seen.includes('failed'), seen.join(' '));
  });

  test('a picture that is consumed while its sender hears nothing begins once it does', async (t) => {
    const room = await openRoom(t);
    const relay = openRelay(t);
    const sender = await join(room);
    const sending = await sender.createSendTransport({ relay });
    const producer = await sending.produce({
      track: fileTrack('video', 'red-440hz.mp4', { loop: true }),
    });
    const receiver = await join(room);
    await receiver.createRecvTransport();
    await flows(await room.consume(receiver, producer));
    // The server asks for a keyframe twice.
    relay.down.set({ loss: 1 });
    const late = await room.consume(receiver, producer);
    await sleep(4000);
    assert.equal((await inbound(late)).received, 0);
    relay.down.set({});
    await flows(late);
  });

  test('UDP that leads nowhere for 30 s: disconnected, failed, and as before after an ICE restart', async (t) => {
    const { room, relay, opened, messages } = await openInTheDark(t);
    const begun = performance.now();
    await opened.are('failed');
    messages.send();
    await sleep(30_000 - (performance.now() - begun));
    setDark(relay, false);
    await opened.restartIce();
    await opened.are('connected');
    await flows(opened.consumer);
    await (await room.plainTap(opened.producer)).packets(20);
    messages.send();
    await messages.haveArrived();
    for (const seen of opened.states) {
      const after = seen.slice(seen.indexOf('connected') + 1);
      assert.deepEqual(after, ['disconnected', 'failed', 'connecting', 'connected']);
    }
  });

  test('messages come soon after a long outage, not as long after it as it took', async (t) => {
    const { relay, opened, messages } = await openInTheDark(t);
    // With twice as long between two tries each time, the next one is 63 s after the first.
    await sleep(36_000);
    setDark(relay, false);
    await opened.restartIce();
    await opened.are('connected');
    const begun = performance.now();
    await messages.haveArrived();
    const took = performance.now() - begun;
    t.diagnostic(`after ${Math.round(took)} ms`);
    assert.ok(took < 15_000, `${took} ms`);
  });

  test('UDP that leads nowhere for ever: disconnected, then failed, and its Worker closes', async (t) => {
    const room = await openRoom(t);
    const relay = openRelay(t);
    const opened = await openClient(t, room, { relay });
    setDark(relay, true);
    await opened.are('failed');
    for (const seen of opened.states) {
      assert.deepEqual(seen, ['connecting', 'connected', 'disconnected', 'failed']);
    }
    const begun = performance.now();
    // Nothing answers: neither what is asked of it, nor its end, waits for that.
    await opened.producer.getStats();
    await opened.restartIce();
    opened.producer.close();
    opened.receiving.close();
    await closes(opened.worker);
    assert.ok(performance.now() - begun < 10_000);
  });

  test('a server that is killed and comes back on its ports with other keys: the old transports fail, new ones work', async (t) => {
    const [room, lasting] = [await openRoom(t), await openRoom(t)];
    const port = await freeUDPPorts('127.0.0.1', 2);
    const opened = await openClient(t, room, onPort(port), onPort(port + 1));
    const others = await openClient(t, lasting);
    await room.killWorker();
    const again = await openRoom(t);
    const back = await openClient(t, again, onPort(port), onPort(port + 1));
    await opened.are('failed');
    for (const seen of opened.states) {
      assert.deepEqual(seen, ['connecting', 'connected', 'disconnected', 'failed']);
    }
    await assert.rejects(opened.sending.produce({ track: sound() }));
    await closes(opened.worker);
    await flows(back.consumer);
    await flows(others.consumer);
    assert.deepEqual(others.states, Array(2).fill(['connecting', 'connected']));
  });

  for (const protocol of ['udp', 'tcp'] as const) {
    test(`a TURN server over ${protocol} that dies and comes back: disconnected, and as before after an ICE restart`, async (t) => {
      const { room, coturn, opened } = await openOverTurn(t, protocol);
      await coturn.kill();
      await opened.are('disconnected');
      await coturn.restart();
      await opened.restartIce();
      await opened.are('connected');
      await flows(opened.consumer);
      await (await room.plainTap(opened.producer)).packets(20);
    });

    test(`a TURN server over ${protocol} that dies for good: disconnected, then failed, and its Worker closes`, async (t) => {
      const { room, coturn, opened } = await openOverTurn(t, protocol);
      const direct = await openClient(t, room);
      await coturn.kill();
      await opened.are('failed');
      await closes(opened.worker);
      await flows(direct.consumer);
    });

    test(`a TURN server over ${protocol} whose nonces grow stale is answered with its next ones`, async (t) => {
      const LIFETIME_S = 10;
      const { room, coturn, opened } = await openOverTurn(t, protocol, {
        // Longer than what asks for a place takes on a busy machine, and shorter than half of its lifetime, after which it is asked for again.
        'stale-nonce': 3,
        'max-allocate-lifetime': LIFETIME_S,
      });
      // What was given out is over unless it was asked for again, by a nonce that is not the first.
      await sleep(2 * LIFETIME_S * 1000);
      await flows(opened.consumer);
      await (await room.plainTap(opened.producer)).packets(20);
      assert.match(coturn.log, /438|[Ss]tale nonce/);
      assert.deepEqual(opened.states, Array(2).fill(['connecting', 'connected']));
    });
  }
});
