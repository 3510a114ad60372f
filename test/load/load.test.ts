// `load` against a real server: each option's effect as the server counts it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { types as server } from 'mediasoup';
import { fixture, until } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { TWO_THAT_STAY, folderOf, load, openServer, start } from './support.js';

const QUICK = ['--ramp', '0.5', '--duration', '600'];
const kindsOf = (objects: Iterable<{ kind: string }>, kind: string) =>
  [...objects].filter((object) => object.kind === kind).length;

const isEmpty = ({ server: { transports, producers, consumers } }: Room) =>
  transports.size + producers.size + consumers.size === 0;

async function bytesFrom(producer: server.Producer): Promise<number> {
  const stats = await producer.getStats();
  return stats.reduce((sum, { byteCount }) => sum + byteCount, 0);
}

describe('load', () => {
  it('lets as many bots join, send, receive and talk as it was told, and leaves nothing', async (t) => {
    const { room, bots, url } = await openServer(t);
    const running = start([
      ...[url, '--bots', '8', ...QUICK, '--threads', '2', '--file', fixture('bars-440hz.mp4')],
      ...['--produce', '0.5', '--consume', '0.75', '--data', '0.25', '--message-rate', '50'],
      ...['--video-codec', 'h264,vp8', '--audio-codec', 'opus', '--message-size', '200'],
    ]);
    const { producers, consumers, dataProducers, dataConsumers } = room.server;
    // Of the six that receive, four send, and have all but what is their own.
    const receiving = 6;
    await until('all are there', () => bots.guests === 8 && producers.size === 8);
    const codecs = [...producers.values()].map(
      ({ rtpParameters }) => rtpParameters.codecs[0]?.mimeType,
    );
    assert.deepEqual(
      codecs.toSorted(),
      [
        ...Array<string>(4).fill('audio/opus'),
        'video/H264',
        'video/H264',
        'video/VP8',
        'video/VP8',
      ].toSorted(),
    );
    await until('all who receive have what others send', () => consumers.size === 4 * 6 + 2 * 8);
    await until(
      'those who talk hear each other',
      () => dataProducers.size === 2 && dataConsumers.size === 2,
    );
    for (const producer of producers.values()) {
      await until('media arrives', async () => (await bytesFrom(producer)) > 20_000);
    }
    for (const consumer of consumers.values()) {
      await until('media leaves', async () =>
        (await consumer.getStats()).some(
          (stat) => stat.type === 'outbound-rtp' && stat.byteCount > 5000,
        ),
      );
    }
    let said: number | undefined;
    await until('messages pass', async () => {
      const stats = await Promise.all([...dataProducers.values()].map((one) => one.getStats()));
      const all = stats.flat();
      said = Math.min(...all.map(({ messagesReceived }) => messagesReceived));
      return (
        said > 60 &&
        all.every(({ bytesReceived, messagesReceived }) => bytesReceived === 200 * messagesReceived)
      );
    });
    running.kill('SIGINT');
    const { status, summary, seconds } = await running.ended;
    assert.equal(status, 0, JSON.stringify(summary));
    assert.equal(summary.early, 'SIGINT came');
    assert.deepEqual(summary.counts, { joined: 8, failed: 0, lost: 0, refused: 0 });
    assert.deepEqual(summary.errors, {});
    assert.ok(summary.totals.messagesSent >= 120 && summary.totals.messagesReceived > 60);
    assert.ok(summary.totals.packetsReceived > 100);
    const { join, picture, loss, sentloss, rtt, received, sent, delay, loop } = summary.spreads;
    assert.equal(join?.count, 8);
    assert.equal(picture?.count, receiving);
    assert.equal(received?.count, receiving);
    assert.equal(sent?.count, 4);
    assert.equal(delay?.count, 2);
    assert.ok(loss && sentloss && rtt && loop);
    assert.ok(sent.min > 100 && received.min > 100, JSON.stringify([sent, received]));
    assert.equal(seconds.at(-1)?.joined, 8);
    await until('nobody is left', () => bots.guests === 0 && isEmpty(room));
  });

  it('sends each video in layers, to as many consumers as was told, without the kind that was not', async (t) => {
    const { room, url } = await openServer(t);
    const running = start([
      ...[url, '--bots', '3', ...QUICK, '--no-audio', '--simulcast', '3', '--bitrate', '600'],
      ...['--scalability-mode', 'L1T2', '--consumers', '1', '--rooms', '1', '--video-codec', 'vp8'],
    ]);
    const { producers, consumers } = room.server;
    await until('three videos', () => producers.size === 3);
    assert.equal(kindsOf(producers.values(), 'video'), 3);
    for (const { rtpParameters, type } of producers.values()) {
      assert.equal(type, 'simulcast');
      assert.deepEqual(
        (rtpParameters.encodings ?? []).map(({ scalabilityMode, maxBitrate }) => [
          scalabilityMode,
          maxBitrate,
        ]),
        [
          ['L1T2', 37_500],
          ['L1T2', 150_000],
          ['L1T2', 600_000],
        ],
      );
    }
    const [producer] = producers.values();
    assert.ok(producer);
    await until(
      'all layers arrive',
      async () =>
        (await producer.getStats()).filter(({ byteCount }) => byteCount > 1000).length === 3,
    );
    await until('each has one consumer', () => consumers.size === 3);
    running.kill('SIGTERM');
    const { summary } = await running.ended;
    assert.equal(summary.counts.joined, 3);
    assert.equal(room.server.consumers.size <= 3, true);
  });

  it('keeps bots to their rooms, and writes a report and a summary', async (t) => {
    const { bots, room, url } = await openServer(t);
    const folder = folderOf(t);
    const [json, report] = [path.join(folder, 'summary.json'), path.join(folder, 'report.html')];
    const running = start([
      ...[url, '--bots', '6', '--rooms', '3', ...QUICK, '--no-video'],
      ...['--threshold', 'join.max<60000', '--threshold', 'joined>=6'],
      ...['--threshold', 'rtt.p50<60000', '--json', json, '--report', report],
    ]);
    // Each of a room of two receives the sound of the other, and of nobody else.
    await running.tells(
      'all hear each other',
      ({ joined, consumers }) => joined === 6 && consumers === 6,
    );
    assert.equal(room.server.consumers.size, 6);
    running.kill('SIGINT');
    const { status, summary, seconds } = await running.ended;
    assert.equal(status, 0, JSON.stringify(summary));
    assert.equal(summary.spreads.picture, undefined);
    const written = JSON.parse(fs.readFileSync(json, 'utf8')) as typeof summary;
    assert.equal(written.history?.length, seconds.length);
    assert.match(fs.readFileSync(report, 'utf8'), /<h1>Load: passed/);
    await until('nobody is left', () => bots.guests === 0 && isEmpty(room));
  });

  it('sends a file as it is, or fails, where it was told to', async (t) => {
    const { url } = await openServer(t);
    const { status, summary } = await load([
      ...[url, '--bots', '2', '--ramp', '0', '--duration', '600', '--no-audio'],
      ...['--file', fixture('bars-440hz.mp4'), '--no-decode', '--video-codec', 'vp8'],
    ]);
    assert.equal(status, 1);
    assert.equal(summary.counts.failed, 2);
    assert.match(Object.keys(summary.errors).join(), /H264|h264|passthrough|decode/);
  });

  it('ends by itself after its ramp and duration, and leaves nobody', async (t) => {
    const { bots, room, url } = await openServer(t);
    const { summary } = await load([
      ...[url, '--bots', '2', '--ramp', '1', '--duration', '2', '--no-video'],
    ]);
    assert.equal(summary.early, undefined);
    assert.ok(summary.seconds >= 3);
    // On a machine that is slow some have not joined by then: that is told.
    assert.equal(summary.counts.joined + summary.counts.failed, 2);
    await until('nobody is left', () => bots.guests === 0 && isEmpty(room));
  });

  it('ends with 1 where a threshold does not hold', async (t) => {
    const { url } = await openServer(t);
    const running = start([
      ...[url, '--bots', '2', ...QUICK, '--no-video', '--threshold', 'joined>=3'],
    ]);
    await running.tells('both have joined', ({ joined }) => joined === 2);
    running.kill('SIGINT');
    const { status, summary } = await running.ended;
    assert.equal(status, 1);
    assert.deepEqual(
      summary.thresholds.map(({ held }) => held),
      [false, true, true],
    );
  });
});

