package wire

// ProbeQuery asks what a source holds, and how it would be sent in codecs.
type ProbeQuery struct {
	Source SourceSpec `json:"source"`
	Codecs []Codec    `json:"codecs"`
}

// Probe is what a source holds.
type Probe struct {
	// Container is FFmpeg's name of its format.
	Container string `json:"container"`
	// Duration in seconds; unset where it isn't known.
	Duration *float64 `json:"duration,omitempty"`
	// Live sources come in real time.
	Live    bool           `json:"live"`
	Streams []ProbedStream `json:"streams"`
}

// ProbedStream is one stream of a source. What isn't known is left out.
type ProbedStream struct {
	Index int `json:"index"`
	// Kind is audio, video or other.
	Kind string `json:"kind"`
	// Codec, Profile and PixelFormat are FFmpeg's names.
	Codec       string  `json:"codec"`
	Profile     string  `json:"profile,omitempty"`
	PixelFormat string  `json:"pixelFormat,omitempty"`
	Width       int     `json:"width,omitempty"`
	Height      int     `json:"height,omitempty"`
	Framerate   float64 `json:"framerate,omitempty"`
	SampleRate  int     `json:"sampleRate,omitempty"`
	Channels    int     `json:"channels,omitempty"`
	// Bitrate in bits a second.
	Bitrate int `json:"bitrate,omitempty"`
	// Rotation is clockwise, in degrees.
	Rotation int `json:"rotation,omitempty"`
	// Played streams are those that a track is made of; the rest tells of these only.
	Played    bool `json:"played"`
	Decodable bool `json:"decodable"`
	// KeyframeInterval is the longest that was seen, in seconds, KeyframesKnown that it is
	// known to be that.
	KeyframeInterval float64 `json:"keyframeInterval,omitempty"`
	KeyframesKnown   bool    `json:"keyframesKnown"`
	// BFrames says that pictures are not coded in the order in which they are shown.
	BFrames bool        `json:"bFrames"`
	Ways    []ProbedWay `json:"ways"`
}

// ProbedWay is how a stream would be sent in a codec.
type ProbedWay struct {
	Codec Codec `json:"codec"`
	// Way is passthrough, transcode or none.
	Way string `json:"way"`
	// Reason why it does not pass through, and why nothing else is possible.
	Reason string `json:"reason,omitempty"`
}
