// A client of the room, and what it should be like: the model that its objects are compared with.
import assert from 'node:assert/strict';
import { Device } from 'mediasoup-client';
import type { types } from 'mediasoup-client';
import { createFactory, createWorker } from 'mediasoup-client-pion';
import type { MediaRecorder, Worker } from 'mediasoup-client-pion';
import { event, until } from '../e2e/session.js';
import { Peer } from '../e2e/support/peer.mjs';
import { open } from './action.js';
import type { Chance } from './chance.js';
import { inTime } from './in-time.js';
import { endRecordings } from './recording.js';
import type { Source } from './sources.js';
import type { World } from './world.js';

export type Sent = {
  readonly producer: types.Producer;
  readonly owner: Bot;
  source: Source;
  paused: boolean;
  closed: boolean;
};

export type Received = {
  readonly consumer: types.Consumer;
  readonly of: Sent;
  paused: boolean;
  closed: boolean;
  /** What its statistics said, which only grows. */
  counted: Map<string, number>;
};

export type SentData = {
  readonly producer: types.DataProducer;
  messages: number;
  closed: boolean;
};

export type ReceivedData = {
  readonly consumer: types.DataConsumer;
  readonly of: SentData;
  /** The number of the message that came last. */
  last: number;
  closed: boolean;
};

export type Recording = { readonly recorder: MediaRecorder; readonly file: string | undefined };

export type Reading = { stop(): Promise<void> };

export class Bot {
  readonly world: World;
  readonly name: string;
  readonly sent = new Set<Sent>();
  readonly received = new Set<Received>();
  readonly sentData = new Set<SentData>();
  readonly receivedData = new Set<ReceivedData>();
  readonly recordings = new Set<Recording>();
  readonly readings = new Set<Reading>();

  worker: Worker | undefined;
  #peer: Peer | undefined;
  sending: types.Transport | undefined;
  receiving: types.Transport | undefined;

  /** How many of its connections the server has closed. */
  closedByServer = 0;

  /** mediasoup-client receives the server's probes, from the first video of a transport on. */
  receivesProbes = false;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  get joined(): boolean {
    return this.#peer !== undefined;
  }

  get peer(): Peer {
    assert.ok(this.#peer, `${this.name} has not joined`);
    return this.#peer;
  }

  get transports(): types.Transport[] {
    return [this.sending, this.receiving].filter((transport) => transport !== undefined);
  }

  /** With a Worker of its own, or on a factory. */
  async join(chance: Chance): Promise<void> {
    const { request } = this.world.server;
    if (chance.happens(0.75)) this.worker = await createWorker({ logLevel: 'none' });
    const handlerFactory = this.worker?.createHandlerFactory() ?? createFactory('none');
    const device = await Device.factory({ handlerFactory });
    this.#peer = await Peer.join({ device, request });
  }

  /** Everything at once: with its Worker, if it has one, or all that it holds before. */
  async leave(by: 'worker' | 'transports'): Promise<void> {
    const { worker } = this;
    const readings = [...this.readings];
    if (by === 'worker' && worker) {
      // Others hear of it before it is over.
      for (const each of [...this.sent, ...this.sentData]) each.closed = true;
      await this.#closeWorker(worker);
    }
    this.closeSending();
    this.closeReceiving();
    for (const { source } of this.sent) source.stop();
    await Promise.all(readings.map((reading) => inTime('the end of a reading', reading.stop())));
    await endRecordings(this);
    if (worker && !worker.closed) await this.#closeWorker(worker);
    this.check();
    for (const all of [this.sent, this.received, this.sentData, this.receivedData]) all.clear();
    for (const all of [this.recordings, this.readings]) all.clear();
    this.worker = this.#peer = this.sending = this.receiving = undefined;
  }

  async #closeWorker(worker: Worker): Promise<void> {
    const closed = event(worker, 'subprocessclose');
    worker.close();
    await closed;
    assert.ok(worker.closed && worker.subprocessClosed && !worker.died);
  }

