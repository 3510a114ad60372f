export type CodedPictures = { frames: Buffer[]; key: boolean[]; fps: number };

/** Pictures of one colour, of `video/VP8`, `VP9`, `AV1` or `H264` (Annex B). Each second begins with a keyframe. */
export function codedPictures(
  mimeType: string,
  options?: { color?: string; seconds?: number },
): CodedPictures;

/** Packets of Opus, of 20 ms each, of a tone. */
export function codedSound(options?: { frequency?: number; seconds?: number }): Buffer[];

/** The NAL units of Annex B. */
export function nalUnits(frame: Buffer): Buffer[];

/** What MP4 has of frames of Annex B: AVCC, and the AVCDecoderConfigurationRecord. */
export function avccOf(frames: Buffer[]): { description: Buffer; frames: Buffer[] };
