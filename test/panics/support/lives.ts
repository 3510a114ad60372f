// Lives of which each enters places that the others do not: places.json says which.
import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import fs from 'node:fs';
import { TransformStream } from 'node:stream/web';
import { Worker as Thread } from 'node:worker_threads';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import type { types } from 'mediasoup-client';
import {
  AudioData,
  AudioTrackGenerator,
  EncodedTrackGenerator,
  MediaRecorder,
  MediaStreamTrackProcessor,
  RTCRtpReceiver,
  RTCRtpSender,
  VideoFrame,
  VideoTrackGenerator,
  grabFrame,
  mediaDevices,
} from '../../../lib/index.js';
import type { AdditionalSettings, Worker } from '../../../lib/index.js';
import { codecOf, fileTrack, fixture, inbound, until } from '../../e2e/session.js';
import { codedPictures } from '../../e2e/support/coded-frames.mjs';
import { Coturn } from '../../e2e/support/coturn.mjs';
import type { Peer, RoomOptions } from '../../e2e/support/room.mjs';
import { Relay } from '../../e2e/support/relay.mjs';
import { copied } from '../../sources/support/clips.mjs';
import { startPulse } from '../../sources/support/pulse.js';
import { armAnywhere, flood, panicNow, probe } from './armed.js';
import type { Stage } from './stage.js';

export type Life = {
  /** Of the room that it takes place in. */
  room?: RoomOptions;
  /** Whether what dies may be the Worker that generators and devices share. */
  isHidden?: boolean;
  /** Whether its Workers close first, with everything open, as an app does that leaves. */
  isAbrupt?: boolean;
  /** Whether it arms itself what is of no Worker. */
  arms?: boolean;
  /** Resolves when everything that it has is at work. */
  live: (stage: Stage) => Promise<void>;
};

const TONE = 'red-440hz.mp4';
const loop = { loop: true };

/** Resolves also once the life has ended. */
async function reached(stage: Stage, what: string, condition: () => unknown): Promise<void> {
  await until(what, async () => stage.died || (await condition()), { timeoutMs: 60_000 });
}

async function comes(stage: Stage, consumer: types.Consumer): Promise<void> {
  await reached(stage, 'packets', async () => (await inbound(consumer)).received > 0);
}

/** Reads frames until the track or the life ends, and resolves with the first. */
async function reads(stage: Stage, track: MediaStreamTrack): Promise<void> {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  stage.atTheEnd(() => reader.cancel());
  let count = 0;
  void (async () => {
    for (;;) {
      const { value } = await reader.read();
      if (!value) return;
      count++;
      value.close();
    }
  })().catch(() => undefined);
  await reached(stage, 'frames', () => count > 0);
}

function every(stage: Stage, milliseconds: number, work: () => unknown): void {
  const timer = setInterval(() => {
    void Promise.resolve()
      .then(work)
      .catch(() => undefined);
  }, milliseconds);
  stage.atTheEnd(() => {
    clearInterval(timer);
  });
}

async function connected(stage: Stage, transport: types.Transport): Promise<void> {
  await reached(stage, 'a connection', () => transport.connectionState === 'connected');
}

