package sending

import (
	"slices"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/congestion"
)

func TestSharesAndWhatIsWanted(t *testing.T) {
	demands := []Demand{
		{Sender: "a", Video: true, Layer: congestion.Layer{Min: 50_000, Max: 2_000_000}},
		{Sender: "sound", Fixed: true, Bitrate: 200_000},
		{Sender: "b", Video: true, Layer: congestion.Layer{Min: 50_000, Max: 95_000}},
		{Sender: "passed", Video: true, Fixed: true, Bitrate: 300_000},
	}
	for _, c := range []struct {
		bitrate int
		want    []int
	}{
		{1_500_000, []int{855_000, 1_200_000, 95_000, 1_300_000}},
		{100_000, []int{50_000, 1, 50_000, 1}},
	} {
		if got := Shares(c.bitrate, true, demands); !slices.Equal(got, c.want) {
			t.Errorf("of %d bit/s: %v, expected %v", c.bitrate, got, c.want)
		}
	}
	most, least := Wanted(demands)
	if most != 2_105_263+200_000+100_000+300_000 || least != 50_000+50_000+300_000 {
		t.Errorf("wanted are %d, at least %d", most, least)
	}
}
