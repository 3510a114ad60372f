// `load --adapter protoo` against the messages of mediasoup-demo's server, the newest and the one before.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openRoom, until } from '../e2e/session.js';
import { serveProtoo } from './protoo-server.mjs';
import { TWO_THAT_STAY, load, start } from './support.js';

describe('the adapter protoo', () => {
  for (const dialect of ['newest', 'older'] as const) {
    it(`joins mediasoup-demo's ${dialect} server, sends, receives and talks`, async (t) => {
      const room = await openRoom(t);
      const asked: string[] = [];
      const heard = (method: string) => asked.push(method);
      const served = await serveProtoo({ room, dialect, heard });
      t.after(() => served.close());
      const running = start([
        ...[served.url, '--adapter', 'protoo', '--bots', '4', '--rooms', '2', '--ramp', '1'],
        ...['--duration', '600', '--data', '1', '--message-rate', '20'],
      ]);
      const { producers, consumers, dataConsumers } = room.server;
      await until(
        'all is there',
        () => producers.size === 8 && consumers.size === 8 && dataConsumers.size === 4,
      );
      for (const consumer of consumers.values()) {
        await until('it was resumed, and media leaves', async () => {
          const stats = await consumer.getStats();
          return (
            !consumer.paused &&
            stats.some(({ type, byteCount }) => type === 'outbound-rtp' && byteCount > 1000)
          );
        });
      }
      await until('messages leave', async () => {
        const stats = await Promise.all([...dataConsumers.values()].map((one) => one.getStats()));
        return stats.flat().every(({ messagesSent }) => messagesSent > 10);
      });
      running.kill('SIGINT');
      const { summary } = await running.ended;
      assert.deepEqual(summary.errors, {});
      assert.deepEqual(summary.counts, { joined: 4, failed: 0, lost: 0, refused: 0 });
      assert.equal(summary.spreads.picture?.count, 4);
      assert.ok(summary.totals.messagesReceived > 0);
      for (const method of [
        'getRouterRtpCapabilities',
        'createWebRtcTransport',
        'connectWebRtcTransport',
        'join',
        'produce',
        'produceData',
      ]) {
        assert.ok(asked.includes(method), method);
      }
      await until('nobody is left', () => served.peers === 0 && room.server.transports.size === 0);
    });
  }

  it('refuses more consumers than it was told', async (t) => {
    const room = await openRoom(t);
    const served = await serveProtoo({ room, dialect: 'newest' });
    t.after(() => served.close());
    const running = start([
      ...[served.url, '--adapter', 'protoo', '--bots', '3', '--ramp', '0', '--duration', '600'],
      ...['--consumers', '1', '--no-video'],
    ]);
    const paused = () => [...room.server.consumers.values()].filter((one) => one.paused).length;
    await until(
      'half of them stay paused',
      () => room.server.consumers.size === 6 && paused() === 3,
    );
    running.kill('SIGINT');
    assert.equal((await running.ended).summary.counts.joined, 3);
  });

  it('tells of a server that is not there, and of one that goes', async (t) => {
    const gone = await load([
      'ws://127.0.0.1:9/',
      '--adapter',
      'protoo',
      '--bots',
      '1',
      '--ramp',
      '0',
      '--no-video',
    ]);
    assert.equal(gone.status, 1);
    assert.deepEqual(gone.summary.errors, { 'join: the WebSocket was refused': 1 });
    const room = await openRoom(t);
    const served = await serveProtoo({ room, dialect: 'newest' });
    const running = start([...[served.url, '--adapter', 'protoo', ...TWO_THAT_STAY]]);
    await until('both are there', () => room.server.consumers.size === 2);
    await served.close();
    const { status, summary } = await running.ended;
    assert.equal(status, 1);
    assert.equal(summary.counts.lost, 2);
    assert.equal(summary.early, 'no bot is left');
  });
});
