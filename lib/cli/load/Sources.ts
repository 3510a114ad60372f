// What bots send: one source for all of a thread, which is read, decoded and encoded once for all of them.
import type { types } from 'mediasoup-client';
import type { AiortcMediaStream, AiortcMediaTrackConstraints, Worker } from 'mediasoup-client-pion';
import { isUrl } from '../../sourceName.js';
import type { Settings } from './options.js';
import type { Role } from './shares.js';

const PATTERN = {
  video: 'testsrc2=size=640x360:rate=30',
  audio: 'sine=frequency=440:sample_rate=48000',
};

export class Sources {
  readonly #worker: Worker;
  readonly #settings: Settings;
  /** They keep the source open, and playing, whoever comes and goes. */
  readonly #open = new Map<types.MediaKind, AiortcMediaStream>();

  private constructor(worker: Worker, settings: Settings) {
    this.#worker = worker;
    this.#settings = settings;
  }

  /** @throws Error where nothing can be sent of what is wanted. */
  static async open(worker: Worker, settings: Settings): Promise<Sources> {
    const sources = new Sources(worker, settings);
    let reason: unknown;
    for (const kind of ['video', 'audio'] as const) {
      if (!settings[kind]) continue;
      try {
        sources.#open.set(kind, await sources.#stream(kind));
      } catch (error) {
        // A file may well have no sound, or nothing else.
        reason ??= error;
      }
    }
    if (sources.#open.size === 0 && reason) throw reason as Error;
    return sources;
  }

  get kinds(): types.MediaKind[] {
    return [...this.#open.keys()];
  }

  async track(kind: types.MediaKind): Promise<MediaStreamTrack> {
    const [track] = (await this.#stream(kind)).getTracks();
    if (!track) throw new Error(`there is no ${kind}`);
    return track;
  }

  /** @throws Error if the server has no such codec. */
  optionsOf(kind: types.MediaKind, role: Role, device: types.Device): types.ProducerOptions {
    const { audioCodec, simulcast, scalabilityMode, bitrate } = this.#settings;
    const name = kind === 'video' ? role.videoCodec : audioCodec;
    const mimeType = `${kind}/${name ?? ''}`;
    const codec = device.sendRtpCapabilities.codecs?.find(
      (one) => one.mimeType.toLowerCase() === mimeType,
    );
    if (name !== undefined && !codec) throw new Error(`the server takes no ${mimeType}`);
    const isPlain = simulcast === 1 && !scalabilityMode && bitrate === undefined;
    return {
      ...(codec ? { codec } : {}),
      ...(kind === 'audio' || isPlain
        ? {}
        : {
            encodings: Array.from({ length: simulcast }, (_, layer) => ({
              // Four times as many pixels, four times as much.
              ...(bitrate === undefined
                ? {}
                : { maxBitrate: Math.round((bitrate * 1000) / 4 ** (simulcast - 1 - layer)) }),
              ...(scalabilityMode ? { scalabilityMode } : {}),
            })),
          }),
    };
  }

  close(): void {
    for (const stream of this.#open.values()) {
      for (const track of stream.getTracks()) track.stop();
    }
    this.#open.clear();
  }

  #stream(kind: types.MediaKind): Promise<AiortcMediaStream> {
    const { file, decode } = this.#settings;
    const rest = decode === undefined ? {} : { decode };
    const constraint: AiortcMediaTrackConstraints =
      file === undefined
        ? { source: 'device', format: 'lavfi', device: PATTERN[kind] }
        : isUrl(file) && !/^file:/i.test(file)
          ? { source: 'url', url: file, loop: true, ...rest }
          : { source: 'file', file, loop: true, ...rest };
    return this.#worker.getUserMedia({ [kind]: constraint });
  }
}
