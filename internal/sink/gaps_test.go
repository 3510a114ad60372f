package sink_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/codec/codectest"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/sink"
)

const (
	packetLength = 20 * time.Millisecond
	// most packets wait for a reader that has not begun to decode.
	most = 48
)

var (
	opus = media.Codec{MimeType: codec.MimeOpus, ClockRate: 48000, Channels: 2}
	pcma = media.Codec{MimeType: codec.MimePCMA, ClockRate: 8000}
)

// packetsOf a tone, at their times.
func packetsOf(t *testing.T, c media.Codec, n int) []*media.EncodedFrame {
	t.Helper()
	encoder, _, err := codec.NewAudioEncoder(c, codec.AudioSettings{FEC: true})
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	var packets []*media.EncodedFrame
	rate := encoder.SampleRate()
	for i := range n {
		data, err := encoder.Encode(codectest.Tone(440, rate, encoder.Channels(), i*rate/50, rate/50))
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, &media.EncodedFrame{Data: data, PTS: time.Duration(i) * packetLength})
	}
	return packets
}

// heardOf what a reader gave: the largest sample of each millisecond, and how many samples there are, of one channel.
func (r *reading) heardOf(t *testing.T, rate int) (peaks []int, samples int) {
	t.Helper()
	peak, next := 0, 0.0
	for i, frame := range r.all(t) {
		if i == 0 {
			next = frame.Timestamp
		}
		if off := frame.Timestamp - next; off > 1 || off < -1 {
			t.Errorf("a piece %v µs from the end of the one before", off)
		}
		next = frame.Timestamp + frame.Duration
		for at := 0; at+1 < len(frame.Planes[0]); at += 2 {
			sample := int(int16(binary.LittleEndian.Uint16(frame.Planes[0][at:]))) //nolint:gosec // two's complement
			peak = max(peak, sample, -sample)
			if samples++; samples%(rate/1000) == 0 {
				peaks = append(peaks, peak)
				peak = 0
			}
		}
		frame.Release()
	}
	return peaks, samples
}

func TestSoundIsWithoutHolesWherePacketsAreMissing(t *testing.T) {
	for _, test := range []struct {
		codec   media.Codec
		rate    int
		missing []int
		// silent is how many ms may be silent, in all.
		silent int
	}{
		{opus, 48000, []int{20}, 0},
		{opus, 48000, []int{20, 21}, 0},
		{opus, 48000, []int{20, 24, 28, 33, 37, 41}, 2},
		// What is guessed fades.
		{opus, 48000, []int{20, 21, 22, 23, 24}, 50},
		{pcma, 8000, []int{20}, 0},
		{pcma, 8000, []int{20, 25, 30, 35}, 0},
		// Of 100 ms that are missing the first 60 fade.
		{pcma, 8000, []int{20, 21, 22, 23, 24}, 60},
	} {
		t.Run(fmt.Sprintf("%s/%v", test.codec.MimeType, test.missing), func(t *testing.T) {
			track := &codedTrack{fakeTrack{kind: media.Audio}, test.codec}
			r := open(t, track, sink.ReaderOptions{Room: 1000, Audio: sink.AudioOptions{Channels: 1}})
			lost := 0
			for i, packet := range packetsOf(t, test.codec, most) {
				if len(test.missing) > 0 && test.missing[0] == i {
					test.missing = test.missing[1:]
					lost++
					continue
				}
				packet.Lost, lost = lost, 0
				track.sink.WriteFrame(packet)
			}
			peaks, samples := r.heardOf(t, test.rate)
			if want := most * test.rate / 50; samples != want {
				t.Errorf("%d samples, want %d", samples, want)
			}
			silent := 0
			// The beginning is of the codec's delay.
			for _, peak := range peaks[40:] {
				if peak < 500 {
					silent++
				}
			}
			if silent > test.silent {
				t.Errorf("%d ms are silent, of %d at the most", silent, test.silent)
			}
		})
	}
}

