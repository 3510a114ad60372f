package sending

import (
	"fmt"

	"github.com/pion/randutil"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// Gate is the peer's way to SRTP: pion hands its session to an RTPSender alone, and
// what one RTPSender writes may be of any SSRC. So there is one, which sends no stream
// of its own. It could go if webrtc.DTLSTransport gave out its srtp.SessionSRTP.
type Gate struct {
	Bursts
	sender *webrtc.RTPSender
	writer webrtc.TrackLocalWriter
}

// Bursts let packets that are written right after each other leave together.
type Bursts interface {
	BeginBurst()
	EndBurst() (lost int)
}

// NewGate opens the way over a transport, which need not be up yet.
func NewGate(api *webrtc.API, transport *webrtc.DTLSTransport, bursts Bursts) (*Gate, error) {
	g := &Gate{Bursts: bursts}
	var err error
	if g.sender, err = api.NewRTPSender((*gateTrack)(g), transport); err != nil {
		return nil, fmt.Errorf("making the way to SRTP: %w", err)
	}
	encoding := webrtc.RTPEncodingParameters{}
	encoding.SSRC = webrtc.SSRC(randutil.NewMathRandomGenerator().Uint32())
	if err = g.sender.Send(webrtc.RTPSendParameters{Encodings: []webrtc.RTPEncodingParameters{encoding}}); err != nil {
		return nil, fmt.Errorf("opening the way to SRTP: %w", err)
	}

	return g, nil
}

// WriteRTP implements Way. Before DTLS is up it writes nothing.
func (g *Gate) WriteRTP(header *rtp.Header, payload []byte) (int, error) {
	return g.writer.WriteRTP(header, payload)
}

// Close ends the way: nothing is written any more.
func (g *Gate) Close() { _ = g.sender.Stop() }

// gateTrack is gate as webrtc.TrackLocal.
type gateTrack Gate

// Bind implements webrtc.TrackLocal.
func (t *gateTrack) Bind(context webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	t.writer = context.WriteStream()

	return context.CodecParameters()[0], nil
}

// Unbind implements webrtc.TrackLocal.
func (t *gateTrack) Unbind(webrtc.TrackLocalContext) error { return nil }

// ID implements webrtc.TrackLocal.
func (t *gateTrack) ID() string { return "gate" }

// RID implements webrtc.TrackLocal.
func (t *gateTrack) RID() string { return "" }

// StreamID implements webrtc.TrackLocal.
func (t *gateTrack) StreamID() string { return "gate" }

// Kind implements webrtc.TrackLocal.
func (t *gateTrack) Kind() webrtc.RTPCodecType { return webrtc.RTPCodecTypeAudio }
