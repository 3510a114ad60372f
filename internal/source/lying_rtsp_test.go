package source_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// liar is a server of RTSP whose SDP need not say what it sends.
type liar struct {
	address string
	sdp     string
	// sends are what is sent of each media, and counts how many frames that were, to all.
	sends  []sent
	counts []atomic.Int64
	// blocked lets nothing by UDP through.
	blocked bool
	// port is the only one to send to by UDP, unless 0.
	port int
}

// sent is what a media sends: frames again and again, one after every interval.
type sent struct {
	frames   [][]byte
	interval time.Duration
	// payloader makes one for a connection: it has a state.
	payloader func() rtp.Payloader
	// payload is its type, clock how many ticks of its timestamps are a second.
	payload uint8
	clock   uint32
	// after so many frames, of all connections, it is later instead.
	after int64
	later *sent
	// delay is before the first packet, and pace between the packets of a frame.
	delay, pace time.Duration
	// bare frames are packets.
	bare bool
}

func (l *liar) serve(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.address = listener.Addr().String()
	var all sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	t.Cleanup(func() {
		_ = listener.Close()
		mu.Lock()
		for _, conn := range conns {
			_ = conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			all.Go(func() {
				defer func() { _ = conn.Close() }()
				l.answer(conn)
			})
		}
	})
}

// answer answers a client until it leaves.
func (l *liar) answer(conn net.Conn) {
	done := make(chan struct{})
	var sending sync.WaitGroup
	defer sending.Wait()
	defer close(done)
	var writing sync.Mutex
	in := textproto.NewReader(bufio.NewReader(conn))
	var set []func(packet []byte) error
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		header, err := in.ReadMIMEHeader()
		if err != nil {
			return
		}
		method, rest, _ := strings.Cut(line, " ")
		more, body := "", ""
		switch method {
		case "OPTIONS":
			more = "Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
		case "DESCRIBE":
			body = l.sdp
			more = "Content-Type: application/sdp\r\nContent-Base: rtsp://" + l.address + "/live/\r\n"
		case "SETUP":
			address, _, _ := strings.Cut(rest, " ")
			_, number, _ := strings.Cut(address, "track")
			index, _ := strconv.Atoi(number)
			transport := header.Get("Transport")
			_, ports, udp := strings.Cut(transport, "client_port=")
			var send func(packet []byte) error
			if udp {
				first, _, _ := strings.Cut(ports, "-")
				if l.port != 0 && first != strconv.Itoa(l.port) {
					return
				}
				to, err := net.Dial("udp", net.JoinHostPort("127.0.0.1", first))
				if err != nil {
					return
				}
				defer func() { _ = to.Close() }()
				port := to.LocalAddr().(*net.UDPAddr).Port
				transport = fmt.Sprintf("RTP/AVP;unicast;client_port=%s;server_port=%d-%d", ports, port, port+1)
				send = func(packet []byte) error {
					if !l.blocked {
						_, _ = to.Write(packet)
					}
					return nil
				}
			} else {
				channel := byte(2 * index)
				transport = fmt.Sprintf("RTP/AVP/TCP;unicast;interleaved=%d-%d", channel, channel+1)
				send = func(packet []byte) error {
					writing.Lock()
					defer writing.Unlock()
					frame := binary.BigEndian.AppendUint16([]byte{'$', channel}, uint16(len(packet)))
					_, err := conn.Write(append(frame, packet...))
					return err
				}
			}
			for len(set) <= index {
				set = append(set, nil)
			}
			set[index] = send
			more = "Transport: " + transport + "\r\nSession: 1\r\n"
		case "PLAY":
			more = "Session: 1\r\n"
		}
		writing.Lock()
		_, err = fmt.Fprintf(conn, "RTSP/1.0 200 OK\r\nCSeq: %s\r\n%sContent-Length: %d\r\n\r\n%s", header.Get("CSeq"), more, len(body), body)
		writing.Unlock()
		if err != nil || method == "TEARDOWN" {
			return
		}
		if method == "PLAY" {
			for i, send := range set {
				if send != nil && i < len(l.sends) {
					sending.Go(func() { l.sends[i].run(done, send, &l.counts[i]) })
				}
			}
		}
	}
}

