import { AudioLevelEvent, VoiceActivityEvent, linearLevel } from './audioLevels.js';
import { ArgumentError, describe } from './errors.js';
import { hasListeners } from './listeners.js';
import type { RtpReceiver } from './RtpReceiver.js';
import { Event as WireEvent } from './wire.js';
import type { AnyEvent, LevelWatch as Asked } from './wire.js';

/** What can be chosen, each with its least, its most and its default. Pauses between words are shorter than the hold. */
const OPTIONS = {
  audioLevelInterval: [10, 10_000, 100],
  voiceActivityThreshold: [-127, 0, -50],
  voiceActivityHold: [0, 10_000, 500],
} as const;

type Option = keyof typeof OPTIONS;

/** Fires `audiolevel` and `voiceactivity` at a receiver, as the core tells. It is asked for what somebody listens to alone. */
export class LevelWatch {
  readonly #target: EventTarget;
  readonly #receiver: RtpReceiver;
  readonly #options = new Map<Option, number>();
  #asked: Asked | undefined;

  constructor(target: EventTarget, receiver: RtpReceiver) {
    this.#target = target;
    this.#receiver = receiver;
  }

  get(option: Option): number {
    return this.#options.get(option) ?? OPTIONS[option][2];
  }

  /** @throws TypeError unless `value` is an integer within what can be chosen. */
  set(option: Option, value: number): void {
    const [least, most] = OPTIONS[option];
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new ArgumentError(
        `${option}: expected an integer from ${least} to ${most}, got ${describe(value)}`,
      );
    }
    this.#options.set(option, value);
    this.update();
  }

  /** To be called when listeners come or go. */
  update(): void {
    const asked: Asked = {
      interval: this.#isHeard('audiolevel') ? this.get('audioLevelInterval') : 0,
      voice: this.#isHeard('voiceactivity'),
      threshold: -this.get('voiceActivityThreshold'),
      hold: this.get('voiceActivityHold'),
    };
    const isNothing = asked.interval === 0 && !asked.voice;
    const before = this.#asked;
    if (isNothing ? !before : before && isSame(before, asked)) return;
    this.#asked = isNothing ? undefined : asked;
    this.#receiver.watchLevel(asked, this.#tell);
  }

  #isHeard(type: string): boolean {
    return hasListeners(this.#target, type);
  }

  readonly #tell = (...[event, body]: AnyEvent): void => {
    if (event === WireEvent.ReceiverLevel) {
      const { level, voice, timestamp, rtpTimestamp } = body;
      this.#target.dispatchEvent(
        new AudioLevelEvent(linearLevel(level), voice, timestamp, rtpTimestamp),
      );
    } else if (event === WireEvent.ReceiverVoice) {
      this.#target.dispatchEvent(new VoiceActivityEvent(body.active, body.timestamp));
    }
    // Listeners that wanted to hear it once, or until a signal, may be gone.
    this.update();
  };
}

function isSame(one: Asked, other: Asked): boolean {
  return (
    one.interval === other.interval &&
    one.voice === other.voice &&
    one.threshold === other.threshold &&
    one.hold === other.hold
  );
}
