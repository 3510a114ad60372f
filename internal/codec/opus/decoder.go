package opus

// #include <opus.h>
// #include <opus_multistream.h>
import "C"

import (
	"errors"
	"fmt"
	"time"
)

const (
	// granule divides all lengths that can be concealed, in samples: 2.5 ms.
	granule = SampleRate / 400
	// longestPacket in samples: 120 ms.
	longestPacket = SampleRate / 1000 * 120
	// piece is what is concealed at a time, and how long it takes to fall silent.
	piece = SampleRate / 50
)

// mostConcealed is how long sound is guessed at: libopus fades to the noise behind it in less, and between two packets
// of DTX that noise is all there is. What is missing for longer is silence.
const mostConcealed = SampleRate / 2

var errDecoderClosed = errors.New("libopus decoder is closed")

// Decoder makes sound of packets, and something in place of those that are missing. Not safe for concurrent use.
type Decoder struct {
	c        *C.OpusMSDecoder
	channels int
	samples  []int16
}

// NewDecoder makes a decoder of a valid layout; Close releases it.
func NewDecoder(l Layout) (*Decoder, error) {
	if !l.Valid() {
		return nil, fmt.Errorf("open libopus: no layout of %d channels: %d streams, %d of them coupled, mapped as %v",
			len(l.Mapping), l.Streams, l.Coupled, l.Mapping)
	}
	var code C.int
	c := C.opus_multistream_decoder_create(SampleRate, C.int(len(l.Mapping)), C.int(l.Streams), C.int(l.Coupled),
		(*C.uchar)(&l.Mapping[0]), &code)
	if c == nil {
		return nil, fmt.Errorf("open libopus for %d channels: %w", len(l.Mapping), codeError(code))
	}
	return &Decoder{c: c, channels: len(l.Mapping), samples: make([]int16, longestPacket*len(l.Mapping))}, nil
}

// Decode gives the samples of a packet, interleaved and lent until the next call.
func (d *Decoder) Decode(packet []byte) ([]int16, error) {
	if len(packet) == 0 {
		return nil, errors.New("decode with libopus: an empty packet")
	}
	return d.decode(packet, longestPacket, 0)
}

// Conceal gives sound of about that length in place of what is missing right before the packet next, lent until the next
// call. The end of it is what next repeats of what came before (in-band FEC), if it does; what libopus guesses is the rest.
func (d *Decoder) Conceal(missing time.Duration, next []byte) ([]int16, error) {
	count := (int(max(missing, 0)*SampleRate/time.Second) + granule/2) / granule * granule
	repeated := 0
	if len(next) > 0 {
		repeated = int(C.opus_packet_get_nb_samples((*C.uchar)(&next[0]), C.opus_int32(len(next)), SampleRate))
	}
	if repeated <= 0 || repeated > count || repeated > longestPacket {
		repeated = 0
	}
	sound := make([]int16, 0, count*d.channels)
	for guessed := 0; guessed < min(count-repeated, mostConcealed); {
		length := min(count-repeated-guessed, piece)
		samples, err := d.decode(nil, length, 0)
		if err != nil {
			return nil, err
		}
		sound = append(sound, samples...)
		guessed += length
	}
	if silent := count - repeated - mostConcealed; silent > 0 {
		d.fade(sound[max(len(sound)-piece*d.channels, 0):])
		sound = append(sound, make([]int16, silent*d.channels)...)
	}
	if repeated > 0 {
		samples, err := d.decode(next, repeated, 1)
		if err != nil {
			// It is damaged, and repeats nothing.
			samples, err = d.decode(nil, repeated, 0)
		}
		if err != nil {
			return nil, err
		}
		sound = append(sound, samples...)
	}
	return sound, nil
}

// decode gives what a packet holds, or holds of the one before it; no packet is concealed.
func (d *Decoder) decode(packet []byte, count int, fec C.int) ([]int16, error) {
	if d.c == nil {
		return nil, errDecoderClosed
	}
	var data *C.uchar
	if len(packet) > 0 {
		data = (*C.uchar)(&packet[0])
	}
	n := C.opus_multistream_decode(d.c, data, C.opus_int32(len(packet)), (*C.opus_int16)(&d.samples[0]), C.int(count), fec)
	if n < 0 {
		return nil, fmt.Errorf("decode with libopus: %w", codeError(n))
	}
	return d.samples[:int(n)*d.channels], nil
}

// fade makes samples end in silence.
func (d *Decoder) fade(samples []int16) {
	for i := range samples {
		samples[i] = int16(int(samples[i]) * (len(samples) - i) / len(samples)) //nolint:gosec // no louder than it was
	}
}

// Close may be called twice.
func (d *Decoder) Close() error {
	if d.c != nil {
		C.opus_multistream_decoder_destroy(d.c)
		d.c = nil
	}
	return nil
}
