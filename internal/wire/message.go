package wire

// Empty is a body without fields.
type Empty struct{}

// Handle is the reply of every method that makes something. Handles are
// generational numbers of at most 53 bits; 0 is the environment itself.
type Handle struct {
	Handle uint64 `json:"handle"`
}

// DevicesOptions opens the devices of the machine.
type DevicesOptions struct {
	// Watch asks for DevicesChanged when devices come and go.
	Watch bool `json:"watch"`
}

// DeviceList is the microphones and cameras that there are, the default of each
// kind first.
type DeviceList struct {
	Devices []DeviceInfo `json:"devices"`
}

// DeviceInfo is W3C's MediaDeviceInfo. ID is a value of a SourceSpec of type device.
type DeviceInfo struct {
	ID    string `json:"id"`
	Group string `json:"group"`
	// Kind is audioinput or videoinput.
	Kind  string `json:"kind"`
	Label string `json:"label"`
}

// WorkerOptions configures a worker.
type WorkerOptions struct {
	// LogLevel is one of debug, warn, error, none.
	LogLevel string `json:"logLevel"`
}

// WorkerState is what Worker.dump() tells.
type WorkerState struct {
	Pid      int           `json:"pid"`
	Players  []PlayerState `json:"players"`
	Handlers []PeerState   `json:"handlers"`
}

// PlayerState is one open source.
type PlayerState struct {
	ID         string      `json:"id"`
	AudioTrack *TrackState `json:"audioTrack,omitempty"`
	VideoTrack *TrackState `json:"videoTrack,omitempty"`
}

// TrackState is one track.
type TrackState struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	ReadyState string `json:"readyState"`
}

// PeerState is one peer connection.
type PeerState struct {
	ID                 string             `json:"id"`
	SignalingState     string             `json:"signalingState"`
	ICEConnectionState string             `json:"iceConnectionState"`
	ICEGatheringState  string             `json:"iceGatheringState"`
	ConnectionState    string             `json:"connectionState"`
	Transceivers       []TransceiverState `json:"transceivers"`
	// SendTransceivers are of what is sent, and of the last that was.
	SendTransceivers []SendTransceiverState `json:"sendTransceivers"`
	DataChannels     []ChannelInfo          `json:"dataChannels"`
}

// TransceiverState is what is sent or received of one track.
type TransceiverState struct {
	Mid       string `json:"mid"`
	Kind      string `json:"kind"`
	Direction string `json:"direction"`
	// Stopped is W3C's: never. What has ended is inactive.
	Stopped  bool       `json:"stopped"`
	LocalID  string     `json:"localId,omitempty"`
	Sender   TrackOfEnd `json:"sender"`
	Receiver TrackOfEnd `json:"receiver"`
}

// TrackOfEnd is one end of a transceiver: the id of its track, null where it has none.
type TrackOfEnd struct {
	TrackID *string `json:"trackId"`
}

// SendTransceiverState is a transceiver and the id of the track that it was made for.
type SendTransceiverState struct {
	Mid     string `json:"mid"`
	LocalID string `json:"localId"`
}

// ChannelInfo is one data channel of a peer connection.
type ChannelInfo struct {
	ID         int    `json:"id"`
	Label      string `json:"label"`
	ReadyState string `json:"readyState"`
}

// CapabilitiesQuery asks what can be sent (sendonly) or received (recvonly).
type CapabilitiesQuery struct {
	Direction string `json:"direction"`
}

// Capabilities are what can be sent or received.
type Capabilities struct {
	Codecs           []CodecCapability     `json:"codecs"`
	HeaderExtensions []ExtensionCapability `json:"headerExtensions"`
}

// CodecCapability is a codec that can be sent or received, by its payload type.
type CodecCapability struct {
	Kind         string         `json:"kind"`
	Codec        Codec          `json:"codec"`
	PayloadType  uint8          `json:"payloadType"`
	RTCPFeedback []RTCPFeedback `json:"rtcpFeedback"`
}

