import { getEventListeners } from 'node:events';
import { AudioLevelEvent, VoiceActivityEvent, linearLevel } from './audioLevels.js';
import type { RtpReceiver } from './RtpReceiver.js';
import type { Level } from './wire.js';

/** How often the core tells how loud it is. */
const INTERVAL_MS = 100;

/** Pauses between words are shorter. A sender that says nothing of silence is silent then, too. */
const HOLD_MS = 500;

/** Fires `audiolevel` and `voiceactivity` at a receiver, while somebody listens. Nothing runs else. */
export class LevelWatch {
  readonly #target: EventTarget;
  readonly #receiver: RtpReceiver;
  #watching = false;
  #active = false;
  #hold: NodeJS.Timeout | undefined;

  constructor(target: EventTarget, receiver: RtpReceiver) {
    this.#target = target;
    this.#receiver = receiver;
    receiver.track.onEnded(() => {
      this.#end();
    });
  }

  /** To be called when listeners come or go. */
  watchIfHeard(): void {
    const heard = this.#isHeard('audiolevel') || this.#isHeard('voiceactivity');
    if (heard === this.#watching) return;
    this.#watching = heard;
    if (heard) {
      this.#receiver.watchLevel(INTERVAL_MS, (level) => {
        this.#onLevel(level);
      });
    } else {
      this.#receiver.watchLevel(0, undefined);
      clearTimeout(this.#hold);
      this.#active = false;
    }
  }

  #isHeard(type: string): boolean {
    return getEventListeners(this.#target, type).length > 0;
  }

  #onLevel({ level, voice, timestamp, rtpTimestamp }: Level): void {
    this.#target.dispatchEvent(
      new AudioLevelEvent(linearLevel(level), voice, timestamp, rtpTimestamp),
    );
    if (voice) {
      clearTimeout(this.#hold);
      this.#hold = setTimeout(() => {
        this.#end();
      }, HOLD_MS).unref();
      if (!this.#active) {
        this.#active = true;
        this.#target.dispatchEvent(new VoiceActivityEvent(true));
      }
    }
    // Listeners that wanted to hear it once are gone now.
    this.watchIfHeard();
  }

  #end(): void {
    clearTimeout(this.#hold);
    if (!this.#active) return;
    this.#active = false;
    this.#target.dispatchEvent(new VoiceActivityEvent(false));
  }
}
