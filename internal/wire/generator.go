package wire

// GeneratorOptions makes a track of what the app writes.
type GeneratorOptions struct {
	// Kind is audio or video.
	Kind string `json:"kind"`
	// TrackID is of its track.
	TrackID string `json:"trackId"`
	// Hardware is to encode pictures, where there is some.
	Hardware bool `json:"hardware,omitempty"`
}

// Generator is what frames are written to, and its track. It ends with the track.
type Generator struct {
	Handle   uint64      `json:"handle"`
	PlayerID string      `json:"playerId"`
	Track    OpenedTrack `json:"track"`
}