// RTCPFeedback is feedback that goes with a codec (RFC 4585 section 4.2).
type RTCPFeedback struct {
	Type      string `json:"type"`
	Parameter string `json:"parameter"`
}

// ExtensionCapability is a header extension that can be written or read, by its number.
type ExtensionCapability struct {
	Kind string `json:"kind"`
	URI  string `json:"uri"`
	ID   uint8  `json:"id"`
}

// HeaderExtension is an RTP header extension and its number (RFC 8285).
type HeaderExtension struct {
	URI string `json:"uri"`
	ID  int    `json:"id"`
}

// RTPParameters are what was agreed on for the streams of one track.
type RTPParameters struct {
	Mid         string `json:"mid" most:"255"`
	Codec       Codec  `json:"codec"`
	PayloadType uint8  `json:"payloadType"`
	// RTXPayloadType is that of retransmissions (RFC 4588); unset is none.
	RTXPayloadType   uint8             `json:"rtxPayloadType,omitempty"`
	HeaderExtensions []HeaderExtension `json:"headerExtensions"`
	RTCPFeedback     []RTCPFeedback    `json:"rtcpFeedback"`
}

// RTPStream is the SSRC of a stream, and that of its retransmissions, if it has any.
type RTPStream struct {
	SSRC    uint32 `json:"ssrc"`
	RTXSSRC uint32 `json:"rtxSsrc,omitempty"`
}

// SourceSpec names a source. Sources of one worker with the same type, value,
// format, options and flags are one source.
type SourceSpec struct {
	// Type is file, url or device.
	Type    string            `json:"type"`
	Value   string            `json:"value"`
	Format  string            `json:"format,omitempty"`
	Options map[string]string `json:"options,omitempty"`
	Loop    bool              `json:"loop"`
	// Decode is unset to choose, false to force passthrough, true to force transcoding.
	Decode *bool `json:"decode,omitempty"`
	// Hardware is to encode pictures, where there is some. It is the new tracks' own: sources differ by all else.
	Hardware bool `json:"hardware,omitempty"`
	// Constraints choose the device and its options, if there are any.
	Constraints []Constraint `json:"constraints,omitempty"`
	// Timeout to open, in milliseconds; 0 is the default.
	Timeout int `json:"timeout,omitempty"`
	// Audio and Video say which tracks are wanted.
	Audio bool `json:"audio"`
	Video bool `json:"video"`
	// TrackID is of the new track, if one is wanted; it has one of its own else.
	TrackID string `json:"trackId,omitempty"`
}

// Constraint is a member of W3C's MediaTrackConstraints: what a number is to be, or
// an id, of which any that is listed will do.
type Constraint struct {
	Name     string   `json:"name"`
	Exact    *float64 `json:"exact,omitempty"`
	Ideal    *float64 `json:"ideal,omitempty"`
	Min      *float64 `json:"min,omitempty"`
	Max      *float64 `json:"max,omitempty"`
	ExactIDs []string `json:"exactIds,omitempty"`
	IdealIDs []string `json:"idealIds,omitempty"`
}

// OpenedSource is what WorkerOpenSource opened: new tracks of a source.
type OpenedSource struct {
	PlayerID string       `json:"playerId"`
	Audio    *OpenedTrack `json:"audio,omitempty"`
	Video    *OpenedTrack `json:"video,omitempty"`
}

// OpenedTrack is a track that belongs to the caller until TrackStop.
type OpenedTrack struct {
	Handle uint64 `json:"handle"`
	ID     string `json:"id"`
}

// CloneOptions are of a track that TrackClone makes.
type CloneOptions struct {
	// TrackID is the app's.
	TrackID string `json:"trackId"`
}

// TrackEnabled is W3C's MediaStreamTrack.enabled.
type TrackEnabled struct {
	Enabled bool `json:"enabled"`
}

