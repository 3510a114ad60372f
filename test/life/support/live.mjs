// Somebody in a room with everything at work: sound, picture and messages that are sent and received again, frames that
// are read, a recording that is written.
import { Device } from 'mediasoup-client';
import { Peer } from '../../e2e/support/peer.mjs';

/** What is reached, in this order. */
export const STEPS = ['loaded', 'opened', 'joined', 'produced', 'consumed', 'reading', 'flowing'];

/** Frames and messages of each kind that are enough to say that they flow. */
const SOME = 5;

/**
 * Resolves when everything flows.
 *
 * @param {import('../../e2e/support/peer.mjs').Request} request
 * @param {{ clip: string, recording: string, pion?: typeof import('mediasoup-client-pion'), step?: (name: string) => void }} settings
 */
export async function live(request, { clip, recording, pion: given, step = () => {} }) {
  const pion = given ?? (await import('mediasoup-client-pion'));
  step('loaded');
  const worker = await pion.createWorker({ logLevel: 'none' });
  step('opened');
  const device = await Device.factory({ handlerFactory: worker.createHandlerFactory() });
  const peer = await Peer.join({ device, request });
  const sending = await peer.createSendTransport();
  step('joined');
  const file = { source: 'file', file: clip, loop: true };
  const stream = await worker.getUserMedia({ audio: file, video: file });
  const producers = [];
  for (const track of stream.getTracks()) producers.push(await sending.produce({ track }));
  const chat = await sending.produceData({ label: 'chat' });
  step('produced');
  const consumers = [];
  for (const producer of producers) consumers.push(await peer.consume(producer));
  const echo = await peer.consumeData(chat);
  step('consumed');

  const counts = { audio: 0, video: 0, messages: 0 };
  echo.on('message', () => counts.messages++);
  const talk = setInterval(() => chat.readyState === 'open' && chat.send('hello'), 50).unref();
  const readers = consumers.map(({ kind, track }) => {
    const reader = new pion.MediaStreamTrackProcessor({ track }).readable.getReader();
    read(reader, () => counts[kind]++);
    return reader;
  });
  const recorder = new pion.MediaRecorder(
    consumers.map(({ track }) => track),
    { file: recording },
  );
  recorder.stopped.catch(() => {});
  recorder.start();
  step('reading');
  const flows = async () => {
    const before = { ...counts };
    while (Object.entries(counts).some(([kind, count]) => count < before[kind] + SOME)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await flows();
  step('flowing');
  return {
    ...{ worker, peer, producers, chat, echo, flows },
    async close() {
      clearInterval(talk);
      const closed = new Promise((resolve) => worker.once('subprocessclose', resolve));
      await recorder.stop();
      await Promise.all(readers.map((reader) => reader.cancel()));
      peer.close();
      worker.close();
      await closed;
    },
  };
}

async function read(reader, count) {
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      count();
      value.close();
    }
  } catch {
    // Its track has ended.
  }
}
