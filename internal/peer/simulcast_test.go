package peer

import (
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/rtpwire"
)

// layeredTrack has a feed of its own for each size.
type layeredTrack struct {
	*fakeTrack
	mu    sync.Mutex
	sizes map[float64]*fakeTrack
}

func newLayeredTrack() *layeredTrack {
	return &layeredTrack{fakeTrack: newFakeTrack(media.Video), sizes: make(map[float64]*fakeTrack)}
}

func (t *layeredTrack) Attach(c media.Codec, settings media.EncodingSettings, s media.Sink) (media.Feed, error) {
	return t.size(settings.ScaleDownBy).Attach(c, settings, s)
}

func (t *layeredTrack) size(scale float64) *fakeTrack {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sizes[scale] == nil {
		t.sizes[scale] = newFakeTrack(media.Video)
	}

	return t.sizes[scale]
}

// arrived counts what the server got of a layer.
type arrived struct{ packets, reports int }

// layersByRid has a server take what comes as one does that knows nothing but rids.
func layersByRid(server *Peer, id uint8) (read func(rid string) arrived) {
	var mu sync.Mutex
	got := make(map[string]*arrived)
	known := make(map[uint32]bool)
	server.streams.takeStrays(func(packet []byte, _ time.Time) {
		header := rtp.Header{}
		if _, err := header.Unmarshal(packet); err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		rid := string(header.GetExtension(id))
		if got[rid] == nil {
			got[rid] = &arrived{}
		}
		layer, ssrc := got[rid], header.SSRC
		layer.packets++
		if known[ssrc] {
			return
		}
		known[ssrc] = true
		server.streams.take(ssrc, nil, func(packet []byte, _ time.Time) {
			packets, _ := rtcp.Unmarshal(packet)
			mu.Lock()
			defer mu.Unlock()
			for _, packet := range packets {
				if report, ok := packet.(*rtcp.SenderReport); ok && report.SSRC == ssrc {
					layer.reports++
				}
			}
		})
	})

	return func(rid string) arrived {
		mu.Lock()
		defer mu.Unlock()
		if got[rid] == nil {
			return arrived{}
		}

		return *got[rid]
	}
}

func TestLayersArriveByTheirRidsWithReports(t *testing.T) {
	p, server := newTestPeer(t), newTestServer(t)
	track := newLayeredTrack()
	rids := []string{"low", "high"}
	sender, err := p.AddSender(SenderOptions{
		Kind: media.Video, Track: track, Encodings: []Encoding{
			{RID: rids[0], Active: true, ScaleDownBy: 2}, {RID: rids[1], Active: true, ScaleDownBy: 1},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	parameters := parametersOf(media.Video, "0")
	got := layersByRid(server, parameters.extension(rtpwire.RidURI))
	connect(t, p, server)
	if err := sender.Send(parameters); err != nil {
		t.Fatal(err)
	}
	low, high := track.size(2), track.size(1)
	eventually(t, "both layers", func() bool { return low.feeds.Load() == 1 && high.feeds.Load() == 1 })

	first := time.Now()
	eventually(t, "reports of both", func() bool {
		frame := &media.EncodedFrame{Data: []byte{0x10, 2, 3, 4}, PTS: time.Since(first), Keyframe: true}
		low.write(frame)
		high.write(frame)
		for _, rid := range rids {
			if layer := got(rid); layer.reports == 0 || layer.packets == 0 {
				return false
			}
		}

		return true
	})
}

func TestKeyframesAreAskedOfOneLayer(t *testing.T) {
	p, server := newTestPeer(t), newTestServer(t)
	track := newLayeredTrack()
	sender, err := p.AddSender(SenderOptions{
		Kind: media.Video, Track: track, Encodings: []Encoding{
			{RID: "a", Active: true, ScaleDownBy: 2}, {RID: "b", Active: true, ScaleDownBy: 1},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	connect(t, p, server)
	if err := sender.Send(parametersOf(media.Video, "0")); err != nil {
		t.Fatal(err)
	}
	a, b := track.size(2), track.size(1)
	eventually(t, "both layers", func() bool { return a.feeds.Load() == 1 && b.feeds.Load() == 1 })
	before := []int32{a.keyframes.Load(), b.keyframes.Load()}
	eventually(t, "a keyframe to be asked for", func() bool {
		pli := &rtcp.PictureLossIndication{MediaSSRC: sender.layers[1].out.Counts().SSRC}
		// It fails until the server's side is connected too.
		_ = server.writeRTCP(pli)
		time.Sleep(5 * time.Millisecond)

		return b.keyframes.Load() > before[1]
	})
	if a.keyframes.Load() != before[0] {
		t.Error("the other layer was asked too")
	}
}

func TestEncodingsThatCannotBeToldApartAreRefused(t *testing.T) {
	p := newTestPeer(t)
	for name, options := range map[string]SenderOptions{
		"the same rid twice": {Kind: media.Video, Encodings: []Encoding{{RID: "a"}, {RID: "a"}}},
		"no rid":             {Kind: media.Video, Encodings: []Encoding{{RID: "a"}, {}}},
		"several of sound":   {Kind: media.Audio, Encodings: []Encoding{{RID: "a"}, {RID: "b"}}},
	} {
		if _, err := p.AddSender(options); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
