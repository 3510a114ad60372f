package rtpwire

import "errors"

// MimeTypeMultiopus is libwebrtc's name for Opus of more than two channels, each shape
// of which is a codec of its own. Its channels are in Vorbis' order (RFC 7845 section 5.1.1.2).
const MimeTypeMultiopus = "audio/multiopus"

// ErrUnsupportedCodec is of a codec that can't be sent or received.
var ErrUnsupportedCodec = errors.New("no supported codec was negotiated")
