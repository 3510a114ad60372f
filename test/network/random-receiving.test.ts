import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFactory, createWorker } from 'mediasoup-client-pion';
import type { types as server } from 'mediasoup';
import type { types } from 'mediasoup-client';
import { codecOf, fileTrack, join, openRoom, until } from '../e2e/session.js';
import { mulberry32 } from '../e2e/support/random.mjs';

const OPERATIONS = 500;
// The same run each time; another one by RANDOM_SEED=<number>.
const SEED = Number(process.env['RANDOM_SEED'] ?? 20_261);
const MOST = 12;

type Room = Awaited<ReturnType<typeof openRoom>>;
type Inbound = { mid: string; ssrc: number; packetsReceived: number; trackIdentifier: string };

/** What a consumer is to be like. */
type Model = {
  consumer: types.Consumer;
  atServer: server.Consumer;
  streamId: string | undefined;
  paused: boolean;
  pausedAtServer: boolean;
};

class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = mulberry32(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  is(probability: number): boolean {
    return this.#next() < probability;
  }

  of<T>(list: readonly T[]): T {
    const one = list[this.below(list.length)];
    assert.ok(one !== undefined, 'nothing to choose from');
    return one;
  }

  /** Some of them, in any order; at least one where there is one. */
  subset<T>(list: readonly T[]): T[] {
    const rest = [...list];
    const count = Math.min(rest.length, 1 + this.below(4));
    return Array.from({ length: count }, () => rest.splice(this.below(rest.length), 1)[0] as T);
  }
}

async function inbounds(transport: types.Transport): Promise<Map<string, Inbound>> {
  const found = new Map<string, Inbound>();
  for (const entry of (await transport.getStats()).values() as Iterable<Record<string, unknown>>) {
    // The stream that mediasoup-client receives for probing has no consumer.
    if (entry['type'] !== 'inbound-rtp' || entry['mid'] === 'probator') continue;
    found.set(String(entry['mid']), entry as unknown as Inbound);
  }
  return found;
}

/** A client that consumes, with what it and the server have to agree on. */
class Receiving {
  readonly models = new Set<Model>();
  readonly #room: Room;
  readonly #bob: Awaited<ReturnType<typeof join>>;
  readonly #transport: types.Transport;
  readonly #dump: () => Promise<{ mid: string; kind: string; direction: string }[]>;

  constructor(
    room: Room,
    bob: Awaited<ReturnType<typeof join>>,
    transport: types.Transport,
    dump: () => Promise<{ mid: string; kind: string; direction: string }[]>,
  ) {
    this.#room = room;
    this.#bob = bob;
    this.#transport = transport;
    this.#dump = dump;
  }