/** Somebody who sends and receives everything, reads it and records it. */
async function bot(stage: Stage): Promise<void> {
  const worker = await stage.open();
  const peer = await stage.join(worker);
  const additionalSettings: AdditionalSettings = { excludedInterfaces: ['nobody'] };
  const settings = { client: { additionalSettings } };
  const sending = await peer.createSendTransport(settings);
  await peer.createRecvTransport(settings);
  const tracks = [
    fileTrack('audio', TONE, loop),
    // Encoded, although the file could be sent as it is.
    fileTrack('video', TONE, { ...loop, decode: true }),
  ];
  const vp8 = codecOf(peer.device, 'video/VP8');
  const producers: types.Producer[] = [];
  for (const track of tracks) {
    producers.push(
      await sending.produce({ track, ...(track.kind === 'video' ? { codec: vp8 } : {}) }),
    );
  }
  const passing = await sending.produce({
    track: fileTrack('video', TONE, { ...loop, decode: false }),
    codec: codecOf(peer.device, 'video/H264'),
  });
  const chat = await sending.produceData({ label: 'chat' });
  chat.bufferedAmountLowThreshold = 1000;
  const consumers: types.Consumer[] = [];
  for (const producer of producers) consumers.push(await peer.consume(producer));
  consumers.push(await peer.consume(passing));
  const echo = await peer.consumeData(chat);
  let messages = 0;
  echo.on('message', () => messages++);
  every(stage, 50, () => {
    if (chat.readyState === 'open') chat.send('hello');
  });
  for (const { kind, rtpReceiver } of consumers) {
    const receiver = rtpReceiver as unknown as RTCRtpReceiver;
    if (kind === 'audio') receiver.onvoiceactivity = () => undefined;
  }
  const recorder = new MediaRecorder(
    consumers.slice(0, 2).map(({ track }) => track),
    { file: stage.file('webm') },
  );
  recorder.stopped.catch(() => undefined);
  stage.atTheEnd(() => recorder.stop());
  recorder.start();
  await Promise.all(consumers.map(({ track }) => reads(stage, track)));
  // Of what is sent, too, which nobody decodes.
  for (const track of tracks) await reads(stage, track);
  await reached(stage, 'messages', () => messages > 5);

  const log = stage.file('log');
  stage.again(async () => {
    for (const { id, kind } of consumers) {
      if (kind === 'video') await stage.room.server.consumers.get(id)?.requestKeyFrame();
    }
    const large = Buffer.alloc(64 << 10);
    for (let i = 0; i < 16 && chat.readyState === 'open'; i++) chat.send(large);
    await producers[0]?.getStats();
    const picture = consumers.find(({ kind }) => kind === 'video');
    if (picture) (await grabFrame(picture.track)).close();
    if (!fs.existsSync(log)) await flood(6000, log);
  });
}

/** What is sent and received as a room of TCP alone has it. */
async function tcp(stage: Stage): Promise<void> {
  const peer = await stage.join(await stage.open());
  await passOn(stage, peer, {});
}

async function passOn(
  stage: Stage,
  peer: Peer,
  settings: Parameters<Peer['createSendTransport']>[0],
): Promise<{ producer: types.Producer; consumer: types.Consumer }> {
  const sending = await peer.createSendTransport(settings);
  const receiving = await peer.createRecvTransport(settings);
  const producer = await sending.produce({ track: fileTrack('audio', TONE, loop) });
  const consumer = await peer.consume(producer);
  await Promise.all([connected(stage, sending), connected(stage, receiving)]);
  await comes(stage, consumer);
  stage.again(async () => {
    await producer.getStats();
  });
  return { producer, consumer };
}

/** Two ways by TURN, with nothing else. */
async function turn(stage: Stage): Promise<void> {
  const coturn = await Coturn.start();
  stage.atTheEnd(() => coturn.stop());
  const worker = await stage.open();
  for (const protocol of ['udp', 'tcp'] as const) {
    const client = {
      iceServers: [coturn.iceServer(protocol)],
      iceTransportPolicy: 'relay' as const,
    };
    await passOn(stage, await stage.join(worker), { client });
  }
  // One that does not know the password.
  const peer = await stage.join(worker);
  const wrong = { ...coturn.iceServer('udp'), credential: 'wrong' };
  const transport = await peer.createSendTransport({
    client: { iceServers: [wrong], iceTransportPolicy: 'relay' },
  });
  transport.produce({ track: fileTrack('audio', TONE, loop) }).catch(() => undefined);
}

/** A network that loses, damages and carries little, with three sizes to choose from. */
async function lossy(stage: Stage): Promise<void> {
  const bad = { loss: 0.1, corrupt: 0.01, kinds: ['rtp', 'rtcp'] as const };
  const relay = new Relay({ up: bad, down: bad });
  stage.atTheEnd(() => {
    relay.close();
  });
  const peer = await stage.join(await stage.open());
  const sending = await peer.createSendTransport({ relay });
  await peer.createRecvTransport({ relay });
  const producer = await sending.produce({
    track: fileTrack('video', 'bars-440hz.mp4', loop),
    codec: codecOf(peer.device, 'video/VP8'),
    encodings: [{ maxBitrate: 80_000 }, { maxBitrate: 200_000 }, { maxBitrate: 500_000 }],
  });
  const consumer = await peer.consume(producer);
  await comes(stage, consumer);
  void reads(stage, consumer.track).catch(() => undefined);
  // A server that tells nothing of what comes.
  const mute = new Relay({ down: { loss: 1, kinds: ['rtcp'] } });
  stage.atTheEnd(() => {
    mute.close();
  });
  const unheard = await peer.createSendTransport({ relay: mute });
  await unheard.produce({ track: fileTrack('video', TONE, loop) });
  let rounds = 0;
  stage.again(() => {
    // Little for some seconds, and then much.
    const few = rounds++ % 80 < 40;
    relay.up.set(few ? { ...bad, bitrate: 150_000 } : bad);
  });
}

