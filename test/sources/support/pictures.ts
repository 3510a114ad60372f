// Pictures put together from RTP, apart from the package's own code, for ffmpeg to decode.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { PlainTap, RtpPacket } from '../../e2e/support/room.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'pictures-'));
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});

type Part = { data: Buffer; begins: boolean; isKeyframe: boolean };
export type Picture = { timestamp: number; data: Buffer };
export type LayeredCodec = 'VP8' | 'VP9' | 'AV1' | 'H264';

/** The VP8 payload descriptor (RFC 7741 section 4.2). */
function vp8Part(payload: Buffer): Part {
  const first = payload.readUInt8(0);
  let at = 1;
  if (first & 0x80) {
    const extension = payload.readUInt8(at++);
    if (extension & 0x80) at += payload.readUInt8(at) & 0x80 ? 2 : 1;
    if (extension & 0x40) at += 1;
    if (extension & 0x30) at += 1;
  }
  const begins = (first & 0x17) === 0x10;
  return { data: payload.subarray(at), begins, isKeyframe: begins && !(payload.readUInt8(at) & 1) };
}

/** The VP9 payload descriptor (RFC 9628 section 4.2). Each spatial layer begins anew. */
function vp9Part(payload: Buffer): Part {
  const first = payload.readUInt8(0);
  let at = 1;
  let spatial = 0;
  if (first & 0x80) at += payload.readUInt8(at) & 0x80 ? 2 : 1;
  if (first & 0x20) {
    spatial = (payload.readUInt8(at) >> 1) & 7;
    at += first & 0x10 ? 1 : 2;
  }
  if ((first & 0x50) === 0x50) while (payload.readUInt8(at++) & 1);
  if (first & 0x02) {
    const structure = payload.readUInt8(at++);
    if (structure & 0x10) at += 4 * ((structure >> 5) + 1);
    if (structure & 0x08) throw new Error('a picture group is not expected');
  }
  const begins = (first & 0x08) !== 0;
  const isKeyframe = begins && !(first & 0x40) && spatial === 0;
  return { data: payload.subarray(at), begins, isKeyframe };
}

/** The pictures of a codec between packets, the first of which is a keyframe's. */
function partsOf(codec: 'VP8' | 'VP9', packets: RtpPacket[]): Picture[] {
  const pictures: Picture[] = [];
  let parts: Buffer[] = [];
  for (const { payload, marker, timestamp } of packets) {
    const { data, begins } = codec === 'VP8' ? vp8Part(payload) : vp9Part(payload);
    if (begins) parts.push(data);
    else parts.push(Buffer.concat([parts.pop() ?? Buffer.alloc(0), data]));
    if (!marker) continue;
    pictures.push({ timestamp, data: superframe(parts) });
    parts = [];
  }
  return pictures;
}

/** Frames of VP9 with their index (VP9 bitstream specification, Annex B). */
function superframe(frames: Buffer[]): Buffer {
  if (frames.length < 2) return Buffer.concat(frames);
  const marker = Buffer.from([0xc0 | (3 << 3) | (frames.length - 1)]);
  const sizes = frames.map((frame) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(frame.length);
    return size;
  });
  return Buffer.concat([...frames, marker, ...sizes, marker]);
}

/** The type of the NAL unit that begins in a payload, undefined where one goes on (RFC 6184). */
function h264Type(payload: Buffer): number | undefined {
  const type = payload.readUInt8(0) & 0x1f;
  if (type === 24) return payload.readUInt8(3) & 0x1f;
  if (type !== 28) return type;
  const header = payload.readUInt8(1);
  return header & 0x80 ? header & 0x1f : undefined;
}

/** Access units of H264 in Annex B (RFC 6184 section 5.6 to 5.8). */
function h264Units(packets: RtpPacket[]): Picture[] {
  const startCode = Buffer.from([0, 0, 0, 1]);
  const pictures: Picture[] = [];
  let parts: Buffer[] = [];
  for (const { payload, marker, timestamp } of packets) {
    const first = payload.readUInt8(0);
    const type = first & 0x1f;
    if (type === 24) {
      for (let at = 1; at < payload.length; at += 2 + payload.readUInt16BE(at)) {
        parts.push(startCode, payload.subarray(at + 2, at + 2 + payload.readUInt16BE(at)));
      }
    } else if (type === 28) {
      const header = payload.readUInt8(1);
      if (header & 0x80) parts.push(startCode, Buffer.from([(first & 0xe0) | (header & 0x1f)]));
      parts.push(payload.subarray(2));
    } else {
      parts.push(startCode, payload);
    }
    if (!marker) continue;
    pictures.push({ timestamp, data: Buffer.concat(parts) });
    parts = [];
  }
  return pictures;
}

/** Temporal units of AV1, with delimiters and sizes (AV1 RTP section 4). */
function av1Units(packets: RtpPacket[]): Picture[] {
  const pictures: Picture[] = [];
  let units: Buffer[] = [];
  for (const { payload, marker, timestamp } of packets) {
    const header = payload.readUInt8(0);
    const count = (header >> 4) & 3;
    let at = 1;
    for (let index = 1; at < payload.length; index++) {
      let size = payload.length - at;
      if (count === 0 || index < count) [size, at] = leb128(payload, at);
      const element = payload.subarray(at, at + size);
      // Z: the first element goes on from the packet before.
      if (index === 1 && header & 0x80)
        units.push(Buffer.concat([units.pop() ?? element, element]));
      else units.push(element);
      at += size;
    }
    if (!marker) continue;
    pictures.push({
      timestamp,
      data: Buffer.concat([Buffer.from([0x12, 0]), ...units.map(sized)]),
    });
    units = [];
  }
  return pictures;
}

