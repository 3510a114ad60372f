package media

import "errors"

// What tracks and feeds fail with.
var (
	ErrTrackEnded       = errors.New("track has ended")
	ErrCodecUnavailable = errors.New("track is not available in this codec")
	ErrScalabilityMode  = errors.New("unknown scalability mode")
)
