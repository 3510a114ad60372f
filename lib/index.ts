/**
 * mediasoup-client's handler for Node.js on a Go core: real audio, video and data channels in the Node.js process.
 *
 * Begin with {@link createFactory} or {@link createWorker}; {@link mediaDevices} opens microphones, cameras and
 * screens. Errors have a `name` of the web's and a stable `code`.
 *
 * @packageDocumentation
 */
export type { AdditionalSettings } from './AdditionalSettings.js';
export { createFactory } from './createFactory.js';
export type { FactoryOptions } from '../handler/factory.js';
export type { ForcedRtpExtensions } from '../handler/headerExtensions.js';
export { createWorker } from './createWorker.js';
export { Worker } from './Worker.js';
export type {
  DataChannelDump,
  HandlerDump,
  PlayerDump,
  TrackDump,
  SendTransceiverDump,
  TransceiverDump,
  WorkerDump,
  WorkerEvents,
  WorkerSettings,
} from './Worker.js';
export type {
  ProcessMetrics,
  ThreadMetrics,
  WorkerHandleCounts,
  WorkerMetrics,
  WorkerNetworkMetrics,
} from './WorkerMetrics.js';
export type { WorkerLogLevel } from './WorkerCore.js';
export { AiortcMediaStream } from './AiortcMediaStream.js';
export type {
  AiortcMediaStreamEventMap,
  AiortcMediaStreamTrack,
  AiortcMediaStreamTrackData,
} from './AiortcMediaStream.js';
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
export type { HardwareAcceleration } from './hardwareAcceleration.js';
export { AudioTrackGenerator } from './AudioTrackGenerator.js';
export { AudioData } from './frames/AudioData.js';
export type { AudioDataCopyToOptions, AudioDataInit } from './frames/AudioData.js';
export type { FrameMetadata } from './frames/head.js';
export type { PixelFormat, SampleFormat } from './frames/formats.js';
export type { VideoFrameColorSpace } from './frames/colorSpace.js';
export { VideoFrame } from './frames/VideoFrame.js';
export type {
  PlaneLayout,
  VideoFrameBufferInit,
  VideoFrameCopyToOptions,
  VideoFrameInit,
  VideoFramePlane,
  VideoFrameRect,
} from './frames/VideoFrame.js';
export { ImageCapture, grabFrame } from './grabFrame.js';
export type { GrabFrameOptions } from './grabFrame.js';
export { MediaStreamTrackProcessor } from './MediaStreamTrackProcessor.js';
export type { MediaStreamTrackProcessorInit } from './MediaStreamTrackProcessor.js';
export type { AudioReadOptions, TrackReadOptions, VideoReadOptions } from './readerOptions.js';
export { MediaDeviceInfo } from './MediaDeviceInfo.js';
export { BlobEvent, MediaRecorder, RecorderErrorEvent } from './MediaRecorder.js';
export type { Recordable, RecordingResult } from './MediaRecorder.js';
export type { MediaRecorderOptions } from './recorderOptions.js';
export { BitrateEstimateEvent, EncodedTrackGenerator } from './EncodedTrackGenerator.js';
export type {
  EncodedChunk,
  EncodedTrackGeneratorEventMap,
  EncodedTrackGeneratorInit,
} from './EncodedTrackGenerator.js';
export type { RTCInsertableStreams } from './EncodedStreams.js';
export { RTCEncodedAudioFrame, RTCEncodedVideoFrame } from './RTCEncodedFrame.js';
export type {
  RTCEncodedAudioFrameMetadata,
  RTCEncodedFrameMetadata,
  RTCEncodedVideoFrameMetadata,
} from './RTCEncodedFrame.js';
export { AudioLevelEvent, VoiceActivityEvent } from './audioLevels.js';
export { RTCDTMFSender } from './RTCDTMFSender.js';
export { RTCRtpReceiver } from './RTCRtpReceiver.js';
export type { RTCRtpReceiverEventMap } from './RTCRtpReceiver.js';
export type { SynchronizationSource } from './receivedSources.js';
export { RTCRtpSender } from './RTCRtpSender.js';
export type { LoadAdapter, LoadBot, LoadSession } from './LoadAdapter.js';
export { mediaDevices } from './mediaDevices.js';
export type { MediaDevices, MediaDevicesEventMap } from './mediaDevices.js';
export type { StatsEntry, StatsReport, StatsType } from './StatsReport.js';
export type {
  ConstrainRange,
  ConstrainValue,
  DeviceTrackConstraints,
  DisplayMediaConstraints,
  UserMediaConstraints,
} from './deviceConstraints.js';
export { VideoTrackGenerator } from './VideoTrackGenerator.js';
export type { VideoTrackGeneratorOptions } from './VideoTrackGenerator.js';
export { version } from './version.js';
