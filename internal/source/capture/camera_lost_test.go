package capture

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/av"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

// failing is a camera that fails with err, from its second picture on: for so many reads.
type failing struct {
	*fakeCamera
	err   error
	times int
}

func (f *failing) Read() (*av.Packet, error) {
	if f.pictures > 1 && f.times != 0 {
		f.times--
		return nil, f.err
	}
	return f.fakeCamera.Read()
}

// mourner keeps why what is watched ended.
type mourner struct {
	watcher
	reason error
}

func (m *mourner) EndKind(_ media.Kind, reason error) { m.reason = reason }

func TestACameraThatIsUnpluggedEndsItsTrackAndOneThatFailsForAMomentDoesNot(t *testing.T) {
	unplugged, broken := fmt.Errorf("read: %w", syscall.ENODEV), fmt.Errorf("read: %w", syscall.EIO)
	for name, test := range map[string]struct {
		err   error
		times int
		ends  bool
	}{
		"unplugged":              {unplugged, -1, true},
		"fails for ever":         {broken, -1, true},
		"fails for a moment":     {broken, mostCameraFailures - 1, false},
		"has nothing for a time": {av.ErrAgain, 20, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cam, fake := openFake(t, 20*time.Millisecond)
			cam.packets = &failing{fake, test.err, test.times}
			cam.spec = Spec{Kind: media.Video, Format: "v4l2", Value: "/dev/video0"}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			seen := &mourner{watcher: watcher{most: 5, enough: cancel}}
			cam.DeliverTo(seen)
			cam.Run(ctx, nil)
			if !test.ends {
				if seen.reason != nil || len(seen.times) < 5 {
					t.Errorf("%d pictures, ended with %v", len(seen.times), seen.reason)
				}
				return
			}
			if !errors.Is(seen.reason, refusal.ErrBroken) || !strings.Contains(seen.reason.Error(), "/dev/video0") ||
				!strings.Contains(seen.reason.Error(), "unplugged") || !errors.Is(seen.reason, test.err) {
				t.Errorf("ended with %v", seen.reason)
			}
		})
	}
}
