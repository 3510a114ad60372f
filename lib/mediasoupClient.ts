// What this package's declarations name of mediasoup-client, by its root: the only entry that every module resolution of
// TypeScript finds. At run time only what is needed is loaded, by entries of its own.
import { EnhancedEventEmitter as Emitter } from 'mediasoup-client/enhancedEvents';
import type { enhancedEvents, types } from 'mediasoup-client';

export const EnhancedEventEmitter: typeof enhancedEvents.EnhancedEventEmitter = Emitter;

export type ConnectionState = types.ConnectionState;
export type DtlsParameters = types.DtlsParameters;
export type DtlsRole = types.DtlsRole;
export type HandlerEvents = types.HandlerEvents;
/**
 * mediasoup-client's, for a Device of any of its versions: what these say of the options that a transport gives to its
 * handler differs, and an app may have another version than this package.
 */
export type HandlerFactory = Omit<types.HandlerFactory, 'factory'> & {
  /** Called by mediasoup-client, with its HandlerOptions. */
  factory: (options: unknown) => types.HandlerInterface;
};
export type HandlerInterface = types.HandlerInterface;
export type HandlerOptions = types.HandlerOptions;
export type HandlerReceiveDataChannelOptions = types.HandlerReceiveDataChannelOptions;
export type HandlerReceiveDataChannelResult = types.HandlerReceiveDataChannelResult;
export type HandlerReceiveOptions = types.HandlerReceiveOptions;
export type HandlerReceiveResult = types.HandlerReceiveResult;
export type HandlerSendDataChannelOptions = types.HandlerSendDataChannelOptions;
export type HandlerSendDataChannelResult = types.HandlerSendDataChannelResult;
export type HandlerSendOptions = types.HandlerSendOptions;
export type HandlerSendResult = types.HandlerSendResult;
export type IceCandidate = types.IceCandidate;
export type IceGatheringState = types.IceGatheringState;
export type IceParameters = types.IceParameters;
export type ProducerCodecOptions = types.ProducerCodecOptions;
export type RtcpFeedback = types.RtcpFeedback;
export type RtpCapabilities = types.RtpCapabilities;
export type RtpCodecCapability = types.RtpCodecCapability;
export type RtpCodecParameters = types.RtpCodecParameters;
export type RtpEncodingParameters = types.RtpEncodingParameters;
export type RtpHeaderExtensionUri = types.RtpHeaderExtensionUri;
export type RtpParameters = types.RtpParameters;
export type SctpParameters = types.SctpParameters;
export type SctpStreamParameters = types.SctpStreamParameters;
