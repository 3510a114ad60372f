package wire

// RecorderOptions records tracks of any workers: the recorder is of that of the track it is asked of.
type RecorderOptions struct {
	// Tracks are those that are recorded, in their order in the file.
	Tracks []uint64 `json:"tracks"`
	// Container is webm, matroska, mp4, hls, ogg or wav.
	Container string `json:"container"`
	// Codecs are the MIME types that are preferred.
	Codecs []string `json:"codecs,omitempty"`
	// File is a path; without it the bytes come by events.
	File string `json:"file,omitempty"`
	// SegmentDuration in milliseconds is of hls: File is its playlist.
	SegmentDuration int `json:"segmentDuration,omitempty"`
	// VideoBitrate and AudioBitrate in bits a second are of what is encoded for it.
	VideoBitrate int `json:"videoBitrate,omitempty"`
	AudioBitrate int `json:"audioBitrate,omitempty"`
}

// Recording is what was begun.
type Recording struct {
	Handle uint64 `json:"handle"`
	// Codecs are the MIME types of what is written, in the order of the tracks; audio/L16 is PCM.
	Codecs []string `json:"codecs"`
}

// RecorderEnd is how a recording ended.
type RecorderEnd struct {
	Error *Error `json:"error,omitempty"`
	// Frames were written, Dropped could not be written fast enough, Lost did not come whole, and OmittedTracks delivered too late.
	Frames        uint64 `json:"frames"`
	Dropped       uint64 `json:"dropped"`
	OmittedTracks uint64 `json:"omittedTracks"`
	Lost          uint64 `json:"lost"`
	// Duration in seconds.
	Duration float64 `json:"duration"`
}
