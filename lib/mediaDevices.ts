import type { AiortcMediaStream } from './AiortcMediaStream.js';
import { parseStreamConstraints } from './constraints.js';
import { fromDisplayMedia, parseUserMedia } from './deviceConstraints.js';
import type { DisplayMediaConstraints, UserMediaConstraints } from './deviceConstraints.js';
import { DeviceWatch, listDevices } from './DeviceWatch.js';
import { EventHandlers } from './EventHandlers.js';
import { hiddenWorkers } from './hiddenWorkers.js';
import { hasListeners } from './listeners.js';
import { Logger } from './Logger.js';
import { MediaDeviceInfo } from './MediaDeviceInfo.js';
import { openUserMedia } from './userMedia.js';

/** The events of {@link MediaDevices}. */
export interface MediaDevicesEventMap {
  /** Microphones or cameras came or went. */
  devicechange: Event;
}

type Handler = ((this: MediaDevices, event: Event) => unknown) | null;

const logger = new Logger('MediaDevices');

/**
 * W3C's MediaDevices, which needs no Worker. Its tracks can be sent by any transport, of a Worker
 * or of `createFactory()`; equal sources are opened once.
 *
 * @see https://w3c.github.io/mediacapture-main/#mediadevices
 */
export class MediaDevices extends EventTarget {
  readonly #handlers = new EventHandlers(this);
  #watch: DeviceWatch | undefined;

  /**
   * Opens microphones and cameras, or any source that a Worker's `getUserMedia()` opens.
   *
   * Of W3C's constraints, unknown ones are ignored, with a warning.
   *
   * @throws TypeError if a constraint is wrong, with its name.
   * @throws OverconstrainedError if no device meets what is required; `constraint` is its name.
   * @throws NotFoundError if there is no such device, with a list of those that there are.
   * @throws NotAllowedError if this process may not open it, NotReadableError if it is in use.
   */
  async getUserMedia(constraints?: UserMediaConstraints): Promise<AiortcMediaStream> {
    logger.debug('getUserMedia()');
    return await openUserMedia(hiddenWorkers, parseUserMedia(constraints));
  }

  /**
   * Records an X11 screen: the one of `DISPLAY`, or of `video.display`. `width` and `height` are
   * the part of it that is recorded, from its top left; without them all of it is.
   *
   * @throws TypeError, UnsupportedError or OverconstrainedError that names the constraint.
   * @throws NotFoundError if there is no X server.
   */
  async getDisplayMedia(constraints?: DisplayMediaConstraints): Promise<AiortcMediaStream> {
    logger.debug('getDisplayMedia()');
    return await openUserMedia(
      hiddenWorkers,
      parseStreamConstraints(fromDisplayMedia(constraints)),
    );
  }

  /** The microphones and cameras that there are, the default of each kind first. */
  async enumerateDevices(): Promise<MediaDeviceInfo[]> {
    logger.debug('enumerateDevices()');
    const devices = await listDevices();
    return devices.map((device) => new MediaDeviceInfo(device));
  }

  /** Fires when microphones or cameras come or go. Listening does not keep the process alive. */
  get ondevicechange(): Handler {
    return this.#handlers.get('devicechange');
  }

  /** `null` takes the handler away. */
  set ondevicechange(handler: Handler) {
    this.#handlers.set('devicechange', handler);
  }

  override addEventListener<K extends keyof MediaDevicesEventMap>(
    type: K,
    listener: (this: MediaDevices, event: MediaDevicesEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options);
    this.#watchIfHeard();
  }

  override removeEventListener<K extends keyof MediaDevicesEventMap>(
    type: K,
    listener: (this: MediaDevices, event: MediaDevicesEventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener, options);
    this.#watchIfHeard();
  }

  /** Devices are watched while somebody listens. */
  #watchIfHeard(): void {
    if (hasListeners(this, 'devicechange')) {
      this.#watch ??= new DeviceWatch(() => {
        this.dispatchEvent(new Event('devicechange'));
        // Listeners that wanted to hear it once are gone now.
        this.#watchIfHeard();
      });
    } else {
      this.#watch?.close();
      this.#watch = undefined;
    }
  }
}

/** W3C's `navigator.mediaDevices`. */
export const mediaDevices = new MediaDevices();
