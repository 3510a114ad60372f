package device

import (
	"os"
	"testing"
)

func TestWithoutASoundServerNothingStaysOpen(t *testing.T) {
	t.Setenv("PULSE_SERVER", "unix:/nonexistent/pulse")
	open := func() int {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}

		return len(files)
	}
	Microphones()
	before := open()
	for range 20 {
		if _, err := Pulse.open(); err == nil {
			t.Fatal("there is a server")
		}
		Microphones()
	}
	if after := open(); after > before+5 {
		t.Errorf("%d open files, before %d", after, before)
	}
}
