// How far apart sound and picture are in a recording of what came over a network that loses, and that holds the picture up.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { Device } from 'mediasoup-client';
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { MediaRecorder, createFactory } from 'mediasoup-client-pion';
import { Relay } from './relay.mjs';
import { createRoom } from './room.mjs';

const run = promisify(execFile);
const SAMPLE_RATE = 48_000;
const PACKET = SAMPLE_RATE / 50;
const PRE_SKIP = 312;
// At their pace pictures come each 33 ms and packets of sound each 20; after a longer step something was left out.
const LONGEST_STEP = { video: 0.05, audio: 0.03 };
// What is shown and heard at the beginning of each second.
const FLASH_SECONDS = 0.1;
// What came before the first reports is by when it came.
const SETTLED_SECONDS = 8;

/** See recorded-sync.d.mts. */
export async function recordedSync({ seconds, loss = 0.02, videoDelayMs = 0, audioDelayMs = 0 }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sync-'));
  const relay = new Relay({ seed: 5, down: { loss } });
  const room = await createRoom({});
  try {
    const clip = await makeClip(folder);
    const join = async () =>
      room.join({ device: await Device.factory({ handlerFactory: createFactory() }) });
    const [alice, bob] = [await join(), await join()];
    const sending = await alice.createSendTransport();
    const produce = (kind) =>
      sending.produce({
        track: new FakeMediaStreamTrack({
          kind,
          data: { sourceType: 'file', sourceValue: clip, loop: true },
        }),
        codec: alice.device.sendRtpCapabilities.codecs.find(
          ({ mimeType }) => mimeType === (kind === 'video' ? 'video/VP8' : 'audio/opus'),
        ),
      });
    const producers = [await produce('video'), await produce('audio')];
    await bob.createRecvTransport({ relay });
    const consumers = [];
    for (const producer of producers) consumers.push(await room.consume(bob, producer));
    const lateness = follow(relay, consumers, [videoDelayMs, audioDelayMs]);
    const file = path.join(folder, 'sync.mkv');
    const recorder = new MediaRecorder(
      consumers.map(({ track }) => track),
      { file },
    );
    const loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const result = await recorder.stop();
    loop.disable();
    const flashes = await flashesOf(file);
    const beeps = await beepsOf(file);
    const late = lateness.flatMap((one) => one.all()).sort((a, b) => a - b);
    const usuallyLateMs = late[late.length >> 1];
    const heldUpMs = Math.max(loop.max / 1e6, late.at(-1));
    return {
      ...{ result, lostPackets: relay.down.lost, usuallyLateMs, heldUpMs },
      ...compare(flashes, beeps),
    };
  } finally {
    await room.close();
    relay.close();
    fs.rmSync(folder, { recursive: true });
  }
}

/** A white flash and a beep at the beginning of each second. */
async function makeClip(folder) {
  const clip = path.join(folder, 'flashes.mp4');
  const flashes = `color=black:s=160x120:r=30,drawbox=c=white:t=fill:enable='lt(mod(t,1),${FLASH_SECONDS})'`;
  const beeps = `aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),${FLASH_SECONDS})':s=48000`;
  await run('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', flashes, '-f', 'lavfi', '-i', beeps],
    ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-t', '7', clip],
  ]);
  return clip;
}

/** How late the frames of a stream come, by their timestamps: than the one that took the least. */
class Lateness {
  #clockRate;
  #first;
  #last;
  #offsets = [];

  constructor(clockRate) {
    this.#clockRate = clockRate;
  }