func (s sent) run(done <-chan struct{}, send func(packet []byte) error, count *atomic.Int64) {
	if len(s.frames) == 0 {
		return
	}
	pause := func(d time.Duration) bool {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return true
		case <-done:
			return false
		}
	}
	if !pause(s.delay) {
		return
	}
	sequence := rtp.NewFixedSequencer(1)
	packetizer := func(s sent) rtp.Packetizer {
		return rtp.NewPacketizer(1200, s.payload, 1234, s.payloader(), sequence, s.clock)
	}
	packets, later := packetizer(s), rtp.Packetizer(nil)
	begin := time.Now()
	for i := 0; ; i++ {
		if s.later != nil && count.Add(1) > s.after {
			if later == nil {
				later = packetizer(*s.later)
			}
			s.frames, packets = s.later.frames, later
		}
		frame := s.frames[i%len(s.frames)]
		if s.bare {
			if send(frame) != nil {
				return
			}
		} else {
			for _, packet := range packets.Packetize(frame, uint32(s.interval.Seconds()*float64(s.clock))) {
				raw, err := packet.Marshal()
				if err != nil || send(raw) != nil || !pause(s.pace) {
					return
				}
			}
		}
		// What is late is made up for, as its timestamps say.
		if !pause(time.Until(begin.Add(time.Duration(i+1) * s.interval))) {
			return
		}
	}
}

// raw is a payloader of what fits into a packet.
type raw struct{}

func (raw) Payload(_ uint16, payload []byte) [][]byte { return [][]byte{payload} }

// units are the access units of a coded stream, which begin with delimiters.
func units(t *testing.T, name string, delimiter []byte, parts ...[]string) (all [][]byte) {
	t.Helper()
	for _, unit := range bytes.SplitAfter(read(t, clip(t, name, parts...)), delimiter) {
		unit = append(bytes.Clone(delimiter), bytes.TrimSuffix(unit, delimiter)...)
		if len(unit) > len(delimiter) {
			all = append(all, unit)
		}
	}
	return all
}

// ivfFrames are those of an IVF file.
func ivfFrames(t *testing.T, name string, parts ...[]string) (all [][]byte) {
	t.Helper()
	rest := read(t, clip(t, name, parts...))[32:]
	for len(rest) > 12 {
		length := int(binary.LittleEndian.Uint32(rest))
		all = append(all, rest[12:12+length])
		rest = rest[12+length:]
	}
	return all
}

