// Closing at any moment of a negotiation, with servers that answer and that do not.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import { createWorker } from 'mediasoup-client-pion';
import { Holdings } from './holdings.js';
import { event, fileTrack, join, openRoom, until } from './session.js';
import type { Room } from './session.js';
import { mulberry32 } from './support/random.mjs';
import { Relay } from './support/relay.mjs';

// CLOSINGS=2000 before a release.
const CLOSINGS = Number(process.env['CLOSINGS'] ?? 100);
const AT_A_TIME = 4;
const WARM_UP = 12;
// A connection is up after about 50 ms; some are closed later.
const NEGOTIATION_MS = 60;
const LATER_MS = 400;
const CLOSE_LIMIT_MS = 8000;
const SETTLE_LIMIT_MS = 15_000;

const seed = Number(process.env['SEED'] ?? 1);

/** A way to servers that are there for the signalling alone: one socket, which does not answer. */
class Nowhere extends Relay {
  readonly #socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  readonly #listens = once(this.#socket, 'listening');

  override async route(candidates: types.IceCandidate[]): Promise<types.IceCandidate[]> {
    await this.#listens;
    return candidates.map((candidate) => ({ ...candidate, port: this.#socket.address().port }));
  }

  override close(): void {
    this.#socket.close();
  }
}

function nowhere(t: TestContext): Relay {
  const relay = new Nowhere();
  t.after(() => relay.close());
  return relay;
}

type Server = { room: Room; producers: { audio: string; video: string; data: string } };

/** What there is to receive. */
async function serve(t: TestContext, options: object = {}): Promise<Server> {
  const room = await openRoom(t, options);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const [audio, video, data] = [
    await sending.produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) }),
    await sending.produce({ track: fileTrack('video', 'red-440hz.mp4', { loop: true }) }),
    await sending.produceData(),
  ];
  // What serves is up before anything is counted.
  const taps = [await room.plainTap(audio), await room.plainTap(video)];
  await Promise.all(taps.map((tap) => tap.packets(10)));
  await until('an open channel', () => data.readyState === 'open');
  await Promise.all(taps.map((tap) => tap.close()));
  return { room, producers: { audio: audio.id, video: video.id, data: data.id } };
}

const FIRST = ['the worker', 'the transports', 'the server'] as const;

/** How a Worker is closed. */
type Close = {
  afterMs: number;
  /** Transports are closed by hand, or by the server, at the same time. */
  first: (typeof FIRST)[number];
  restartsIce: boolean;
};

/** One Worker, its transports and all that they carry, closed whatever is going on then. */
async function closeOnce({ room, producers }: Server, relay: Relay | undefined, close: Close) {
  const worker = await createWorker({ logLevel: 'none' });
  const closed = event(worker, 'subprocessclose', CLOSE_LIMIT_MS);
  const bob = await room.join({
    device: await Device.factory({ handlerFactory: worker.createHandlerFactory() }),
  });
  const settings = relay ? { relay } : {};
  const sending = await bob.createSendTransport(settings);
  const receiving = await bob.createRecvTransport(settings);
  const transports = [sending, receiving].map((transport) => room.serverTransport(transport));
  // Not all ends well; all ends.
  const asked = Promise.allSettled([
    sending.produce({ track: fileTrack('audio', 'red-440hz.mp4', { loop: true }) }),
    sending.produceData({ ordered: false }),
    bob.consume(producers.audio),
    sending.produce({ track: fileTrack('video', 'red-440hz.mp4', { loop: true }) }),
    bob.consumeData(producers.data),
    bob.consume(producers.video),
    sending.getStats(),
    ...(close.restartsIce ? [bob.restartIce(sending), bob.restartIce(receiving)] : []),
  ]);
  const ms = close.afterMs;
  await new Promise((resolve) => (ms < 1 ? setImmediate(resolve) : setTimeout(resolve, ms)));
  if (close.first === 'the transports') bob.close();
  if (close.first === 'the server') for (const transport of transports) transport.close();
  worker.close();
  await closed.catch((error: unknown) => {
    throw new Error(`after ${JSON.stringify(close)}`, { cause: error });
  });
  const isAll = await Promise.race([
    asked.then(() => true),
    new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS, false).unref()),
  ]);
  assert.ok(isAll, `a promise does not settle, after ${JSON.stringify(close)}`);
  bob.close();
}

const servers: Record<string, { options?: object; isSilent?: boolean }> = {
  'a server that answers': {},
  'a server that answers over TCP': { options: { udp: false, tcp: true } },
  'a server that does not answer': { isSilent: true },
};
for (const [name, { options, isSilent = false }] of Object.entries(servers)) {
  test(`close() ${CLOSINGS} times at random moments of negotiation with ${name} leaves nothing`, async (t) => {
    const random = mulberry32(seed);
    const holdings = new Holdings();
    const server = await serve(t, options);
    const relay = isSilent ? nowhere(t) : undefined;
    const closeOften = async (times: number) => {
      let left = times;
      const next = async () => {
        while (left-- > 0) {
          const most = random() < 0.9 ? NEGOTIATION_MS : LATER_MS;
          const first = FIRST[Math.floor(random() * FIRST.length)] ?? 'the worker';
          const close = { afterMs: random() * most - 5, first, restartsIce: random() < 0.2 };
          await closeOnce(server, relay, close);
        }
      };
      // What one of them leaves is seen once the others are done.
      const ends = await Promise.allSettled(Array.from({ length: AT_A_TIME }, next));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    };
    await closeOften(WARM_UP);
    const before = await holdings.settled(SETTLE_LIMIT_MS);
    try {
      await closeOften(CLOSINGS);
    } catch (error) {
      const left = await holdings.left(before, 0);
      throw new Error(left.join('\n'), { cause: error });
    }
    assert.deepEqual(await holdings.left(before, SETTLE_LIMIT_MS), []);
  });
}