  /** All at once: mediasoup-client makes a batch of them. */
  async consume(
    list: { producer: types.Producer; streamId: string | undefined; pausedAtServer: boolean }[],
  ): Promise<Model[]> {
    const told: types.Consumer['rtpReceiver'][] = [];
    const added = await Promise.all(
      list.map(async ({ producer, streamId, pausedAtServer }) => {
        const consumer = await this.#room.consume(this.#bob, producer, {
          transport: this.#transport,
          paused: pausedAtServer,
          client: {
            ...(streamId === undefined ? {} : { streamId }),
            onRtpReceiver: (receiver: types.Consumer['rtpReceiver']) => told.push(receiver),
          },
        });
        const atServer = this.#room.serverConsumer(consumer);
        const model = { consumer, atServer, streamId, paused: false, pausedAtServer };
        this.models.add(model);
        return model;
      }),
    );
    assert.deepEqual(
      new Set(told),
      new Set(added.map(({ consumer }) => consumer.rtpReceiver)),
      'onRtpReceiver is called once for each',
    );
    assert.equal(told.length, added.length);
    return added;
  }

  /** What the app sees, what the core has and what the server has, is what the model says. */
  async compare(): Promise<void> {
    const models = [...this.models];
    const mids = models.map(({ consumer }) => consumer.localId);
    assert.equal(new Set(mids).size, models.length, 'every consumer has a mid of its own');
    await until('the server’s consumers to be those of the model', async () => {
      const { consumerIds } = await this.#room.serverTransport(this.#transport).dump();
      return sameMembers(
        consumerIds,
        models.map(({ consumer }) => consumer.id),
      );
    });
    const dump = await this.#room.serverTransport(this.#transport).dump();
    const bySsrc = new Map(dump.mapSsrcConsumerId.map(({ key, value }) => [key, value]));
    for (const { consumer, atServer, paused, pausedAtServer } of models) {
      assert.equal(consumer.closed, false);
      assert.equal(consumer.paused, paused);
      assert.equal(atServer.paused, pausedAtServer);
      assert.equal((await atServer.dump()).paused, pausedAtServer);
      assert.equal(consumer.rtpParameters.mid, atServer.rtpParameters.mid);
      assert.equal(bySsrc.get(consumer.rtpParameters.encodings?.[0]?.ssrc ?? 0), consumer.id);
    }

    // What is closed is negotiated behind the app's back.
    let wrong: unknown[] = [];
    const isRight = async () => {
      wrong = await this.#wrongSections(models);
      return wrong.length === 0;
    };
    await until('the sections of the model', isRight).catch((cause: unknown) => {
      throw new Error(JSON.stringify(wrong), { cause });
    });
    await this.#compareFlow(models);
  }

  /** The sections that do not receive what they should, or receive what they should not. */
  async #wrongSections(models: Model[]): Promise<unknown[]> {
    const wanted = new Map(models.map(({ consumer }) => [consumer.localId, consumer.kind]));
    const sections = await this.#dump();
    const missing = [...wanted.keys()].filter((mid) => !sections.some((one) => one.mid === mid));
    // The first section carries the others: it is never closed.
    const wrong = sections.slice(1).filter(({ mid, kind, direction }) => {
      if (mid === 'probator') return false;
      return wanted.has(mid)
        ? kind !== wanted.get(mid) || direction !== 'recvonly'
        : direction === 'recvonly';
    });
    return [...missing, ...wrong];
  }

  async #compareFlow(models: Model[]): Promise<void> {
    const isToFlow = ({ paused, pausedAtServer }: Model) => !paused && !pausedAtServer;
    const read = async () => {
      const streams = await inbounds(this.#transport);
      assert.ok(
        sameMembers(
          [...streams.keys()],
          models.map(({ consumer }) => consumer.localId),
        ),
        `streams of ${[...streams.keys()].join()}`,
      );
      return models.map((model) => {
        const { localId, rtpParameters, track } = model.consumer;
        const { ssrc, trackIdentifier, packetsReceived } =
          streams.get(localId) ?? assert.fail(localId);
        assert.equal(ssrc, rtpParameters.encodings?.[0]?.ssrc);
        assert.equal(trackIdentifier, track.id);
        return packetsReceived;
      });
    };
    let before = await read();
    // Of what is on its way something may still arrive; not for long.
    let isStill = false;
    await until('packets of all that is not paused, and of nothing else', async () => {
      const now = await read();
      const grown = now.map((packets, index) => packets - (before[index] ?? 0));
      if (models.some((model, index) => !isToFlow(model) && (grown[index] ?? 0) > 0)) {
        before = now;
        isStill = false;
      } else if (models.every((model, index) => !isToFlow(model) || (grown[index] ?? 0) > 0)) {
        isStill = true;
      }
      return isStill;
    });
  }
}

function sameMembers(one: Iterable<string>, other: Iterable<string>): boolean {
  return [...one].sort().join() === [...other].sort().join();
}

async function setUp(t: Parameters<typeof openRoom>[0]) {
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const produce = (kind: 'audio' | 'video') =>
    sending.produce({
      track: fileTrack(kind, 'red-440hz.mp4', { loop: true }),
      ...(kind === 'video' ? { codec: codecOf(alice.device, 'video/H264') } : {}),
    });
  const worker = await createWorker();
  t.after(() => worker.close());
  const bob = await join(room, worker.createHandlerFactory());
  const transport = await bob.createRecvTransport();
  const receiving = new Receiving(
    room,
    bob,
    transport,
    async () => (await worker.dump()).handlers[0]?.transceivers ?? [],
  );
  return { room, produce, bob, transport, receiving };
}

