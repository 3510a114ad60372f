import type { types as server } from 'mediasoup';
import type { Picture } from './picture.mjs';
import type { Room } from './room.mjs';
import type { Sound } from './tone.mjs';

/** The first `count` (5) pictures of a video producer, decoded by ffmpeg, scaled to width × height (160 × 120). */
export function decodePictures(
  room: Room,
  producer: string | { readonly id: string },
  options?: { count?: number; width?: number; height?: number; timeoutMs?: number },
): Promise<Picture[]>;

/** The size of the pictures of a video producer, decoded by ffmpeg, of one of its layers where `layers` names it. */
export function decodedSize(
  room: Room,
  producer: string | { readonly id: string },
  options?: { layers?: server.ConsumerLayers; timeoutMs?: number },
): Promise<{ width: number; height: number }>;

/** `seconds` (1) of the sound of an audio producer, decoded by ffmpeg, mono. */
export function decodeSound(
  room: Room,
  producer: string | { readonly id: string },
  options?: { seconds?: number; sampleRate?: number; channel?: number; timeoutMs?: number },
): Promise<Sound>;

/** An SDP that describes the one stream to a plain RTP receiver. */
export function sdpOf(
  rtpParameters: server.RtpParameters,
  kind: server.MediaKind,
  ip: string,
  port: number,
): string;
