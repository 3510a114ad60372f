export type { AdditionalSettings } from './AdditionalSettings.js';
export { createFactory } from './createFactory.js';
export type { FactoryOptions } from '../handler/Handler.js';
export { createWorker } from './createWorker.js';
export { Worker } from './Worker.js';
export type { HandlerDump, TrackDump, WorkerDump, WorkerEvents, WorkerSettings } from './Worker.js';
export type { WorkerLogLevel } from './WorkerCore.js';
export { AiortcMediaStream } from './AiortcMediaStream.js';
export type { AiortcMediaStreamEventMap, AiortcMediaStreamTrack } from './AiortcMediaStream.js';
export type { AiortcMediaStreamConstraints, AiortcMediaTrackConstraints } from './constraints.js';
export {
  AbortError,
  InvalidModificationError,
  InvalidStateError,
  NetworkError,
  NotAllowedError,
  NotFoundError,
  NotReadableError,
  NotSupportedError,
  OperationError,
  OverconstrainedError,
  TimeoutError,
  UnsupportedError,
  WorkerDiedError,
} from './errors.js';
export type { ErrorDetails } from './errors.js';
export { MediaDeviceInfo } from './MediaDeviceInfo.js';
export { RTCRtpReceiver } from './RTCRtpReceiver.js';
export { RTCRtpSender } from './RTCRtpSender.js';
export { mediaDevices } from './mediaDevices.js';
export type { MediaDevices, MediaDevicesEventMap } from './mediaDevices.js';
export type {
  ConstrainValue,
  DeviceTrackConstraints,
  DisplayMediaConstraints,
  UserMediaConstraints,
} from './deviceConstraints.js';
export { version } from './version.js';
