// How large a message may be, as both generations of mediasoup's sctpParameters tell it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as newest from 'mediasoup-client';
import * as lowest from 'mediasoup-client-lowest';
import type { types } from 'mediasoup-client';
import { createFactory } from 'mediasoup-client-pion';
import { openRoom, until } from './session.js';
import type { Room } from './session.js';

const clients = { 'the newest mediasoup-client': newest, 'the oldest mediasoup-client': lowest };

/** What a server tells of itself that takes messages of `limit` bytes. */
const generations: Record<string, (limit: number) => object> = {
  maxMessageSize: (maxMessageSize) => ({ maxMessageSize }),
  'maxSendMessageSize and maxReceiveMessageSize': (maxReceiveMessageSize) => ({
    maxReceiveMessageSize,
    maxSendMessageSize: maxReceiveMessageSize - 1000,
  }),
};

async function join(room: Room, { Device }: typeof newest) {
  return await room.join({ device: await Device.factory({ handlerFactory: createFactory() }) });
}

for (const [client, module] of Object.entries(clients)) {
  for (const [generation, tell] of Object.entries(generations)) {
    for (const limit of [1200, 100_000, 262_144]) {
      test(`a message of ${limit} bytes arrives and a larger one is refused, by ${generation} and ${client}`, async (t) => {
        // A buffer of its own size has no room for the next message before the last is acknowledged.
        const room = await openRoom(t, { maxSctpMessageSize: limit, sctpSendBufferSize: 2 ** 20 });
        const sctpParameters = { port: 5000, OS: 1024, MIS: 1024, ...tell(limit) };
        const settings = { client: { sctpParameters: sctpParameters as types.SctpParameters } };
        const alice = await join(room, module as typeof newest);
        const bob = await join(room, module as typeof newest);
        const sending = await alice.createSendTransport(settings);
        const receiving = await bob.createRecvTransport(settings);

        const out = await sending.produceData();
        const into = await bob.consumeData(out);
        const received: number[] = [];
        into.on('message', (message: ArrayBuffer) => received.push(message.byteLength));
        await until('open', () => out.readyState === 'open' && into.readyState === 'open');
        await until('SCTP', () => room.serverTransport(receiving).sctpState === 'connected');
        out.send(Buffer.alloc(limit));
        await until('the largest message', () => received.includes(limit));
        assert.throws(() => out.send(Buffer.alloc(limit + 1)), {
          name: 'TypeError',
          code: 'ERR_MESSAGE_TOO_LARGE',
          message: new RegExp(`^data: expected at most ${limit} bytes .* got ${limit + 1}$`),
        });
        out.send(Buffer.alloc(1));
        await until('a message after the refused one', () => received.includes(1));
        assert.deepEqual(received, [limit, 1]);

        // The way back has a limit of its own, which is the server's to keep.
        const direct = await room.server.router.createDirectTransport();
        const producer = await direct.produceData();
        const back = await bob.consumeData(producer);
        const sizes: number[] = [];
        back.on('message', (message: ArrayBuffer) => sizes.push(message.byteLength));
        await until('open', () => back.readyState === 'open');
        producer.send(Buffer.alloc(limit - 1000));
        await until('the largest message back', () => sizes.length === 1);
        assert.deepEqual(sizes, [limit - 1000]);
      });
    }
  }
}
