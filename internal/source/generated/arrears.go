package generated

import (
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/sound/stretch"
)

const (
	// mostLive is how much waits at the most when an app writes sound as it comes. Who writes more wants it to wait.
	mostLive = 100 * time.Millisecond
	// mostArrears is how late an app may be: after more it had nothing to say.
	mostArrears = 500 * time.Millisecond
	// reserve is left waiting, as no app writes evenly.
	reserve = 40 * time.Millisecond
	// patience is how long after it was late an app may write what was missing.
	patience = 5 * time.Second
)

// arrears is sound that was not there in time, by an app that writes it as it comes: silence was sent, and what is
// written after it would play that much later for ever. Single periods are left out until it is made up for.
type arrears struct {
	// live says that the app writes as it comes, owed is how long the silence was, and left how long it counts.
	live       bool
	owed, left time.Duration
	// spare is how much waited when the app last wrote: sound comes in pieces, and only this can be done without.
	spare     time.Duration
	stretcher *stretch.Stretcher
}

// written is told how much waits before something is written, and after it.
func (a *arrears) written(before, after time.Duration) {
	a.spare, a.live = before, after-a.owed <= mostLive
}

// missed is told of silence that was sent for want of sound.
func (a *arrears) missed(by time.Duration) {
	if !a.live {
		return
	}
	a.left = patience
	if a.owed += by; a.owed > mostArrears {
		a.forget()
	}
}

// played is told of sound that was sent.
func (a *arrears) played(by time.Duration) {
	if a.left -= by; a.left <= 0 {
		a.owed = 0
	}
}

// forget makes up for no more.
func (a *arrears) forget() { a.live, a.owed = false, 0 }

// shorten leaves out what can be of interleaved samples. The result is lent until the next call.
func (a *arrears) shorten(samples []int16, channels int) []int16 {
	spend := min(a.owed, a.spare-reserve)
	if spend <= 0 {
		return samples
	}
	shorter := a.stretcher.Toward(samples, -int(spend.Seconds()*sound.Rate))
	saved := time.Duration(len(samples)-len(shorter)) * time.Second / sound.Rate / time.Duration(channels)
	a.owed -= saved
	a.spare -= saved
	return shorter
}
