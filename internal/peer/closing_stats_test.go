package peer

import "testing"

// TestMain sees what is left over.
func TestStatisticsThatAClosingPeerIsAskedForLeaveNothing(t *testing.T) {
	p, err := New(Options{Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if entries := p.connectionStats(); len(entries) > 0 {
		t.Errorf("%d entries", len(entries))
	}
}
