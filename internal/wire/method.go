// Package wire declares, once, every control message that crosses between
// JavaScript and Go. lib/wire.ts is generated from it (see gen/).
//
// Messages are JSON. Bytes (data channel messages) travel beside them, see
// frame.go. A message has a Method, a target handle (0 is the environment) and
// a body; its reply has a body or an Error.
package wire

import "reflect"

//go:generate go run ./gen -wire . -o ../../lib/wire.ts

// Method numbers a request. Numbers are stable inside one ABI version.
type Method uint32

// The methods, grouped by the kind of handle that they are called on.
const (
	MethodInvalid Method = iota

	// On the environment (handle 0).
	WorkerCreate
	EnvironmentDevices
	EnvironmentBuild

	// On the devices of the machine.
	DevicesList
	DevicesClose

	// On a worker.
	WorkerClose
	WorkerDump
	WorkerCapabilities
	WorkerOpenSource
	WorkerProbe
	WorkerCreatePeer
	WorkerOpenGenerator

	// On a track.
	TrackSetEnabled
	TrackStop
	TrackCheckCodecs

	// On a peer.
	PeerClose
	PeerFingerprints
	PeerConnect
	PeerRestartIce
	PeerSetIceServers
	PeerAddSender
	PeerAddReceiver
	PeerGetStats
	PeerCreateDataChannel

	// On a sender.
	SenderSend
	SenderBegin
	SenderStop
	SenderSetPaused
	SenderReplaceTrack
	SenderSetEncodings
	SenderGetStats

	// On a receiver.
	ReceiverStop
	ReceiverSetPaused
	ReceiverGetStats
	ReceiverWatchLevel

	// On a data channel.
	ChannelClose
	ChannelSetBufferedAmountLowThreshold

	// On what a worker opens: cancels it.
	OpeningClose

	// On a track: records it, and others.
	TrackRecord

	// On a recorder.
	RecorderPause
	RecorderResume
	RecorderRequestData
	RecorderStop

	// Of coded frames: on a worker, a coded track, a sender and a receiver.
	WorkerCreateCodedTrack
	CodedTrackRefusal
	SenderCreateEncodedStreams
	ReceiverCreateEncodedStreams

	// On a generator.
	GeneratorClear
	GeneratorDrained

	// On a track, and on what reads its frames.
	TrackRead
	ReaderClose

	// On a worker.
	WorkerGetMetrics

	// On a track: makes another of the same source.
	TrackClone

	// On the environment.
	EnvironmentReportCrashes
)

// Event numbers what Go tells JavaScript unasked.
type Event uint32

// The events, grouped by the kind of handle that they are about.
const (
	EventInvalid Event = iota

	// Of any handle: its last event. Nothing follows it.
	Closed

	// Of the devices of the machine.
	DevicesChanged

	// Of a worker.
	WorkerLog
	WorkerDied

	// Of a track.
	TrackEnded

	// Of a peer.
	PeerConnectionState
	PeerIceGatheringState
	PeerIceCandidateError

	// Of a receiver.
	ReceiverLevel
	ReceiverVoice

	// Of a data channel.
	ChannelState
	ChannelError
	ChannelBufferedAmountLow

	// Of what a worker opens: one of them.
	SourceOpened
	SourceProbed
	OpeningFailed

	// Of a recorder: the bytes before it are one piece; and its end.
	RecorderData
	RecorderStopped

	// Of a track of coded frames.
	CodedTrackKeyframe
	CodedTrackBitrate
	CodedTrackRoom

	// Of the encoded streams of a sender or receiver.
	EncodedStreamsFrame

	// Of a generator: there is room again; all that was written before a GeneratorDrained has been sent.
	GeneratorDrain
	GeneratorSent

	// Of what reads frames: there are some for who found none, and no more come.
	ReaderReady
	ReaderEnded
)

