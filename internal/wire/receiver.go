package wire

// LevelWatch asks a receiver how loud it is.
type LevelWatch struct {
	// Interval is the least time between two events, in milliseconds; 0 asks for none.
	Interval int `json:"interval"`
}

// Level is how loud a receiver was since the last event (RFC 6464).
type Level struct {
	// Level is the loudest in -dBov, 0 to 127.
	Level uint8 `json:"level"`
	// Voice says that the sender took some of it for voice.
	Voice bool `json:"voice"`
	// RTPTimestamp and Timestamp, in milliseconds since 1970, are of the last packet.
	RTPTimestamp uint32  `json:"rtpTimestamp"`
	Timestamp    float64 `json:"timestamp"`
}