/** A file that so many are sent that several processors serve them. */
async function crowd(stage: Stage): Promise<void> {
  const peer = await stage.join(await stage.open());
  const sending = await peer.createSendTransport();
  for (let i = 0; i < 48; i++) {
    const track = fileTrack('video', TONE, { ...loop, decode: false });
    await sending.produce({ track, codec: codecOf(peer.device, 'video/H264') });
  }
}

/** Sources of every other kind. */
async function sources(stage: Stage): Promise<void> {
  const live = await copied(fixture(TONE), '-f', 'mpegts');
  const files = http.createServer((request, response) => {
    if (request.url === '/live') {
      // As radio, it has no end.
      response.writeHead(200, { 'content-type': 'video/mp2t', server: 'Icecast' });
      response.write(live);
      return;
    }
    const content = fs.readFileSync(fixture(TONE));
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(206, {
      'content-length': content.length - start,
      'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
    });
    response.end(content.subarray(start));
  });
  const port = await listen(stage, files);
  const worker = await stage.open();
  const peer = await stage.join(worker);
  const additionalSettings: AdditionalSettings = { encodedInsertableStreams: true };
  const sending = await peer.createSendTransport({ client: { additionalSettings } });
  await peer.createRecvTransport({ client: { additionalSettings } });
  const url = `http://127.0.0.1:${port}/clip.mp4`;
  const graph = { format: 'lavfi', sourceValue: 'testsrc2=size=160x120:rate=10' };
  const tracks = [
    track('audio', { sourceType: 'url', sourceValue: url, loop: true }),
    track('video', { sourceType: 'device', ...graph }),
    track('audio', { sourceType: 'url', sourceValue: `http://127.0.0.1:${port}/live` }),
    pictures(stage),
    sound(stage),
  ];
  const consumers: types.Consumer[] = [];
  for (const one of tracks) {
    const producer = await sending.produce({
      track: one,
      onRtpSender: (sender) => {
        if (one === tracks[1]) through(sender);
      },
    });
    const consumer = await peer.consume(producer);
    consumers.push(consumer);
    if (one === tracks[1]) through(consumer.rtpReceiver);
  }
  const coded = await sending.produce({
    track: encoder(stage),
    codec: codecOf(peer.device, 'video/VP8'),
  });
  consumers.push(await peer.consume(coded));
  for (const consumer of consumers) await comes(stage, consumer);
  const probed = { type: 'file', value: fixture(TONE), loop: false, audio: true, video: true };
  stage.again(() => probe(probed));
}

function track(kind: 'audio' | 'video', data: object): MediaStreamTrack {
  return new FakeMediaStreamTrack({ kind, data: data as never });
}

async function listen(stage: Stage, server: net.Server): Promise<number> {
  const open = new Set<net.Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.atTheEnd(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as net.AddressInfo).port;
}

/** Lets coded frames through the app. */
function through(end: unknown): void {
  if (!(end instanceof RTCRtpSender) && !(end instanceof RTCRtpReceiver)) return;
  const { readable, writable } = end.createEncodedStreams();
  readable
    .pipeThrough(new TransformStream())
    .pipeTo(writable)
    .catch(() => undefined);
}

function pictures(stage: Stage): MediaStreamTrack {
  const generator = new VideoTrackGenerator();
  const [codedWidth, codedHeight] = [160, 120];
  every(stage, 100, () =>
    generator.write(
      new VideoFrame(Buffer.alloc(codedWidth * codedHeight * 4), {
        ...{ format: 'RGBA', codedWidth, codedHeight, timestamp: performance.now() * 1000 },
      }),
    ),
  );
  stage.atTheEnd(() => {
    generator.track.stop();
  });
  return generator.track;
}

function sound(stage: Stage): MediaStreamTrack {
  const generator = new AudioTrackGenerator();
  every(stage, 20, () =>
    generator.write(
      new AudioData({
        ...{ format: 's16', sampleRate: 16_000, numberOfChannels: 1, numberOfFrames: 320 },
        ...{ timestamp: 0, data: new Int16Array(320) },
      }),
    ),
  );
  stage.atTheEnd(() => {
    generator.track.stop();
  });
  return generator.track;
}

