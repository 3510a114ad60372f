// Sends a file whose frames only those with the passphrase can see and hear, or receives and decrypts what is sent so:
//   node examples/end-to-end-encryption.mjs <room url> send <passphrase> <media file>
//   node examples/end-to-end-encryption.mjs <room url> receive <passphrase> [seconds]
import { scryptSync, webcrypto } from 'node:crypto';
import { TransformStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device } from 'mediasoup-client';
import { createFactory } from 'mediasoup-client-pion';
import { createTransport, signalling } from './signalling.mjs';

const [url, role, passphrase, argument = '60'] = process.argv.slice(2);
if (!passphrase || !['send', 'receive'].includes(role)) {
  console.error('Usage: end-to-end-encryption.mjs <room url> send|receive <passphrase> …');
  process.exit(2);
}
const request = signalling(url);
const raw = scryptSync(passphrase, 'a salt of the room', 16);
const key = await webcrypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
const NONCE = 12;
const algorithm = (iv, additionalData) => ({ name: 'AES-GCM', iv, additionalData });

/** What stays readable: of VP8, by which servers know keyframes. */
const headOf = ({ type, data }) =>
  new Uint8Array(data, 0, Math.min(data.byteLength, { key: 10, delta: 3 }[type] ?? 1));

async function encrypt(frame) {
  const head = headOf(frame);
  const iv = webcrypto.getRandomValues(new Uint8Array(NONCE));
  const body = new Uint8Array(frame.data, head.length);
  const sealed = await webcrypto.subtle.encrypt(algorithm(iv, head), key, body);
  frame.data = await new Blob([head, sealed, iv]).arrayBuffer();
}

async function decrypt(frame) {
  const head = headOf(frame);
  const end = frame.data.byteLength - NONCE;
  const iv = new Uint8Array(frame.data, end);
  const sealed = new Uint8Array(frame.data, head.length, end - head.length);
  const body = await webcrypto.subtle.decrypt(algorithm(iv, head), key, sealed);
  frame.data = await new Blob([head, body]).arrayBuffer();
}

const counts = { done: 0, failed: 0 };
function through(end, change) {
  const { readable, writable } = end.createEncodedStreams();
  const transform = async (frame, controller) => {
    try {
      await change(frame);
      controller.enqueue(frame);
      counts.done++;
    } catch {
      counts.failed++; // another key: the frame goes no further
    }
  };
  readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable);
}

const device = new Device({ handlerFactory: createFactory('warn') });
await device.load({ routerRtpCapabilities: await request('getRouterRtpCapabilities') });
const transport = await createTransport(device, role === 'send' ? 'send' : 'recv', request);
if (role === 'send') {
  const codec = device.sendRtpCapabilities.codecs.find(({ mimeType }) => mimeType === 'video/VP8');
  const data = { sourceType: 'file', sourceValue: argument, loop: true, decode: true };
  const track = new FakeMediaStreamTrack({ kind: 'video', data });
  await transport.produce({ track, codec, onRtpSender: (sender) => through(sender, encrypt) });
  console.log('sending, encrypted');
} else {
  let producer;
  while (!(producer = (await request('listProducers')).producers[0])) await sleep(200);
  const { recvRtpCapabilities: rtpCapabilities } = device;
  const ids = { transportId: transport.id, producerId: producer.id };
  const consumer = await transport.consume(await request('consume', { ...ids, rtpCapabilities }));
  through(consumer.rtpReceiver, decrypt);
  await request('resumeConsumer', { consumerId: consumer.id });
  await sleep(Number(argument) * 1000);
  console.log(`${counts.done} frames decrypted, ${counts.failed} not`);
  transport.close();
}
