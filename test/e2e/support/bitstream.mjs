// What servers and packets need of a coded frame stays as it is, the rest is replaced: by `change`, which gets what is
// between as bytes, with what stays before it.

/** @typedef {(bytes: Uint8Array, clear: Uint8Array) => Promise<Uint8Array>} Change */

/**
 * Changes a frame as docs/encoded-frames.md says for its codec.
 * @param {string} mimeType
 * @param {Uint8Array} frame
 * @param {boolean} key
 * @param {Change} change
 * @param {boolean} back whether the frame was changed before, and is to become what it was
 */
export async function changeFrame(mimeType, frame, key, change, back) {
  switch (mimeType) {
    case 'video/VP8':
      return await behind(frame, key ? 10 : 3, change);
    case 'video/VP9':
      return await behind(frame, key ? 10 : 1, change);
    case 'video/H264':
      return await h264(frame, change, back);
    case 'video/AV1':
      return await av1(frame, change);
    default:
      return await behind(frame, 1, change);
  }
}

async function behind(frame, length, change) {
  const clear = frame.subarray(0, length);
  return Buffer.concat([clear, await change(frame.subarray(length), clear)]);
}

/** Slices alone are changed: their first bytes say what they are. */
async function h264(frame, change, back) {
  const parts = [];
  for (const unit of units(frame)) {
    parts.push(Buffer.from([0, 0, 0, 1]));
    const type = unit[0] & 31;
    if (type !== 1 && type !== 5) {
      parts.push(unit);
      continue;
    }
    const clear = unit.subarray(0, 1);
    // A unit does not end in 0.
    const body = back ? unescaped(unit.subarray(1, -1)) : unit.subarray(1);
    const changed = await change(body, clear);
    parts.push(clear, ...(back ? [changed] : [escaped(changed), Buffer.from([0x80])]));
  }
  return Buffer.concat(parts);
}

function* units(frame) {
  const code = Buffer.from([0, 0, 1]);
  const bytes = Buffer.from(frame);
  for (let at = bytes.indexOf(code); at >= 0;) {
    const next = bytes.indexOf(code, at + 3);
    let end = next < 0 ? bytes.length : next;
    while (end > at + 4 && bytes[end - 1] === 0) end -= 1;
    yield bytes.subarray(at + 3, end);
    at = next;
  }
}

/** Emulation prevention (ITU-T H.264 7.4.1). */
function escaped(bytes) {
  const out = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(out);
}

function unescaped(bytes) {
  const out = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(out);
}

/** Frames and groups of tiles are changed, behind their first byte (AV1 5.3). */
async function av1(frame, change) {
  const parts = [];
  for (let at = 0; at < frame.length;) {
    const header = frame[at];
    const headerSize = header & 4 ? 2 : 1;
    let begin = at + headerSize;
    let end = frame.length;
    if (header & 2) {
      let size = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = frame[begin++];
        size |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      end = begin + size;
    }
    let body = frame.subarray(begin, end);
    const type = (header >> 3) & 15;
    if (type === 3 || type === 4 || type === 6) body = await behind(body, 1, change);
    const first = Buffer.from(frame.subarray(at, at + headerSize));
    first[0] |= 2;
    parts.push(first, leb128(body.length), body);
    at = end;
  }
  return Buffer.concat(parts);
}

function leb128(value) {
  const bytes = [];
  for (; value >= 128; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}