// CodecQuery asks in which codecs a track can be sent.
type CodecQuery struct {
	Codecs []Codec `json:"codecs"`
	// Simulcast is sent in several encodings.
	Simulcast bool `json:"simulcast"`
}

// Codec is a negotiated codec (RFC 8866 rtpmap and fmtp).
type Codec struct {
	MimeType  string `json:"mimeType" most:"255"`
	ClockRate uint32 `json:"clockRate"`
	// Channels is 0 for video.
	Channels uint16 `json:"channels"`
	// Parameters is the fmtp line, "key=value;key=value".
	Parameters string `json:"parameters"`
}

// CodecAnswer tells for each Codec why the track can't be sent in it; empty is that it can.
type CodecAnswer struct {
	Reasons []string `json:"reasons"`
}

// TrackReference names a track; null is none.
type TrackReference struct {
	Track *uint64 `json:"track"`
	// TrackIdentifier is the track's in stats.
	TrackIdentifier string `json:"trackIdentifier"`
}

// TrackEnd says why a track ended: stopped, eof, or an error.
type TrackEnd struct {
	Reason string `json:"reason"`
	Error  *Error `json:"error,omitempty"`
}

// ICEServer is W3C's RTCIceServer.
type ICEServer struct {
	URLs       []string `json:"urls" most:"16"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// ICEServers replaces those of PeerOptions.
type ICEServers struct {
	ICEServers []ICEServer `json:"iceServers" most:"32"`
}

// PeerOptions configures a peer connection.
type PeerOptions struct {
	ICEServers []ICEServer `json:"iceServers" most:"32"`
	// ICETransportPolicy is all or relay.
	ICETransportPolicy string `json:"iceTransportPolicy"`
	// Loopback says that the remote side has loopback candidates, so that
	// local loopback candidates are worth gathering.
	Loopback bool `json:"loopback"`
	// ICECandidatePoolSize above 0 gathers candidates at once: W3C RTCConfiguration.
	ICECandidatePoolSize int `json:"iceCandidatePoolSize,omitempty"`
	// ExcludedInterfaces are names of network interfaces that are not used.
	ExcludedInterfaces []string `json:"excludedInterfaces,omitempty"`
	// SRTPProfiles are offered, by their IANA names; empty offers the core's.
	SRTPProfiles []string `json:"srtpProfiles,omitempty"`
}

// Fingerprint is of a certificate (RFC 8122).
type Fingerprint struct {
	Algorithm string `json:"algorithm" most:"255"`
	Value     string `json:"value" most:"255"`
}

// Fingerprints are those of a peer's certificate.
type Fingerprints struct {
	Fingerprints []Fingerprint `json:"fingerprints"`
}

// ICEParameters are mediasoup's IceParameters.
type ICEParameters struct {
	UsernameFragment string `json:"usernameFragment" most:"256"`
	Password         string `json:"password" most:"256"`
	ICELite          bool   `json:"iceLite"`
}

// ICECandidate is mediasoup's IceCandidate.
type ICECandidate struct {
	Foundation string `json:"foundation" most:"255"`
	Priority   uint32 `json:"priority"`
	Address    string `json:"address" most:"255"`
	Protocol   string `json:"protocol" most:"255"`
	Port       uint16 `json:"port"`
	Type       string `json:"type" most:"255"`
	TCPType    string `json:"tcpType,omitempty" most:"255"`
}

// SCTP is the server's port, and the largest message that it takes, in bytes.
type SCTP struct {
	Port           uint16 `json:"port"`
	MaxMessageSize uint64 `json:"maxMessageSize"`
}

// Remote is the server's half of a connection.
type Remote struct {
	ICEParameters ICEParameters  `json:"iceParameters"`
	ICECandidates []ICECandidate `json:"iceCandidates" most:"64"`
	Fingerprints  []Fingerprint  `json:"fingerprints" most:"32"`
	// Role is the server's of DTLS: client or server.
	Role string `json:"role"`
	SCTP *SCTP  `json:"sctp,omitempty"`
}

// SenderOptions makes a sender of a track.
type SenderOptions struct {
	Kind string `json:"kind"`
	// Track is the handle of what is sent; null sends nothing yet.
	Track *uint64 `json:"track"`
	// TrackIdentifier is the track's in stats.
	TrackIdentifier string `json:"trackIdentifier"`
	// Encodings are of low quality first; none is one of defaults.
	Encodings []Encoding `json:"encodings"`
	// Held keeps a track that has a beginning from playing until SenderBegin.
	Held bool `json:"held,omitempty"`
}

// Sending tells of a sender that began to send whether its track waits for SenderBegin.
type Sending struct {
	Held bool `json:"held"`
}

// Sender is a sender and the streams of its encodings.
type Sender struct {
	Handle  uint64      `json:"handle"`
	Streams []RTPStream `json:"streams"`
}

// Encodings are those of a sender, in their order.
type Encodings struct {
	Encodings []Encoding `json:"encodings"`
}

// Encoding is the part of W3C's RTCRtpEncodingParameters that is used.
type Encoding struct {
	// RID names one of several.
	RID          string  `json:"rid,omitempty" most:"255"`
	Active       bool    `json:"active"`
	MaxBitrate   int     `json:"maxBitrate,omitempty"`
	MaxFramerate float64 `json:"maxFramerate,omitempty"`
	// ScaleResolutionDownBy is W3C's: 1 or more; 0 is 1.
	ScaleResolutionDownBy float64 `json:"scaleResolutionDownBy,omitempty"`
	// ScalabilityMode is W3C's, as in "L1T3"; "" is L1T1.
	ScalabilityMode string `json:"scalabilityMode,omitempty"`
}

// ReceiverOptions receives a stream.
type ReceiverOptions struct {
	Kind string `json:"kind"`
	// TrackIdentifier is the track's in stats.
	TrackIdentifier string        `json:"trackIdentifier"`
	Parameters      RTPParameters `json:"parameters"`
	Stream          RTPStream     `json:"stream"`
}

// Receiver is a receiver and its track.
type Receiver struct {
	Handle uint64 `json:"handle"`
	Track  uint64 `json:"track"`
}

// Paused stops (or goes on with) RTP without negotiation.
type Paused struct {
	Paused bool `json:"paused"`
}

// Stats is the content of a W3C RTCStatsReport; each entry has id, type and
// timestamp (milliseconds).
type Stats struct {
	Entries []map[string]any `json:"entries"`
}

// ChannelOptions is W3C's RTCDataChannelInit of a negotiated channel.
type ChannelOptions struct {
	Label             string  `json:"label" most:"65535"`
	Protocol          string  `json:"protocol" most:"65535"`
	ID                uint16  `json:"id"`
	Ordered           bool    `json:"ordered"`
	MaxPacketLifeTime *uint16 `json:"maxPacketLifeTime,omitempty"`
	MaxRetransmits    *uint16 `json:"maxRetransmits,omitempty"`
}

// Threshold is in bytes.
type Threshold struct {
	Bytes uint64 `json:"bytes"`
}

// State is the new state of a peer or a channel, by its W3C name.
type State struct {
	State string `json:"state"`
}

// IceCandidateError is W3C's RTCPeerConnectionIceErrorEvent.
type IceCandidateError struct {
	URL       string `json:"url"`
	ErrorCode int    `json:"errorCode"`
	ErrorText string `json:"errorText"`
}

// The levels of a LogLine.
const (
	LevelDebug = "debug"
	LevelWarn  = "warn"
	LevelError = "error"
)

// LogLine is one line of the core's log. Level is debug, warn or error.
type LogLine struct {
	Level   string `json:"level"`
	Scope   string `json:"scope"`
	Message string `json:"message"`
}

// Death is the recovered panic that ended a worker.
type Death struct {
	Message string `json:"message"`
	Stack   string `json:"stack"`
}
