package container

import (
	"context"
	"errors"
	"testing"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/recovery"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

func TestAnOpeningThatIsCutShortSaysWhy(t *testing.T) {
	c := &Container{name: `file "/a.mkv"`}
	late, cancelLate := context.WithTimeout(t.Context(), 0)
	defer cancelLate()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for ctx, want := range map[context.Context]error{late: refusal.ErrTimeout, cancelled: refusal.ErrClosed} {
		<-ctx.Done()
		told, ok := c.Cancelled(ctx).(*refusal.Error)
		if !ok || told.Kind != want {
			t.Errorf("%v, want %v", told, want)
		}
	}
}

func TestWhatIsOpenedAgainBelongsToWhoOpenedIt(t *testing.T) {
	opening, cancel := context.WithCancel(t.Context())
	told := ""
	opening = recovery.WithOwner(opening, func(message, _ string) { told = message })
	refused := errors.New("deliberate")
	c := &Container{}
	c.openAgain(opening, nil, func(ctx context.Context) (*av.Demuxer, error) {
		if ctx.Err() != nil {
			t.Error("it ended with what opened it first")
		}
		recovery.OwnerOf(ctx)("a panic", "")
		return nil, refused
	})
	cancel()
	if err := c.demuxer.Reopen(); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
	if told != "a panic" {
		t.Errorf("told %q", told)
	}
}