// Merges says of an event that only the newest matters where many wait for JavaScript. The others have bounded causes.
func (e Event) Merges() bool {
	switch e {
	case DevicesChanged, PeerConnectionState, PeerIceGatheringState, PeerIceCandidateError,
		ReceiverLevel, ReceiverVoice, ChannelError, ChannelBufferedAmountLow,
		CodedTrackKeyframe, CodedTrackBitrate, CodedTrackRoom, EncodedStreamsFrame, GeneratorDrain, ReaderReady:
		return true
	case EventInvalid, Closed, TrackEnded, ChannelState, SourceOpened, SourceProbed, OpeningFailed, RecorderStopped,
		WorkerDied, ReaderEnded:
		// Once of each handle, or as often as it has states.
		return false
	case RecorderData, GeneratorSent:
		// The former follows bytes, which wait for room; the latter answers the app.
		return false
	case WorkerLog:
		// Lines are left out where they don't fit.
		return false
	}

	return false
}

// MethodSpec ties a method to its name in lib/wire.ts and to its bodies.
type MethodSpec struct {
	Method Method
	Name   string
	Params reflect.Type
	Result reflect.Type
}

// EventSpec ties an event to its name in lib/wire.ts and to its body.
type EventSpec struct {
	Event Event
	Name  string
	Body  reflect.Type
}

func method[P, R any](m Method, name string) MethodSpec {
	return MethodSpec{m, name, reflect.TypeFor[P](), reflect.TypeFor[R]()}
}

func event[B any](e Event, name string) EventSpec {
	return EventSpec{e, name, reflect.TypeFor[B]()}
}

// Methods lists every method, in the order of its number.
func Methods() []MethodSpec {
	return []MethodSpec{
		method[WorkerOptions, Handle](WorkerCreate, "WorkerCreate"),
		method[DevicesOptions, Handle](EnvironmentDevices, "EnvironmentDevices"),
		method[Empty, Build](EnvironmentBuild, "EnvironmentBuild"),
		method[Empty, DeviceList](DevicesList, "DevicesList"),
		method[Empty, Empty](DevicesClose, "DevicesClose"),
		method[Empty, Empty](WorkerClose, "WorkerClose"),
		method[Empty, WorkerState](WorkerDump, "WorkerDump"),
		method[CapabilitiesQuery, Capabilities](WorkerCapabilities, "WorkerCapabilities"),
		method[SourceSpec, Handle](WorkerOpenSource, "WorkerOpenSource"),
		method[ProbeQuery, Handle](WorkerProbe, "WorkerProbe"),
		method[PeerOptions, Handle](WorkerCreatePeer, "WorkerCreatePeer"),
		method[GeneratorOptions, Generator](WorkerOpenGenerator, "WorkerOpenGenerator"),
		method[TrackEnabled, Empty](TrackSetEnabled, "TrackSetEnabled"),
		method[Empty, Empty](TrackStop, "TrackStop"),
		method[CodecQuery, CodecAnswer](TrackCheckCodecs, "TrackCheckCodecs"),
		method[Empty, Empty](PeerClose, "PeerClose"),
		method[Empty, Fingerprints](PeerFingerprints, "PeerFingerprints"),
		method[Remote, Empty](PeerConnect, "PeerConnect"),
		method[ICEParameters, Empty](PeerRestartIce, "PeerRestartIce"),
		method[ICEServers, Empty](PeerSetIceServers, "PeerSetIceServers"),
		method[SenderOptions, Sender](PeerAddSender, "PeerAddSender"),
		method[ReceiverOptions, Receiver](PeerAddReceiver, "PeerAddReceiver"),
		method[Empty, Stats](PeerGetStats, "PeerGetStats"),
		method[ChannelOptions, Handle](PeerCreateDataChannel, "PeerCreateDataChannel"),
		method[RTPParameters, Sending](SenderSend, "SenderSend"),
		method[Empty, Empty](SenderBegin, "SenderBegin"),
		method[Empty, Empty](SenderStop, "SenderStop"),
		method[Paused, Empty](SenderSetPaused, "SenderSetPaused"),
		method[TrackReference, Empty](SenderReplaceTrack, "SenderReplaceTrack"),
		method[Encodings, Empty](SenderSetEncodings, "SenderSetEncodings"),
		method[Empty, Stats](SenderGetStats, "SenderGetStats"),
		method[Empty, Empty](ReceiverStop, "ReceiverStop"),
		method[Paused, Empty](ReceiverSetPaused, "ReceiverSetPaused"),
		method[Empty, Stats](ReceiverGetStats, "ReceiverGetStats"),
		method[LevelWatch, Empty](ReceiverWatchLevel, "ReceiverWatchLevel"),
		method[Empty, Empty](ChannelClose, "ChannelClose"),
		method[Threshold, Empty](ChannelSetBufferedAmountLowThreshold, "ChannelSetBufferedAmountLowThreshold"),
		method[Empty, Empty](OpeningClose, "OpeningClose"),
		method[RecorderOptions, Recording](TrackRecord, "TrackRecord"),
		method[Empty, Empty](RecorderPause, "RecorderPause"),
		method[Empty, Empty](RecorderResume, "RecorderResume"),
		method[Empty, Empty](RecorderRequestData, "RecorderRequestData"),
		method[Empty, Empty](RecorderStop, "RecorderStop"),
		method[CodedTrackOptions, OpenedTrack](WorkerCreateCodedTrack, "WorkerCreateCodedTrack"),
		method[Empty, Refusal](CodedTrackRefusal, "CodedTrackRefusal"),
		method[Empty, Handle](SenderCreateEncodedStreams, "SenderCreateEncodedStreams"),
		method[Empty, Handle](ReceiverCreateEncodedStreams, "ReceiverCreateEncodedStreams"),
		method[Empty, Empty](GeneratorClear, "GeneratorClear"),
		method[Empty, Empty](GeneratorDrained, "GeneratorDrained"),
		method[ReaderOptions, Handle](TrackRead, "TrackRead"),
		method[Empty, Empty](ReaderClose, "ReaderClose"),
		method[Empty, Metrics](WorkerGetMetrics, "WorkerGetMetrics"),
		method[CloneOptions, OpenedTrack](TrackClone, "TrackClone"),
		method[CrashFile, CrashReports](EnvironmentReportCrashes, "EnvironmentReportCrashes"),
	}
}