  see(timestamp) {
    this.#first ??= timestamp;
    // Of a frame in several packets, the first.
    if (timestamp === this.#last) return;
    this.#last = timestamp;
    const takenMs = (((timestamp - this.#first) | 0) / this.#clockRate) * 1000;
    this.#offsets.push(performance.now() - takenMs);
  }

  all() {
    const least = this.#offsets.reduce((a, b) => Math.min(a, b), Infinity);
    return this.#offsets.map((offset) => offset - least);
  }
}

/** Has the packets of each consumer take longer, and follows how late they are before. */
function follow(relay, consumers, delaysMs) {
  const delayOf = new Map();
  const latenessOf = new Map();
  for (const [i, { rtpParameters }] of consumers.entries()) {
    for (const { ssrc, rtx } of rtpParameters.encodings) {
      latenessOf.set(ssrc, new Lateness(rtpParameters.codecs[0].clockRate));
      for (const one of [ssrc, rtx?.ssrc]) delayOf.set(one, delaysMs[i]);
    }
  }
  const carry = relay.down.carry.bind(relay.down);
  relay.down.carry = (message, deliver) => {
    const isRtp = message.length > 12 && message[0] >> 6 === 2;
    const ssrc = isRtp ? message.readUInt32BE(8) : undefined;
    latenessOf.get(ssrc)?.see(message.readUInt32BE(4));
    const ms = delayOf.get(ssrc);
    carry(message, ms > 0 ? () => void setTimeout(deliver, ms) : deliver);
  };
  return [...latenessOf.values()];
}

async function packetTimes(file, stream) {
  const { stdout } = await run(
    'ffprobe',
    [
      ...['-v', 'error', '-select_streams', stream, '-of', 'csv=p=0'],
      ...['-show_entries', 'packet=pts_time', file],
    ],
    { maxBuffer: 64 << 20 },
  );
  return stdout
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
}

async function decoded(file, options) {
  const { stdout, stderr } = await run(
    'ffmpeg',
    ['-nostdin', '-v', 'error', '-i', file, ...options, '-'],
    {
      encoding: 'buffer',
      maxBuffer: 256 << 20,
    },
  );
  if (stderr.length > 0) throw new Error(`${file}: ${stderr}`);
  return stdout;
}

async function flashesOf(file) {
  const times = await packetTimes(file, 'v:0');
  const shades = await decoded(file, [
    ...['-map', '0:v', '-vf', 'scale=1:1,format=gray,setpts=N*100', '-f', 'rawvideo'],
    // At even times: it complains of pictures that are close to each other.
    ...['-fps_mode', 'passthrough'],
  ]);
  if (shades.length !== times.length) {
    throw new Error(`${shades.length} of ${times.length} pictures could be decoded`);
  }
  return seen(onsets(times.filter((_, i) => shades[i] > 128)), times, LONGEST_STEP.video);
}

async function beepsOf(file) {
  const times = await packetTimes(file, 'a:0');
  const bytes = await decoded(file, ['-map', '0:a', '-af', 'asetpts=N', '-ac', '1', '-f', 's16le']);
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
  const loud = [];
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]) < 6000) continue;
    const packet = Math.floor((i + PRE_SKIP) / PACKET);
    loud.push(times[packet] + ((i + PRE_SKIP) % PACKET) / SAMPLE_RATE);
  }
  return seen(onsets(loud), times, LONGEST_STEP.audio);
}

/** What comes after half a second without. */
const onsets = (times) => times.filter((at, i) => at - (times[i - 1] ?? -1) > 0.5);

/**
 * Those whose beginning is in the file: what began in what was lost begins later there, and tells nothing. Opus says of a sound
 * how it differs from what was before, so one whose beginning is lost stays soft for some packets.
 */
const seen = (begun, times, longestStep) =>
  begun.filter((at) => {
    const before = times.filter((time) => time <= at && time > at - FLASH_SECONDS - longestStep);
    const isWhole = before.every((time, i) => time - (before[i - 1] ?? time) < longestStep);
    return before.length > 1 && isWhole;
  });

function compare(flashes, beeps) {
  const settled = beeps.filter((at) => at > SETTLED_SECONDS);
  const skews = settled.flatMap((beep) => {
    const flash = flashes.find((at) => Math.abs(at - beep) < 0.5);
    return flash === undefined ? [] : [(beep - flash) * 1000];
  });
  const sizes = skews.map(Math.abs).sort((a, b) => a - b);
  const at = (share) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))] ?? NaN;
  const sorted = [...skews].sort((a, b) => a - b);
  return {
    pairs: skews.length,
    medianMs: sorted[sorted.length >> 1] ?? NaN,
    p95Ms: at(0.95),
    mostMs: at(1),
  };
}