  /** The server may close a connection, with all that the others had of it. */
  watch(transport: types.Transport): types.Transport {
    transport.on('connectionstatechange', (state) => {
      if (state !== 'closed' || transport.closed || this.worker?.closed) return;
      this.world.met('the server closed a connection');
      this.closedByServer++;
      if (transport === this.sending) this.closeSending();
      else if (transport === this.receiving) this.closeReceiving();
    });
    return transport;
  }

  closeSending(): void {
    for (const each of [...this.sent, ...this.sentData]) each.closed = true;
    this.sending?.close();
    this.sending = undefined;
  }

  closeReceiving(): void {
    this.receiving?.close();
    this.receiving = undefined;
    this.receivesProbes = false;
    for (const each of [...this.received, ...this.receivedData]) each.closed = true;
  }

  /** Compares what is with what should be. */
  check(): void {
    this.#hear();
    for (const { producer, source, paused, closed } of this.sent) {
      assert.equal(producer.closed, closed, `${this.name}: a producer of ${source.name} is closed`);
      if (closed) assert.equal(source.track.readyState, 'ended', `the track of ${source.name}`);
      else assert.equal(producer.paused, paused, `a producer of ${source.name} is paused`);
    }
    for (const { consumer, paused, closed, of } of this.received) {
      assert.equal(
        consumer.closed,
        closed,
        `${this.name}: a consumer of ${of.source.name} is closed`,
      );
      if (closed)
        assert.equal(consumer.track.readyState, 'ended', 'the track of a closed consumer');
      else assert.equal(consumer.paused, paused, `a consumer of ${of.source.name} is paused`);
    }
    for (const { producer, closed } of this.sentData) {
      assert.equal(producer.closed, closed, 'a data producer is closed');
    }
    for (const { consumer, closed } of this.receivedData) {
      assert.equal(consumer.closed, closed, 'a data consumer is closed');
    }
    if (this.world.server.alive) {
      for (const { connectionState } of this.transports) assert.notEqual(connectionState, 'failed');
    }
  }

  /** The end of a connection is told of after those of its data channels, and to others of these first. */
  async checkOnceTold(): Promise<void> {
    const isTold = () => {
      this.#hear();
      return (
        [...this.sentData].every(({ producer, closed }) => producer.closed === closed) &&
        [...this.receivedData].every(({ consumer, closed }) => consumer.closed === closed)
      );
    };
    // What is not told is told by the check.
    await until('the end of a connection', isTold).catch(() => undefined);
    this.check();
  }

  /** A server tells of what it has closed in two ways: a channel's end may come before its owner's is known. */
  #hear(): void {
    for (const one of this.receivedData) one.closed ||= one.consumer.closed && one.of.closed;
  }

  /** Compares what the Worker counts with what should be there, once what is closing has closed. */
  async checkCounts(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    let told = '';
    try {
      await until('the numbers of the Worker', async () => {
        const { handles } = (await worker.getMetrics()).worker;
        this.#hear();
        const expected = {
          transports: this.transports.length,
          senders: open(this.sent).length,
          receivers: open(this.received).length + Number(this.receivesProbes),
          dataChannels: open(this.sentData).length + open(this.receivedData).length,
        };
        const { transports, senders, receivers, dataChannels } = handles;
        const found = { transports, senders, receivers, dataChannels };
        told = `${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`;
        return JSON.stringify(found) === JSON.stringify(expected);
      });
    } catch (error) {
      const { handlers } = await worker.dump();
      const consumers = [...this.received].map(({ closed, consumer, of }) => [
        ...[closed, consumer.closed, of.closed],
        ...[consumer.kind, consumer.localId, of.source.name],
      ]);
      const details = JSON.stringify({ consumers, handlers });
      throw new Error(`${this.name}: ${told}\n${details}`, { cause: error });
    }
  }
}
