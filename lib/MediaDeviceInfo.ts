import type { DeviceInfo } from './wire.js';

/**
 * W3C's MediaDeviceInfo: a microphone or a camera.
 *
 * @see https://w3c.github.io/mediacapture-main/#device-info
 */
export class MediaDeviceInfo {
  /** What `device` and `deviceId` take: `pulse:NAME`, `alsa:NAME` or the path of a camera. */
  readonly deviceId: string;
  /** Equal for the devices of one piece of hardware. */
  readonly groupId: string;
  /** A microphone, or a camera. */
  readonly kind: 'audioinput' | 'videoinput';
  /** A name for people. */
  readonly label: string;

  /** @internal */
  constructor({ id, group, kind, label }: DeviceInfo) {
    this.deviceId = id;
    this.groupId = group;
    this.kind = kind === 'audioinput' ? 'audioinput' : 'videoinput';
    this.label = label;
  }

  /** The four members, for `JSON.stringify()`. */
  toJSON(): Pick<MediaDeviceInfo, 'deviceId' | 'groupId' | 'kind' | 'label'> {
    const { deviceId, groupId, kind, label } = this;
    return { deviceId, groupId, kind, label };
  }
}
