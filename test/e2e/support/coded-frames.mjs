// Coded frames as an app's encoder gives them, made by the system's ffmpeg: an encoder that shares no code with the package.
import { spawnSync } from 'node:child_process';

const FPS = 15;

/** Arguments of ffmpeg's encoder for each codec. A second begins with a keyframe. */
const encoders = {
  'video/VP8': ['-c:v', 'libvpx', '-deadline', 'realtime', '-f', 'ivf'],
  'video/VP9': ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-f', 'ivf'],
  'video/AV1': [
    '-c:v',
    'libaom-av1',
    '-cpu-used',
    '8',
    '-usage',
    'realtime',
    '-lag-in-frames',
    '0',
    '-f',
    'ivf',
  ],
  'video/H264': [
    ...[
      '-c:v',
      'libx264',
      '-profile:v',
      'baseline',
      '-tune',
      'zerolatency',
      '-bsf:v',
      'h264_metadata=aud=insert',
    ],
    ...['-f', 'h264'],
  ],
};

/**
 * Pictures of one colour. Each second begins with a keyframe.
 * @returns {{ frames: Buffer[], key: boolean[], fps: number }}
 */
export function codedPictures(mimeType, { color = 'red', seconds = 2 } = {}) {
  const source = `color=c=${color}:s=320x240:r=${FPS}:d=${seconds},noise=alls=4:allf=t`;
  const output = ffmpeg([
    ...[
      '-f',
      'lavfi',
      '-i',
      source,
      '-pix_fmt',
      'yuv420p',
      '-g',
      String(FPS),
      '-keyint_min',
      String(FPS),
    ],
    ...['-b:v', '300k', ...encoders[mimeType], '-'],
  ]);
  const frames = mimeType === 'video/H264' ? accessUnits(output) : ivfFrames(output);
  return { frames, key: frames.map((_, index) => index % FPS === 0), fps: FPS };
}

/** Packets of Opus, of 20 ms each, of a tone. */
export function codedSound({ frequency = 440, seconds = 2 } = {}) {
  const output = ffmpeg([
    ...['-f', 'lavfi', '-i', `sine=frequency=${frequency}:sample_rate=48000:duration=${seconds}`],
    ...['-c:a', 'libopus', '-frame_duration', '20', '-f', 'ogg', '-'],
  ]);
  // The first two are headers.
  return oggPackets(output).slice(2);
}

function ffmpeg(args) {
  const { stdout, stderr, status } = spawnSync('ffmpeg', ['-v', 'error', '-nostdin', ...args], {
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`);
  return stdout;
}

function ivfFrames(file) {
  const frames = [];
  for (let at = 32; at < file.length;) {
    const size = file.readUInt32LE(at);
    frames.push(file.subarray(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return frames;
}

const delimiter = Buffer.from([0, 0, 0, 1, 9]);

function accessUnits(file) {
  const units = [];
  for (let at = file.indexOf(delimiter); at >= 0;) {
    const next = file.indexOf(delimiter, at + 1);
    units.push(file.subarray(at, next < 0 ? file.length : next));
    at = next;
  }
  return units;
}

/** The NAL units of Annex B. */
export function nalUnits(frame) {
  const units = [];
  const code = Buffer.from([0, 0, 1]);
  for (let at = frame.indexOf(code); at >= 0;) {
    const next = frame.indexOf(code, at + 3);
    let end = next < 0 ? frame.length : next;
    while (end > at + 3 && frame[end - 1] === 0) end -= 1;
    units.push(frame.subarray(at + 3, end));
    at = next;
  }
  return units;
}

/** What MP4 has of frames of Annex B: AVCC, and the AVCDecoderConfigurationRecord. */
export function avccOf(frames) {
  const sets = frames.flatMap(nalUnits);
  const sps = sets.find((unit) => (unit[0] & 31) === 7);
  const pps = sets.find((unit) => (unit[0] & 31) === 8);
  const size = (unit) => Buffer.from([unit.length >> 8, unit.length & 255]);
  const description = Buffer.concat([
    Buffer.from([1, sps[1], sps[2], sps[3], 0xff, 0xe1]),
    ...[size(sps), sps, Buffer.from([1]), size(pps), pps],
  ]);
  const avcc = frames.map((frame) =>
    Buffer.concat(
      nalUnits(frame)
        .filter((unit) => ![7, 8, 9].includes(unit[0] & 31))
        .flatMap((unit) => {
          const length = Buffer.alloc(4);
          length.writeUInt32BE(unit.length);
          return [length, unit];
        }),
    ),
  );
  return { description, frames: avcc };
}

function oggPackets(file) {
  const packets = [];
  let open = [];
  for (let at = 0; at < file.length;) {
    const segments = file[at + 26];
    const table = file.subarray(at + 27, at + 27 + segments);
    at += 27 + segments;
    for (const length of table) {
      open.push(file.subarray(at, at + length));
      at += length;
      if (length < 255) {
        packets.push(Buffer.concat(open));
        open = [];
      }
    }
  }
  return packets;
}
