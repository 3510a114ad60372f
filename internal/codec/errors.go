package codec

import "errors"

// What encoders and decoders fail with.
var (
	ErrUnknownCodec = errors.New("no encoder or decoder for this codec")
	ErrClosed       = errors.New("codec is closed")
	ErrInvalidInput = errors.New("input is not what the codec takes")
)