function leb128(data: Buffer, from: number): [value: number, at: number] {
  let value = 0;
  let at = from;
  for (let shift = 0; ; shift += 7) {
    const byte = data.readUInt8(at++);
    value += (byte & 0x7f) * 2 ** shift;
    if (!(byte & 0x80)) return [value, at];
  }
}

/** An open bitstream unit with the size that it has not on the network. */
function sized(unit: Buffer): Buffer {
  const header = unit.readUInt8(0);
  const length = header & 4 ? 2 : 1;
  const size = [];
  let rest = unit.length - length;
  do {
    size.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([
    Buffer.from([header | 2]),
    unit.subarray(1, length),
    Buffer.from(size),
    unit.subarray(length),
  ]);
}

function beginsKeyframe(codec: LayeredCodec, payload: Buffer): boolean {
  // A sequence parameter set.
  if (codec === 'H264') return h264Type(payload) === 7;
  // N: a new coded video sequence.
  if (codec === 'AV1') return (payload.readUInt8(0) & 0x88) === 0x08;
  return (codec === 'VP8' ? vp8Part(payload) : vp9Part(payload)).isKeyframe;
}

/** How many packets may come before one that is late. */
const MOST_AHEAD = 200;

/**
 * Resolves to the next `count` pictures of a tap, from a keyframe on. A tap that is read too late loses packets, which the
 * server knows nothing of: it begins again, then.
 */
export async function nextPictures(
  tap: PlainTap,
  codec: LayeredCodec,
  count: number,
  timeoutMs = 90_000,
): Promise<Picture[]> {
  const packets: RtpPacket[] = [];
  /** What has come, by sequence number, of what follows `packets`. */
  const ahead = new Map<number, RtpPacket>();
  let next = 0;
  let markers = 0;
  await new Promise<void>((resolve, reject) => {
    const again = setInterval(() => {
      if (packets.length === 0) tap.consumer.requestKeyFrame().catch(() => undefined);
    }, 1000);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      clearInterval(again);
      tap.off('packet', take);
      finish();
    };
    const timer = setTimeout(() => {
      settle(() => {
        reject(new Error(`${markers} of ${count} pictures of ${codec} within ${timeoutMs} ms`));
      });
    }, timeoutMs);
    const take = (packet: RtpPacket) => {
      if (packets.length === 0) {
        if (!beginsKeyframe(codec, packet.payload)) return;
        next = packet.sequenceNumber;
      }
      if (((packet.sequenceNumber - next) & 0xffff) < 0x8000) {
        ahead.set(packet.sequenceNumber, packet);
      }
      for (let one = ahead.get(next); one !== undefined; one = ahead.get(next)) {
        ahead.delete(next);
        next = (next + 1) & 0xffff;
        packets.push(one);
        if (one.marker && ++markers === count) {
          settle(resolve);
          return;
        }
      }
      if (ahead.size <= MOST_AHEAD) return;
      [packets.length, markers] = [0, 0];
      ahead.clear();
    };
    tap.on('packet', take);
    tap.consumer.requestKeyFrame().catch(() => undefined);
  });
  if (codec === 'H264') return h264Units(packets);
  return codec === 'AV1' ? av1Units(packets) : partsOf(codec, packets);
}

const FOURCC = { VP8: 'VP80', VP9: 'VP90', AV1: 'AV01' } as const;
const DECODERS = { VP8: 'libvpx', VP9: 'libvpx-vp9', AV1: 'libdav1d', H264: 'h264' } as const;

/** Pictures as an IVF file. */
function ivf(codec: keyof typeof FOURCC, pictures: Picture[]): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF');
  header.writeUInt16LE(32, 6);
  header.write(FOURCC[codec], 8);
  header.writeUInt32LE(90_000, 16);
  header.writeUInt32LE(1, 20);
  const frames = pictures.map(({ data, timestamp }) => {
    const frame = Buffer.alloc(12);
    frame.writeUInt32LE(data.length);
    frame.writeUInt32LE((timestamp - (pictures[0]?.timestamp ?? 0)) >>> 0, 4);
    return Buffer.concat([frame, data]);
  });
  return Buffer.concat([header, ...frames]);
}

/**
 * Decodes pictures by libvpx, dav1d or FFmpeg, which show the highest layer; resolves to the size
 * of each.
 */
export async function decodedSizes(codec: LayeredCodec, pictures: Picture[]): Promise<string[]> {
  const file = path.join(folder, `${Math.random()}.${codec === 'H264' ? 'h264' : 'ivf'}`);
  const data =
    codec === 'H264' ? Buffer.concat(pictures.map((one) => one.data)) : ivf(codec, pictures);
  await writeFile(file, data);
  const { stderr } = await promisify(execFile)('ffmpeg', [
    ...['-nostdin', '-hide_banner', '-c:v', DECODERS[codec], '-i', file],
    ...['-vf', 'showinfo', '-fps_mode', 'passthrough', '-f', 'null', '-'],
  ]);
  return [...stderr.matchAll(/showinfo.* n: *\d+ .* s:(\d+x\d+) /g)].map(([, size]) => size ?? '');
}
