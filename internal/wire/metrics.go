package wire

// Metrics is what Worker.getMetrics() tells.
type Metrics struct {
	Worker  WorkerMetrics  `json:"worker"`
	Thread  ThreadMetrics  `json:"thread"`
	Process ProcessMetrics `json:"process"`
}

// WorkerMetrics are of one worker.
type WorkerMetrics struct {
	Handles HandleCounts `json:"handles"`
	// Sources are those that are open.
	Sources int            `json:"sources"`
	Network NetworkMetrics `json:"network"`
	// FramesDropped were not taken in time from readers, since the worker's beginning.
	FramesDropped uint64 `json:"framesDropped"`
	// LogLinesDropped were too many, or came faster than JavaScript takes them.
	LogLinesDropped uint64 `json:"logLinesDropped"`
}

// HandleCounts are handles of workers by what they stand for.
type HandleCounts struct {
	Transports     int `json:"transports"`
	Senders        int `json:"senders"`
	Receivers      int `json:"receivers"`
	DataChannels   int `json:"dataChannels"`
	Tracks         int `json:"tracks"`
	Readers        int `json:"readers"`
	Generators     int `json:"generators"`
	Recorders      int `json:"recorders"`
	EncodedStreams int `json:"encodedStreams"`
	Openings       int `json:"openings"`
}

// NetworkMetrics are of a worker's transports, and, but for Sockets, of those that have ended.
type NetworkMetrics struct {
	Sockets         int    `json:"sockets"`
	PacketsSent     uint64 `json:"packetsSent"`
	BytesSent       uint64 `json:"bytesSent"`
	PacketsReceived uint64 `json:"packetsReceived"`
	BytesReceived   uint64 `json:"bytesReceived"`
	PacketsDropped  uint64 `json:"packetsDropped"`
}

// ThreadMetrics are of one environment.
type ThreadMetrics struct {
	Workers int          `json:"workers"`
	Handles HandleCounts `json:"handles"`
	// Requests were not answered yet, without that for these numbers.
	Requests      int `json:"requests"`
	QueuedRecords int `json:"queuedRecords"`
	QueuedBytes   int `json:"queuedBytes"`
	// EventsMerged gave way to newer ones that say the same.
	EventsMerged   int `json:"eventsMerged"`
	HeldFrames     int `json:"heldFrames"`
	HeldFrameBytes int `json:"heldFrameBytes"`
	LentPlanes     int `json:"lentPlanes"`
	LentPlaneBytes int `json:"lentPlaneBytes"`
}

// ProcessMetrics are Go's of the process.
type ProcessMetrics struct {
	Goroutines int    `json:"goroutines"`
	Threads    uint64 `json:"threads"`
	// HeapBytes are alive, or not yet collected; HeapGoalBytes is when they are next; MappedBytes is all of Go's memory.
	HeapBytes     uint64 `json:"heapBytes"`
	HeapObjects   uint64 `json:"heapObjects"`
	HeapGoalBytes uint64 `json:"heapGoalBytes"`
	MappedBytes   uint64 `json:"mappedBytes"`
	Collections   int64  `json:"collections"`
	// PauseSeconds is the sum of all, LongestPauseSeconds of one of the last 256.
	PauseSeconds        float64 `json:"pauseSeconds"`
	LongestPauseSeconds float64 `json:"longestPauseSeconds"`
}
