import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { types } from 'mediasoup-client';
import { event, join, openRoom, until } from '../e2e/session.js';
import type { Room } from '../e2e/session.js';
import { OLDEST, serverPackage } from '../../scripts/lib/mediasoup-worker.mjs';
import { limit, useBrowser } from './session.js';

const openPage = useBrowser();

const kinds = {
  'ordered and reliable': {},
  // mediasoup 3.27.1 lets what is unordered expire after 0 ms, unless it has a maxPacketLifeTime (its Transport.cpp passes
  // on the number as if it had been set): anything may be lost there.
  ...(serverPackage() === OLDEST && {
    'unordered, with retransmissions': { ordered: false, maxRetransmits: 10 },
  }),
  'unordered, for some time': { ordered: false, maxPacketLifeTime: 5000 },
};

/** Bytes that are all different from the ones beside them. */
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index * 7);

// Nothing is sent of what is empty: an empty message is one of its own kind (RFC 8831 section 6.6).
const messages = ['text', '', 'ümläut 🎈', bytes(1), bytes(0), bytes(100), 'x'.repeat(60_000)];

/** What a page sends comes to a channel here. */
async function channelOf(
  room: Room,
  client: Awaited<ReturnType<typeof join>>,
  producer: Parameters<Room['consumeData']>[1],
) {
  const receiving = await client.createRecvTransport();
  const here = await room.consumeData(client, producer);
  here.binaryType = 'arraybuffer';
  await until('a channel from the page', () => here.readyState === 'open');
  // Until it has heard of the last step of SCTP's handshake, the server drops what is for its other side.
  await until('SCTP', () => room.serverTransport(receiving).sctpState === 'connected');
  return here;
}

function plain(message: unknown): string | Uint8Array {
  return typeof message === 'string' ? message : new Uint8Array(message as ArrayBuffer);
}

for (const [name, options] of Object.entries(kinds)) {
  test(`data channels with the page, ${name}`, limit, async (t) => {
    const room = await openRoom(t);
    const alice = await join(room);
    const page = await openPage(t, room);

    const toPage = await (await alice.createSendTransport()).produceData(options);
    const inPage = await page.consumeData(toPage);
    const fromPage = await page.produceData(options);
    const here = await channelOf(room, alice, fromPage);
    const received: (string | Uint8Array)[] = [];
    here.on('message', (message: unknown) => received.push(plain(message)));
    if (toPage.readyState !== 'open') await event(toPage, 'open', 30_000);
    // One after the other: in any order means what it says.
    for (const [index, message] of messages.entries()) {
      toPage.send(message);
      assert.deepEqual(await page.receiveData(inPage), message);
      await page.sendData(fromPage, message);
      await until('a message of the page', () => received.length > index, { timeoutMs: 30_000 });
      assert.deepEqual(received[index], message);
    }
  });
}

test('the largest message that the server takes goes both ways', limit, async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const page = await openPage(t, room);
  const toPage = await (await alice.createSendTransport()).produceData();
  const inPage = await page.consumeData(toPage);
  const fromPage = await page.produceData();
  const here = await channelOf(room, alice, fromPage);
  const large = bytes(200_000);
  if (toPage.readyState !== 'open') await event(toPage, 'open', 30_000);
  toPage.send(large);
  assert.deepEqual(await page.receiveData(inPage), large);
  const arriving = event(here, 'message', 30_000);
  await page.sendData(fromPage, large);
  assert.deepEqual(plain(await arriving), large);
});

test('a channel that one side closes is closed on the other', limit, async (t) => {
  const room = await openRoom(t);
  const alice = await join(room);
  const page = await openPage(t, room);
  const sending = await alice.createSendTransport();
  const consumers: types.DataConsumer[] = [];
  const [one, other] = [await sending.produceData(), await sending.produceData()];
  const inPage = [await page.consumeData(one), await page.consumeData(other)] as const;
  const fromPage = [await page.produceData(), await page.produceData()] as const;
  for (const id of fromPage) consumers.push(await room.consumeData(alice, id));
  const [first, second] = consumers;
  assert.ok(first && second);
  await until('open channels', () => consumers.every(({ readyState }) => readyState === 'open'), {
    timeoutMs: 30_000,
  });

  await page.closeData(fromPage[0]);
  await until('the end of what the page closed', () => first.closed, { timeoutMs: 30_000 });
  assert.equal(second.readyState, 'open');
  one.close();
  other.send('still here');
  assert.equal(await page.receiveData(inPage[1]), 'still here');
  second.close();
  await until('the end of our own', () => second.readyState === 'closed', { timeoutMs: 30_000 });
});