let coded: Buffer[] | undefined;

function encoder(stage: Stage): MediaStreamTrack {
  const frames = (coded ??= codedPictures('video/VP8').frames);
  const generator = new EncodedTrackGenerator({ kind: 'video', mimeType: 'video/VP8' });
  let number = 0;
  every(stage, 66, () =>
    generator.write({
      data: frames[number++ % frames.length] ?? Buffer.alloc(0),
      timestamp: performance.now() * 1000,
    }),
  );
  stage.atTheEnd(() => {
    generator.track.stop();
  });
  return generator.track;
}

/** Servers that take connections and say nothing: what opens them is there until the Worker closes. */
async function silent(stage: Stage): Promise<void> {
  let accepted = 0;
  const server = net.createServer(() => accepted++);
  const port = await listen(stage, server);
  const worker = await stage.open();
  const open = (scheme: string, timeout: number): void => {
    const url = `${scheme}://127.0.0.1:${port}/${Math.random()}`;
    worker.getUserMedia({ video: { source: 'url', url, timeout } }).catch(() => undefined);
  };
  for (const scheme of ['http', 'rtsp', 'rtmp']) open(scheme, 300);
  await reached(stage, 'connections', () => accepted >= 3);
  // One that is given up.
  stage.again(() => {
    open('http', 1);
  });
}

/** A microphone. */
async function microphone(stage: Stage): Promise<void> {
  const pulse = await startPulse({
    after: (end: () => unknown) => {
      stage.atTheEnd(end);
    },
  } as never);
  const worker = await stage.open();
  const peer = await stage.join(worker);
  const sending = await peer.createSendTransport();
  const stream = await mediaDevices.getUserMedia({ audio: { sampleRate: 48_000 } });
  const changed = (): void => undefined;
  const watches = (): void => {
    mediaDevices.addEventListener('devicechange', changed);
  };
  const watchesNot = (): void => {
    mediaDevices.removeEventListener('devicechange', changed);
  };
  // What lists devices just as the server of sound ends leaves a file of miniaudio's.
  if (/watch(?:ing)? devices$/.test(stage.place)) watches();
  stage.atTheEnd(watchesNot);
  const [own] = stream.getAudioTracks();
  if (!own) throw new Error('no microphone');
  stage.atTheEnd(() => {
    own.stop();
  });
  const producer = await sending.produce({ track: own });
  await comes(stage, await peer.consume(producer));
  stage.atTheEnd(() => pulse.child.kill('SIGCONT'));
  stage.again(() => {
    if (stage.place === 'stop watching devices') watchesNot();
    // It is looked at once nothing comes.
    if (stage.place === 'look at …') pulse.child.kill('SIGSTOP');
  });
}

/** A Worker that dies. */
async function dying(stage: Stage): Promise<void> {
  await tcp(stage);
  stage.again(() => panicNow());
}

/** Somebody whose server closes the connections. */
async function shut(stage: Stage): Promise<void> {
  const { transports } = stage.room.server;
  const others = new Set(transports.keys());
  await tcp(stage);
  stage.again(() => {
    for (const [id, transport] of transports) if (!others.has(id)) transport.close();
  });
}

/** A Worker that is asked something. */
async function asking(stage: Stage): Promise<void> {
  const worker: Worker = await stage.open();
  // What is asked next.
  await armAnywhere(stage.place);
  await worker.dump().catch(() => undefined);
}

/** A thread that ends with everything open. */
async function thread(stage: Stage): Promise<void> {
  const own = new Thread(new URL('thread.mjs', import.meta.url), { workerData: fixture(TONE) });
  stage.atTheEnd(() => own.terminate());
  await once(own, 'message');
  await own.terminate();
}

export const lives: Record<string, Life> = {
  bot: { live: bot },
  leaver: { isAbrupt: true, live: bot },
  tcp: { room: { udp: false, tcp: true }, live: tcp },
  turn: { live: turn },
  lossy: { live: lossy },
  crowd: { live: crowd },
  sources: { isHidden: true, live: sources },
  silent: { isAbrupt: true, live: silent },
  microphone: { isHidden: true, live: microphone },
  dying: { live: dying },
  shut: { live: shut },
  asking: { arms: true, live: asking },
  thread: { live: thread },
};
