package container

import (
	"context"
	"testing"

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
