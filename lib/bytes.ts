import { types } from 'node:util';

/** What holds bytes. Those of another realm (a vm context, as a test runner has) are fine. */
export type Bytes = ArrayBuffer | ArrayBufferView;

export function isBytes(value: unknown): value is Bytes {
  return types.isArrayBuffer(value) || ArrayBuffer.isView(value);
}

/**
 * The bytes that a buffer, or a view of whatever kind, holds now: none if it is detached or out of
 * its buffer's bounds.
 *
 * @see https://webidl.spec.whatwg.org/#dfn-get-buffer-source-copy
 */
export function bytesOf(source: Bytes): Uint8Array {
  const length = lengthOf(source);
  if (length === 0) return new Uint8Array();
  if (source instanceof Uint8Array) return source;
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, length)
    : new Uint8Array(source, 0, length);
}

/** In bytes. */
export function lengthOf(source: Bytes): number {
  try {
    return source.byteLength;
  } catch {
    // A DataView throws where the other views say 0.
    return 0;
  }
}
