export { createFactory } from './createFactory.js';
export { createWorker } from './createWorker.js';
export { Worker } from './Worker.js';
export type { HandlerDump, TrackDump, WorkerDump, WorkerEvents, WorkerSettings } from './Worker.js';
export type { WorkerLogLevel } from './WorkerCore.js';
export { AiortcMediaStream } from './AiortcMediaStream.js';
export type { AiortcMediaStreamEventMap, AiortcMediaStreamTrack } from './AiortcMediaStream.js';
export type { AiortcMediaStreamConstraints, AiortcMediaTrackConstraints } from './constraints.js';
export {
  AbortError,
  InvalidStateError,
  NetworkError,
  NotFoundError,
  NotSupportedError,
  OperationError,
  UnsupportedError,
  WorkerDiedError,
} from './errors.js';
export type { ErrorDetails } from './errors.js';
export { version } from './version.js';