describe('load with a server that', () => {
  it('is full counts who was refused, and goes on', async (t) => {
    const { url } = await openServer(t, {}, { maxGuests: 2 });
    const running = start([url, '--bots', '5', ...QUICK, '--no-video']);
    await running.tells('two are in', ({ joined, failed }) => joined === 2 && failed === 3);
    running.kill('SIGINT');
    const { status, summary } = await running.ended;
    assert.equal(status, 1);
    assert.deepEqual([summary.counts.joined, summary.counts.failed], [2, 3]);
    assert.deepEqual(summary.errors, { 'join: events: there is room for 2': 3 });
  });

  it('is not there ends at once', async () => {
    const { status, summary } = await load([
      'http://127.0.0.1:9/',
      '--bots',
      '3',
      '--ramp',
      '0',
      '--duration',
      '600',
      '--no-video',
    ]);
    assert.equal(status, 1);
    assert.equal(summary.counts.failed, 3);
    assert.match(Object.keys(summary.errors).join(), /ECONNREFUSED/);
    assert.equal(summary.early, 'no bot is left');
  });

  it('does not answer is given up', async (t) => {
    const { createServer } = await import('node:net');
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    t.after(() => silent.close());
    await until('it listens', () => silent.listening);
    const { port } = silent.address() as { port: number };
    const { status, summary } = await load([
      ...[`http://127.0.0.1:${port}/`, ...TWO_THAT_STAY, '--join-timeout', '1'],
    ]);
    assert.equal(status, 1);
    assert.deepEqual(summary.errors, { 'join: not within 1 s': 2 });
  });

  it('dies has lost the bots, which ends it', async (t) => {
    const { room, bots, url } = await openServer(t);
    const running = start([url, '--bots', '3', '--ramp', '0', '--duration', '600', '--no-video']);
    await until('all are there', () => bots.guests === 3 && room.server.consumers.size === 6);
    await room.killWorker();
    const { status, summary } = await running.ended;
    assert.equal(status, 1);
    assert.equal(summary.counts.lost + summary.counts.failed, 3);
    assert.equal(summary.early, 'no bot is left');
  });

  it('takes no such codec is told by its name', async (t) => {
    const { url } = await openServer(t);
    const { status, summary } = await load([
      url,
      '--bots',
      '1',
      '--ramp',
      '0',
      '--duration',
      '600',
      '--video-codec',
      'av1',
    ]);
    assert.equal(status, 1);
    assert.match(Object.keys(summary.errors).join(), /the server takes no video\/av1/);
  });
});
