package wire

// Limits that both sides know.
const (
	// MaxBody is the largest body of a request, in bytes.
	MaxBody = 1 << 20
	// MaxText in bytes, and MaxList, are the longest texts and lists of a request, unless a tag of a member says another
	// number: most.
	MaxText = 64 << 10
	MaxList = 256
	// MaxWords is the longest message, and cause, of an Error, in bytes.
	MaxWords = 4 << 10
	// MaxRequests of an environment are under way: not answered, or their answers not read.
	MaxRequests = 1 << 17
	// MaxRequestBytes are their bodies, and answers that were not read.
	MaxRequestBytes = 64 << 20
	// MaxHandles of an environment are open when another is asked for.
	MaxHandles = 1 << 17
)

// LimitSpec ties a limit to its name in lib/wire.ts.
type LimitSpec struct {
	Name  string
	Limit int
}

// Limits lists those that JavaScript knows.
func Limits() []LimitSpec {
	return []LimitSpec{
		{"Body", MaxBody},
		{"Text", MaxText},
		{"Requests", MaxRequests},
		{"RequestBytes", MaxRequestBytes},
		{"Handles", MaxHandles},
	}
}

// Ends says of a method that it ends its target: it is taken however many others are under way.
func (m Method) Ends() bool {
	switch m {
	case DevicesClose, WorkerClose, TrackStop, PeerClose, SenderStop, ReceiverStop, ChannelClose, OpeningClose,
		RecorderStop, ReaderClose:
		return true
	default:
		return false
	}
}

// Makes says of a method that it makes handles.
func (m Method) Makes() bool {
	switch m {
	case WorkerCreate, EnvironmentDevices, WorkerOpenSource, WorkerProbe, WorkerCreatePeer, WorkerOpenGenerator,
		PeerAddSender, PeerAddReceiver, PeerCreateDataChannel, TrackRecord, WorkerCreateCodedTrack,
		SenderCreateEncodedStreams, ReceiverCreateEncodedStreams, TrackRead, TrackClone:
		return true
	default:
		return false
	}
}
