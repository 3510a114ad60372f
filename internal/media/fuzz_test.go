package media

import "testing"

// A scalability mode is called what it was read from, and has no more layers than W3C's have.
func FuzzScalabilityMode(f *testing.F) {
	for _, name := range []string{"", "L1T1", "L3T3_KEY", "L2T1_KEY", "L1T2_KEY", "S2T1", "L4T4", "L3T3h"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		mode, err := ParseScalabilityMode(name)
		if err != nil {
			return
		}
		if name != "" && mode.String() != name {
			t.Errorf("%q is %v", name, mode)
		}
		if layers := max(mode.SpatialLayers(), mode.TemporalLayers()); layers > mostLayers {
			t.Errorf("%q has %d layers", name, layers)
		}
	})
}
