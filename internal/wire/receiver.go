package wire

// LevelWatch asks a receiver how loud it is.
type LevelWatch struct {
	// Interval is the least time between two levels, in milliseconds; 0 asks for none.
	Interval int `json:"interval"`
	// Voice asks for where speech begins and ends.
	Voice bool `json:"voice"`
	// Threshold in -dBov: what is louder is taken for speech, of a sender that has never told of any.
	Threshold uint8 `json:"threshold"`
	// Hold is how long speech lasts after the last of it, in milliseconds.
	Hold int `json:"hold"`
}

// Level is how loud a receiver was since the last event (RFC 6464).
type Level struct {
	// Level is the loudest in -dBov, 0 to 127.
	Level uint8 `json:"level"`
	// Voice says that some of it was speech.
	Voice bool `json:"voice"`
	// RTPTimestamp is of the last packet; Timestamp, in milliseconds since 1970, is when it was told.
	RTPTimestamp uint32  `json:"rtpTimestamp"`
	Timestamp    float64 `json:"timestamp"`
}

// Voice tells that speech began, or ended, and when, in milliseconds since 1970.
type Voice struct {
	Active    bool    `json:"active"`
	Timestamp float64 `json:"timestamp"`
}