// truths are what liars send.
func truths(t *testing.T) map[string]sent {
	t.Helper()
	picture := func(size string) []string {
		return []string{"-f", "lavfi", "-i", "color=red:s=" + size + ":r=25", "-t", "2"}
	}
	small := picture("320x240")
	aud := []byte{0, 0, 0, 1, 0x09}
	video := func(frames [][]byte, payloader func() rtp.Payloader) sent {
		return sent{frames: frames, interval: 40 * time.Millisecond, payloader: payloader, payload: 96, clock: 90_000}
	}
	noise := make([]byte, 160)
	for i := range noise {
		noise[i] = byte(i * 37)
	}
	return map[string]sent{
		"h264": video(units(t, "liar.h264", aud, small, h264, []string{"-g", "25", "-bsf:v", "h264_metadata=aud=insert,filter_units=remove_types=6"}), func() rtp.Payloader { return &codecs.H264Payloader{} }),
		"h265": video(units(t, "liar.h265", []byte{0, 0, 0, 1, 0x46}, small,
			[]string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=25:bframes=0:repeat-headers=1", "-bsf:v", "hevc_metadata=aud=insert"}), func() rtp.Payloader { return &codecs.H265Payloader{} }),
		"vp8":   video(ivfFrames(t, "liar.ivf", small, []string{"-c:v", "libvpx", "-g", "25", "-deadline", "realtime"}), func() rtp.Payloader { return &codecs.VP8Payloader{EnablePictureID: true} }),
		"sound": {frames: [][]byte{noise}, interval: 20 * time.Millisecond, payloader: func() rtp.Payloader { return raw{} }, payload: 0, clock: 8000},
	}
}

// heardLog keeps warnings.
type heardLog struct {
	testLog
	mu    *sync.Mutex
	lines *[]string
}

func (l heardLog) Warnf(format string, args ...any) {
	l.testLog.Warnf(format, args...)
	l.mu.Lock()
	defer l.mu.Unlock()
	*l.lines = append(*l.lines, fmt.Sprintf(format, args...))
}

func (l heardLog) says(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(*l.lines, func(line string) bool { return strings.Contains(line, what) })
}

// sdpOf has a line of media, with attributes, for each of the given.
func sdpOf(all ...string) string {
	text := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=a\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
	for i, one := range all {
		text += strings.ReplaceAll(one, ";;", "\r\n") + fmt.Sprintf("\r\na=control:track%d\r\n", i)
	}
	return text
}

// A server of RTSP whose packets are others than it says: what can be played plays, and all else says why in its time.
func TestAnRTSPServerThatLiesPlaysOrIsToldOf(t *testing.T) {
	all := truths(t)
	with := func(name string, change func(s *sent)) sent {
		s := all[name]
		change(&s)
		return s
	}
	const (
		h264Told  = "m=video 0 RTP/AVP 96;;a=rtpmap:96 H264/90000;;a=fmtp:96 packetization-mode=1"
		h265Told  = "m=video 0 RTP/AVP 96;;a=rtpmap:96 H265/90000"
		vp8Told   = "m=video 0 RTP/AVP 96;;a=rtpmap:96 VP8/90000"
		soundTold = "m=audio 0 RTP/AVP 0"
		aacTold   = "m=audio 0 RTP/AVP 96;;a=rtpmap:96 mpeg4-generic/48000/2;;a=fmtp:96 mode=AAC-hbr;config=1190;sizeLength=13;indexLength=3;indexDeltaLength=3"
	)
	late := "took longer than"
	clock := func(rate string) []string { return []string{"m=video 0 RTP/AVP 96;;a=rtpmap:96 H264/" + rate} }
	h264Sent := []sent{all["h264"]}
	of97 := func(s *sent) { s.payload = 97 }
	dynamic := []sent{with("sound", func(s *sent) { s.payload = 96 })}
	// then sends one for two seconds, and from then on the other.
	then := func(one, other sent) sent {
		one.after, one.later = int64(2*time.Second/one.interval), &other
		return one
	}
	type outcome struct{ refused, ends, warns string }
	both := func(one outcome) [2]outcome { return [2]outcome{one, one} }
	refused := func(why string) [2]outcome { return both(outcome{refused: why}) }
	ends := func(why string) [2]outcome { return both(outcome{ends: why}) }
	plays := [2]outcome{}
	unreadable := func(codec string) string { return "payload type 96 come, of which nothing can be read as the " + codec }
	const otherType = "payload type 97 come, where its SDP tells of 96 (H264)"
	const otherSound = "payload type 97 come, where its SDP tells of 0 (PCMU)"
	slow := append([]byte{0, 0, 0, 1, 0x65}, bytes.Repeat([]byte{0x55}, 800_000)...)
	report := append([]byte{0x80, 200, 0, 6, 0, 0, 4, 210}, make([]byte, 20)...)
	type test struct {
		told []string
		sent []sent
		// comes is what is to come of it over TCP and over UDP.
		comes [2]outcome
		// sound asks for sound instead of pictures, other for both: the sound goes on.
		sound, other bool
		// soon is well before timeout, which is opens.
		soon  bool
		opens time.Duration
		// blocked are servers whose packets do not come by UDP, of which the client need not know.
		blocked bool
		// narrow leaves two ports to send to by UDP.
		narrow  bool
		options map[string]string
	}
	var running sync.WaitGroup
	// So many at a time keep to their times.
	most := make(chan struct{}, 32)
	for name, test := range map[string]test{
		"as it says":           {told: []string{h264Told}, sent: h264Sent, comes: plays},
		"H265 for H264":        {told: []string{h264Told}, sent: []sent{all["h265"]}, comes: refused(unreadable("H264"))},
		"VP8 for H264":         {told: []string{h264Told}, sent: []sent{all["vp8"]}, comes: refused(unreadable("H264"))},
		"H264 for H265":        {told: []string{h265Told}, sent: h264Sent, comes: refused(unreadable("H265"))},
		"H264 for VP8":         {told: []string{vp8Told}, sent: h264Sent, comes: refused(unreadable("VP8"))},
		"VP8 for H265":         {told: []string{h265Told}, sent: []sent{all["vp8"]}, comes: refused(unreadable("H265"))},
		"sound for H264":       {told: []string{h264Told}, sent: dynamic, comes: refused(unreadable("H264"))},
		"another payload type": {told: []string{h264Told}, sent: []sent{with("h264", of97)}, comes: refused(otherType), soon: true},
		"sound of another payload type": {
			told: []string{soundTold}, sent: []sent{with("sound", of97)}, comes: refused(otherSound), sound: true, soon: true,
		},
		"sound of the second payload type": {
			told: []string{soundTold + " 8"}, sent: []sent{with("sound", func(s *sent) { s.payload = 8 })},
			comes: refused("payload type 8 come, but of its SDP, which tells of 0 (PCMU), 8 (PCMA), only the first is read"), sound: true,
		},
		"both of other payload types": {
			told: []string{h264Told, soundTold}, sent: []sent{with("h264", of97), with("sound", of97)}, comes: refused("payload type 97 come, where its SDP"), soon: true,
		},
		"both of other codecs": {told: []string{h265Told, aacTold}, sent: []sent{all["h264"], dynamic[0]}, comes: refused(unreadable("H265"))},
		"nothing":              {told: []string{h264Told}, comes: [2]outcome{{refused: late}, {warns: "dropped, is opened again"}}},
		"reports alone":        {told: []string{h264Told}, sent: []sent{with("sound", func(s *sent) { s.frames, s.bare = [][]byte{report}, true })}, comes: refused(late)},
		"comfort noise alone":  {told: []string{soundTold}, sent: []sent{with("sound", func(s *sent) { s.payload = 13 })}, comes: refused(late), sound: true},
		"a picture that comes slowly": {
			told: []string{h264Told}, sent: []sent{with("h264", func(s *sent) { s.frames, s.pace = [][]byte{slow}, 20*time.Millisecond })}, comes: refused(late),
		},
		"late, and without sound": {
			told: []string{h264Told, soundTold}, sent: []sent{with("h264", func(s *sent) { s.delay = 6 * time.Second })},
			comes: [2]outcome{{refused: late}, {warns: "nothing has come of its audio"}},
		},
		"H264 for H265 with sound": {told: []string{h265Told, soundTold}, sent: []sent{all["h264"], all["sound"]}, comes: ends(unreadable("H265")), other: true},
		"another payload type with sound": {
			told: []string{h264Told, soundTold}, sent: []sent{with("h264", of97), all["sound"]}, comes: ends(otherType), other: true,
		},
		"sound of another payload type with pictures": {
			told: []string{h264Told, soundTold}, sent: []sent{all["h264"], with("sound", of97)}, comes: ends(otherSound), sound: true,
		},
		"another payload type later": {told: []string{h264Told}, sent: []sent{then(all["h264"], with("h264", of97))}, comes: ends(otherType)},
		"sound of another payload type later": {
			told: []string{soundTold}, sent: []sent{then(all["sound"], with("sound", of97))}, comes: ends(otherSound), sound: true,
		},
		"VP8 for H264 later": {told: []string{h264Told}, sent: []sent{then(all["h264"], all["vp8"])}, comes: ends(unreadable("H264"))},
		"another payload type later with sound": {
			told: []string{h264Told, soundTold}, sent: []sent{then(all["h264"], with("h264", of97)), all["sound"]}, comes: ends(otherType), other: true,
		},
		"VP8 for H264 later with sound": {
			told: []string{h264Told, soundTold}, sent: []sent{then(all["h264"], all["vp8"]), all["sound"]}, comes: ends(unreadable("H264")), other: true,
		},
		"another payload type later, once": {
			told: []string{h264Told}, sent: []sent{then(all["h264"], with("h264", of97))}, comes: ends(otherType), options: map[string]string{"reconnect": "0"},
		},
		"lies that are not asked for": {
			told: []string{h264Told, soundTold}, sent: []sent{with("h264", of97), all["sound"]}, comes: plays, sound: true,
			options: map[string]string{"allowed_media_types": "audio"},
		},
		"another payload type where UDP is blocked": {
			told: []string{h264Told}, sent: []sent{with("h264", of97)}, comes: refused(otherType), blocked: true, opens: 10 * time.Second,
		},
		"H265 for H264 where UDP is blocked": {told: []string{h264Told}, sent: []sent{all["h265"]}, comes: refused(unreadable("H264")), blocked: true, opens: 10 * time.Second},
		"no sound where UDP is blocked":      {told: []string{h264Told, soundTold}, sent: h264Sent, comes: plays, blocked: true, opens: 10 * time.Second},
		"two ports":                          {told: []string{h264Told}, sent: h264Sent, comes: plays, narrow: true},
		"pictures for AAC":                   {told: []string{aacTold}, sent: h264Sent, comes: refused(unreadable("mpeg4-generic")), sound: true},
		"another size":                       {told: []string{h264Told + ";sprop-parameter-sets=Z0IAKeKQFAe2AtwEBAaQeJEV,aM48gA=="}, sent: h264Sent, comes: plays},
		"nothing of its format":              {told: clock("90000"), sent: h264Sent, comes: plays},
		"no codec":                           {told: []string{"m=video 0 RTP/AVP 96"}, sent: h264Sent, comes: refused("tells no codec")},
		"half the clock":                     {told: clock("45000"), sent: h264Sent, comes: plays},
		"a clock of 1":                       {told: clock("1"), sent: h264Sent, comes: plays},
		"a clock of 0":                       {told: clock("0"), sent: h264Sent, comes: plays},
		"a clock of -1":                      {told: clock("-1"), sent: h264Sent, comes: plays},
		"a clock of 2^31-1":                  {told: clock("2147483647"), sent: h264Sent, comes: plays},
		"sound of 2^31-1 Hz":                 {told: []string{"m=audio 0 RTP/AVP 96;;a=rtpmap:96 L16/2147483647/2"}, sent: dynamic, comes: refused("claims 2147483647"), sound: true},
		"sound of many channels":             {told: []string{"m=audio 0 RTP/AVP 96;;a=rtpmap:96 L16/48000/30000"}, sent: dynamic, comes: refused(unreadable("L16")), sound: true},
		"no media":                           {comes: refused("neither sound nor pictures")},
		"a hundred media":                    {told: append([]string{h264Told}, slices.Repeat([]string{soundTold}, 99)...), sent: h264Sent, comes: plays},
	} {
		transports := []string{"tcp", "udp"}
		if test.blocked {
			transports = []string{""}
		}
		for i, transport := range transports {
			l := &liar{sdp: sdpOf(test.told...), sends: test.sent, counts: make([]atomic.Int64, len(test.sent)), blocked: test.blocked}
			name, want := name+" over "+transport, test.comes[i]
			running.Go(func() {
				most <- struct{}{}
				defer func() { <-most }()
				if test.narrow {
					l.port = udpPort(t)
				}
				l.serve(t)
				opens := test.opens
				switch {
				case opens != 0:
				case want == (outcome{}) || test.soon:
					opens = 2 * patience
				default:
					opens = 8 * time.Second
				}
				g := newGoroutines(t)
				log := heardLog{testLog{t}, &sync.Mutex{}, new([]string)}
				registry := source.NewRegistry(log, g.start)
				t.Cleanup(registry.Close)
				options := map[string]string{}
				maps.Copy(options, test.options)
				if transport != "" {
					options["rtsp_transport"] = transport
				}
				if test.narrow {
					options["min_port"], options["max_port"] = strconv.Itoa(l.port), strconv.Itoa(l.port+1)
				}
				begin := time.Now()
				opened, err := registry.Open(t.Context(), source.Spec{
					Type: "url", Value: "rtsp://" + l.address + "/live", Timeout: opens, Options: options,
				}, test.sound || test.other, !test.sound)
				if err != nil && want.ends != "" && strings.Contains(err.Error(), want.ends) {
					// That it took too long to open says the same.
					return
				}
				if (err != nil) != (want.refused != "") || err != nil && !strings.Contains(err.Error(), want.refused) {
					t.Errorf("%s: opening gave %v", name, err)
				}
				if test.soon && time.Since(begin) > opens/2 {
					t.Errorf("%s: that took %v", name, time.Since(begin))
				}
				if err != nil {
					return
				}
				track, c := opened.Video, vp8
				if test.sound {
					track, c = opened.Audio, opus
				}
				goesOn, other := func() bool { return true }, newCollector()
				if test.other {
					stopped := ended(opened.Audio)
					feed, err := opened.Audio.Attach(opus, media.EncodingSettings{}, other)
					if err != nil {
						t.Errorf("%s: %v", name, err)
						return
					}
					defer feed.Close()
					goesOn = func() bool {
						before := other.count()
						for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
							if other.count() > before+10 {
								return len(stopped) == 0
							}
						}
						return false
					}
				}
				came, over := newCollector(), ended(track)
				end := func(reason error) {
					if want.ends == "" || reason == nil || !strings.Contains(reason.Error(), want.ends) {
						t.Errorf("%s: ended with %v", name, reason)
					} else if !goesOn() {
						t.Errorf("%s: the sound does not go on", name)
					}
				}
				feed, err := track.Attach(c, media.EncodingSettings{}, came)
				if err != nil {
					end(err)
					return
				}
				defer feed.Close()
				limit := time.NewTimer(3 * patience)
				defer limit.Stop()
				look := time.NewTicker(10 * time.Millisecond)
				defer look.Stop()
				for {
					select {
					case reason := <-over:
						end(reason)
						return
					case <-limit.C:
						t.Errorf("%s: nothing came, and nobody says why", name)
						return
					case <-look.C:
					}
					if want == (outcome{}) && came.count() >= 5 || want.warns != "" && log.says(want.warns) {
						return
					}
				}
			})
		}
	}
	running.Wait()
}