func TestSilenceOfTheSenderIsWhatTheCodecMakesOfIt(t *testing.T) {
	track := &codedTrack{fakeTrack{kind: media.Audio}, opus}
	r := open(t, track, sink.ReaderOptions{Room: 1000, Audio: sink.AudioOptions{Channels: 1}})
	for i, packet := range packetsOf(t, opus, most) {
		// Nothing was sent for 400 ms, and nothing is lost.
		if i < 10 || i >= 30 {
			track.sink.WriteFrame(packet)
		}
	}
	peaks, samples := r.heardOf(t, 48000)
	if samples != most*960 {
		t.Errorf("%d samples, want %d", samples, most*960)
	}
	if peaks[205] < 500 {
		t.Error("sound breaks off")
	}
}

func TestAPacketThatIsDamagedIsAHoleLikeAnother(t *testing.T) {
	for name, garbage := range map[string][]byte{"of no length": {255, 255, 255}, "of its length": {0x41, 1}} {
		// Whether the packet before is lost too.
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", name, lost), func(t *testing.T) {
				track := &codedTrack{fakeTrack{kind: media.Audio}, opus}
				r := open(t, track, sink.ReaderOptions{Room: 1000, Audio: sink.AudioOptions{Channels: 1}})
				for i, packet := range packetsOf(t, opus, most) {
					if lost && (i == 19 || i == 29) {
						continue
					}
					if i == 20 || i == 30 {
						packet.Data = garbage
						if lost {
							packet.Lost = 1
						}
					}
					track.sink.WriteFrame(packet)
				}
				peaks, samples := r.heardOf(t, 48000)
				if samples != most*960 {
					t.Errorf("%d samples, want %d", samples, most*960)
				}
				for at, peak := range peaks[40:] {
					if peak < 500 {
						t.Fatalf("%d ms: silent", at+40)
					}
				}
			})
		}
	}
}

func TestAClockThatBeginsAnewHasNoHole(t *testing.T) {
	track := &codedTrack{fakeTrack{kind: media.Audio}, opus}
	r := open(t, track, sink.ReaderOptions{Room: 1000, Audio: sink.AudioOptions{Channels: 1}})
	for i, packet := range packetsOf(t, opus, 30) {
		if i >= 15 {
			packet.PTS -= 15 * packetLength
			packet.Lost = i % 2
		}
		track.sink.WriteFrame(packet)
	}
	if _, samples := r.heardOf(t, 48000); samples != 30*960 {
		t.Errorf("%d samples, want %d", samples, 30*960)
	}
}

// Some senders stamp packets as these come to them: what was held up says that it is later than it is, and is as long as ever.
func TestSoundThatIsStampedAsItComesIsNoLongerThanItIs(t *testing.T) {
	for _, c := range []media.Codec{opus, pcma} {
		t.Run(c.MimeType, func(t *testing.T) {
			track := &codedTrack{fakeTrack{kind: media.Audio}, c}
			r := open(t, track, sink.ReaderOptions{Room: 1000, Audio: sink.AudioOptions{Channels: 1}})
			const heldUp = 100 * time.Millisecond
			for i, packet := range packetsOf(t, c, most) {
				if held := i / 12 * 12; held > 0 {
					packet.PTS = max(packet.PTS, time.Duration(held)*packetLength+heldUp+time.Duration(i-held)*time.Millisecond)
				}
				track.sink.WriteFrame(packet)
			}
			rate := int(c.ClockRate)
			// The first time that packets are held up nobody knows.
			least := most * rate / 50
			if _, samples := r.heardOf(t, rate); samples < least || samples > least+int(heldUp.Seconds()*float64(rate)) {
				t.Errorf("%d samples of %d packets, want %d and at the most %v more", samples, most, least, heldUp)
			}
		})
	}
}

func TestWhatIsMissingAfterAClockBeganAnewIsConcealed(t *testing.T) {
	track := &codedTrack{fakeTrack{kind: media.Audio}, opus}
	r := open(t, track, sink.ReaderOptions{Room: 1000, Audio: sink.AudioOptions{Channels: 1}})
	for i, packet := range packetsOf(t, opus, 40) {
		if i >= 15 {
			packet.PTS -= 15 * packetLength
		}
		if i%5 == 1 {
			packet.Lost = 1
		}
		if i%5 != 0 || i == 0 || i == 15 {
			track.sink.WriteFrame(packet)
		}
	}
	if _, samples := r.heardOf(t, 48000); samples != 40*960 {
		t.Errorf("%d samples, want %d", samples, 40*960)
	}
}
