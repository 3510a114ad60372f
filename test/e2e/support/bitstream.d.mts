export type Change = (bytes: Uint8Array, clear: Uint8Array) => Promise<Uint8Array>;

export function changeFrame(
  mimeType: string,
  frame: Uint8Array,
  key: boolean,
  change: Change,
  back: boolean,
): Promise<Buffer>;
