// Decodes what the server passes on, with the system's ffmpeg: an eye and an ear that share no code with the package.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freeUDPPorts } from './free-port.mjs';
import { consumePlain } from './plain-tap.mjs';

const KEYFRAME_RETRY_MS = 500;

/**
 * Resolves to the first `count` pictures of a video producer, scaled to width × height, RGB.
 * @returns {Promise<import('./picture.mjs').Picture[]>}
 */
export async function decodePictures(
  room,
  producer,
  { count = 5, width = 160, height = 120, timeoutMs = 15_000 } = {},
) {
  const size = width * height * 3;
  const bytes = await decode(room, producer, count * size, timeoutMs, [
    '-an',
    ...['-vf', `scale=${width}:${height}`],
    ...['-fps_mode', 'passthrough'],
    ...['-f', 'rawvideo', '-pix_fmt', 'rgb24'],
  ]);
  return Array.from({ length: count }, (_, index) => ({
    width,
    height,
    data: bytes.subarray(index * size, (index + 1) * size),
  }));
}

/**
 * Resolves to the width and height of a video producer's pictures, of one of its layers where `layers` (mediasoup's
 * preferred layers) names it.
 */
export async function decodedSize(room, producer, { layers, timeoutMs = 20_000 } = {}) {
  const output = ['-an', '-pix_fmt', 'yuv420p', '-f', 'yuv4mpegpipe'];
  const header = await decode(room, producer, 32, timeoutMs, output, layers);
  const [, width, height] = /^YUV4MPEG2 W(\d+) H(\d+) /.exec(header.toString('latin1')) ?? [];
  return { width: Number(width), height: Number(height) };
}

/**
 * Resolves to `seconds` of the sound of an audio producer: samples between -1 and 1, of one channel if it is given, or
 * else of both together.
 * @returns {Promise<{ sampleRate: number, samples: Float32Array }>}
 */
export async function decodeSound(
  room,
  producer,
  { seconds = 1, sampleRate = 48_000, channel, timeoutMs = 15_000 } = {},
) {
  const count = Math.round(seconds * sampleRate);
  const bytes = await decode(room, producer, count * 4, timeoutMs, [
    '-vn',
    ...['-af', [IN_TIME, ...(channel === undefined ? [] : [`pan=mono|c0=c${channel}`])].join()],
    ...['-ac', '1', '-ar', String(sampleRate)],
    ...['-f', 'f32le'],
  ]);
  const samples = new Float32Array(count);
  for (let index = 0; index < count; index++) samples[index] = bytes.readFloatLE(index * 4);
  return { sampleRate, samples };
}

/** Silence in the place of what is lost: without it a tone of 440 Hz whose every third packet is lost becomes one of 460. */
const IN_TIME = 'aresample=async=1:min_hard_comp=0.01';

/**
 * The first `length` bytes of what ffmpeg makes of a producer. It gives up at once when the first packets that it
 * happens to see are not enough to know the stream by: then another one is started.
 */
async function decode(room, producer, length, timeoutMs, output, layers) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await decodeOnce(
        ...[room, producer, length, deadline - performance.now(), output, layers],
      );
    } catch (error) {
      if (!(error instanceof EndedEarly) || performance.now() > deadline) throw error;
    }
  }
}

class EndedEarly extends Error {}

async function decodeOnce(room, producer, length, timeoutMs, output, layers) {
  const { server } = room;
  const port = await freeUDPPorts(server.ip, 2);
  const { transport, consumer } = await consumePlain(server, room.serverProducer(producer), {
    port,
    rtcpPort: port + 1,
  });
  if (layers) {
    await consumer.resume();
    await consumer.setPreferredLayers(layers);
    await currentLayers(consumer, layers, timeoutMs);
  }
  const ffmpeg = spawn('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    // Decide from the SDP alone: probing would eat the first keyframe.
    ...['-analyzeduration', '0', '-probesize', '32', '-fflags', 'nobuffer'],
    ...['-protocol_whitelist', 'pipe,udp,rtp', '-f', 'sdp', '-i', 'pipe:0'],
    ...output,
    'pipe:1',
  ]);
  const ended = new Promise((resolve, reject) => {
    ffmpeg.once('close', resolve);
    ffmpeg.once('error', (cause) =>
      reject(new Error('ffmpeg does not start: apt-get install ffmpeg', { cause })),
    );
  });
  ended.catch(() => {});

  const again = setInterval(() => {
    // ffmpeg says nothing when it begins to listen, so it may have missed the keyframe.
    if (consumer.kind === 'video') consumer.requestKeyFrame().catch(() => {});
  }, KEYFRAME_RETRY_MS);
  try {
    ffmpeg.stdin.on('error', () => {});
    ffmpeg.stdin.end(sdpOf(consumer.rtpParameters, consumer.kind, server.ip, port));
    await consumer.resume();
    return await firstBytes(ffmpeg, ended, length, timeoutMs);
  } finally {
    clearInterval(again);
    if (!transport.closed) transport.close();
    ffmpeg.kill('SIGKILL');
    await ended.catch(() => {});
  }
}

/** Resolves when the server passes on the spatial layer. */
async function currentLayers(consumer, { spatialLayer }, timeoutMs) {
  const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
  while (consumer.currentLayers?.spatialLayer !== spatialLayer) {
    try {
      await once(consumer, 'layerschange', { signal });
    } catch (cause) {
      throw new Error(`layer ${spatialLayer}: not within ${timeoutMs} ms`, { cause });
    }
  }
}

function firstBytes(ffmpeg, ended, length, timeoutMs) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let got = 0;
    let complaints = '';
    const fail = (why, ErrorClass = Error) =>
      reject(
        new ErrorClass(`${why} after ${got} of ${length} bytes${complaints && `\n${complaints}`}`),
      );
    const timer = setTimeout(() => fail(`nothing more within ${timeoutMs} ms`), timeoutMs);
    ffmpeg.stderr.on('data', (chunk) => (complaints = (complaints + chunk).slice(-2000)));
    ffmpeg.stdout.on('data', (chunk) => {
      chunks.push(chunk);
      got += chunk.length;
      if (got >= length) {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks).subarray(0, length));
      }
    });
    ended.then(
      (code) => {
        clearTimeout(timer);
        fail(`ffmpeg ended with ${code}`, EndedEarly);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** An SDP (RFC 8866) that describes the one stream to ffmpeg. */
export function sdpOf({ codecs }, kind, ip, port) {
  const [codec] = codecs;
  const { payloadType, mimeType, clockRate, channels, parameters } = codec;
  const name = mimeType.split('/')[1];
  const fmtp = Object.entries(parameters ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    'v=0',
    `o=- 0 0 IN IP4 ${ip}`,
    's=tap',
    `c=IN IP4 ${ip}`,
    't=0 0',
    `m=${kind} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${name}/${clockRate}${channels > 1 ? `/${channels}` : ''}`,
    ...(fmtp.length > 0 ? [`a=fmtp:${payloadType} ${fmtp.join(';')}`] : []),
    'a=recvonly',
    '',
  ].join('\r\n');
}
