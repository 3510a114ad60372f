package wire

// ReaderOptions is how the frames of a track are to be; 0 is as they are.
type ReaderOptions struct {
	// Room is how many frames wait.
	Room int `json:"room,omitempty"`
	// PixelFormat and SampleFormat are numbers of package frames.
	Width        int     `json:"width,omitempty"`
	Height       int     `json:"height,omitempty"`
	PixelFormat  int     `json:"pixelFormat,omitempty"`
	MaxFrameRate float64 `json:"maxFrameRate,omitempty"`

	SampleRate       int `json:"sampleRate,omitempty"`
	NumberOfChannels int `json:"numberOfChannels,omitempty"`
	SampleFormat     int `json:"sampleFormat,omitempty"`
	// FrameDuration in µs.
	FrameDuration float64 `json:"frameDuration,omitempty"`
}

// ReaderEnd tells that no more frames come. Without an Error that is the track's normal end.
type ReaderEnd struct {
	Error *Error `json:"error,omitempty"`
}