test(
  `${OPERATIONS} random operations: model and server agree after each one`,
  { timeout: 300_000 },
  async (t) => {
    t.diagnostic(`RANDOM_SEED=${SEED}`);
    const chance = new Chance(SEED);
    const { room, produce, bob, transport, receiving } = await setUp(t);
    const producers: types.Producer[] = [];
    for (const kind of ['audio', 'video', 'audio', 'audio', 'video'] as const) {
      producers.push(await produce(kind));
    }
    const { models } = receiving;

    const operations: Record<string, () => unknown> = {
      consume: () => {
        const room = Math.max(1, MOST - models.size);
        return receiving.consume(
          Array.from({ length: 1 + chance.below(Math.min(4, room)) }, () => ({
            producer: chance.of(producers),
            streamId: chance.is(0.5) ? `stream-${chance.below(3)}` : undefined,
            pausedAtServer: chance.is(0.2),
          })),
        );
      },
      pause: async () => {
        for (const model of chance.subset([...models])) {
          if (chance.is(0.7)) {
            model.consumer.pause();
            model.paused = true;
          }
          if (chance.is(0.5)) {
            await model.atServer.pause();
            model.pausedAtServer = true;
          }
        }
      },
      resume: async () => {
        for (const model of chance.subset([...models])) {
          if (chance.is(0.7)) {
            model.consumer.resume();
            model.paused = false;
          }
          if (chance.is(0.7)) {
            await model.atServer.resume();
            model.pausedAtServer = false;
          }
        }
      },
      pauseAndResume: () => {
        // More changes than there are answers to.
        for (let turns = chance.below(6); turns >= 0; turns--) {
          for (const model of chance.subset([...models])) {
            model.paused = chance.is(0.5);
            if (model.paused) model.consumer.pause();
            else model.consumer.resume();
          }
        }
      },
      close: () => {
        for (const model of chance.subset([...models])) {
          model.consumer.close();
          models.delete(model);
        }
      },
      closeProducer: async () => {
        const producer = chance.of(producers);
        producers.splice(producers.indexOf(producer), 1);
        producer.close();
        await until('its consumers to close', () =>
          [...models].every(
            ({ consumer }) => consumer.producerId !== producer.id || consumer.closed,
          ),
        );
        for (const model of models) if (model.consumer.closed) models.delete(model);
        producers.push(await produce(producer.kind));
      },
      restartIce: () => bob.restartIce(transport),
      several: async () => {
        // Side by side, and nobody waits for the other.
        const consuming = operations['consume']?.();
        const [closing, pausing] = [operations['close']?.(), operations['pauseAndResume']?.()];
        await Promise.all([consuming, closing, pausing]);
      },
    };
    const weights = {
      ...{ consume: 4, pause: 4, resume: 5, pauseAndResume: 3, close: 3 },
      ...{ closeProducer: 0.4, restartIce: 0.3, several: 2 },
    };
    const names = Object.entries(weights).flatMap(([name, weight]) =>
      Array.from({ length: weight * 10 }, () => name),
    );

    await receiving.consume(
      producers.map((producer) => ({ producer, streamId: undefined, pausedAtServer: false })),
    );
    await receiving.compare();
    const history: string[] = [];
    for (let number = 0; number < OPERATIONS; number++) {
      let name = chance.of(names);
      if (models.size === 0) name = 'consume';
      else if (models.size >= MOST && ['consume', 'several'].includes(name)) name = 'close';
      history.push(name);
      try {
        await operations[name]?.();
        await receiving.compare();
      } catch (cause) {
        const last = history.slice(-5).join(', ');
        throw new Error(`RANDOM_SEED=${SEED}, operation ${number}: ${last}`, { cause });
      }
    }
    assert.equal(room.server.worker.closed, false);
  },
);

test('whatever runs when a transport closes settles', { timeout: 120_000 }, async (t) => {
  t.diagnostic(`RANDOM_SEED=${SEED}`);
  const chance = new Chance(SEED);
  const room = await openRoom(t);
  const alice = await join(room);
  const sending = await alice.createSendTransport();
  const audio = await sending.produce({
    track: fileTrack('audio', 'red-440hz.mp4', { loop: true }),
  });
  // Each client with a worker of its own would be 30 of them.
  const factory = createFactory();
  for (let round = 0; round < 30; round++) {
    const bob = await join(room, factory);
    const transport = await bob.createRecvTransport();
    const first = chance.is(0.7) ? await room.consume(bob, audio, { transport }) : undefined;
    const running: Promise<unknown>[] = Array.from({ length: 1 + chance.below(8) }, () =>
      room.consume(bob, audio, { transport }),
    );
    if (first) {
      if (chance.is(0.5)) first.pause();
      running.push(first.getStats(), transport.getStats());
      if (chance.is(0.5)) first.close();
    }
    running.push(room.consumeData(bob, await sendingChannel(room, alice), { transport }));
    if (chance.is(0.3)) running.push(bob.restartIce(transport));
    const settled = Promise.allSettled(running);
    await new Promise((resolve) => setTimeout(resolve, chance.below(40)));
    transport.close();
    let results: PromiseSettledResult<unknown>[] | undefined;
    void settled.then((value) => {
      results = value;
    });
    await until(`round ${round}: all to settle`, () => results, { timeoutMs: 20_000 });
    for (const result of results ?? []) {
      if (result.status === 'fulfilled') continue;
      assert.ok(result.reason instanceof Error, String(result.reason));
    }
  }
  const bob = await join(room, factory);
  const receiving = await bob.createRecvTransport();
  const consumer = await room.consume(bob, audio);
  await until('packets of another transport', async () => {
    const [one] = (await inbounds(receiving)).values();
    return one?.mid === consumer.localId && one.packetsReceived > 5;
  });
});

const channels = new WeakMap<Room, Promise<types.DataProducer>>();

/** One data producer of the room, which all consume. */
function sendingChannel(
  room: Room,
  alice: Awaited<ReturnType<typeof join>>,
): Promise<types.DataProducer> {
  const known = channels.get(room) ?? alice.sendTransport?.produceData();
  assert.ok(known);
  channels.set(room, known);
  return known;
}
