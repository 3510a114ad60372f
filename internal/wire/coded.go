package wire

// CodedTrackOptions makes a track of coded frames that the app writes.
type CodedTrackOptions struct {
	Kind     string `json:"kind"`
	MimeType string `json:"mimeType"`
	// Description is what an avcC box holds, in base64; unset is none.
	Description string `json:"description,omitempty" most:"131072"`
}

// Refusal is why the last frame that was written and refused was refused.
type Refusal struct {
	Reason string `json:"reason"`
}

// Bitrate is in bits a second.
type Bitrate struct {
	Bitrate int `json:"bitrate"`
}