// Events lists every event, in the order of its number.
func Events() []EventSpec {
	return []EventSpec{
		event[Empty](Closed, "Closed"),
		event[Empty](DevicesChanged, "DevicesChanged"),
		event[LogLine](WorkerLog, "WorkerLog"),
		event[Death](WorkerDied, "WorkerDied"),
		event[TrackEnd](TrackEnded, "TrackEnded"),
		event[State](PeerConnectionState, "PeerConnectionState"),
		event[State](PeerIceGatheringState, "PeerIceGatheringState"),
		event[IceCandidateError](PeerIceCandidateError, "PeerIceCandidateError"),
		event[Level](ReceiverLevel, "ReceiverLevel"),
		event[Voice](ReceiverVoice, "ReceiverVoice"),
		event[State](ChannelState, "ChannelState"),
		event[Error](ChannelError, "ChannelError"),
		event[Empty](ChannelBufferedAmountLow, "ChannelBufferedAmountLow"),
		event[OpenedSource](SourceOpened, "SourceOpened"),
		event[Probe](SourceProbed, "SourceProbed"),
		event[Error](OpeningFailed, "OpeningFailed"),
		event[Empty](RecorderData, "RecorderData"),
		event[RecorderEnd](RecorderStopped, "RecorderStopped"),
		event[Empty](CodedTrackKeyframe, "CodedTrackKeyframe"),
		event[Bitrate](CodedTrackBitrate, "CodedTrackBitrate"),
		event[Empty](CodedTrackRoom, "CodedTrackRoom"),
		event[Empty](EncodedStreamsFrame, "EncodedStreamsFrame"),
		event[Empty](GeneratorDrain, "GeneratorDrain"),
		event[Empty](GeneratorSent, "GeneratorSent"),
		event[Empty](ReaderReady, "ReaderReady"),
		event[ReaderEnd](ReaderEnded, "ReaderEnded"),
	}
}
