package media

import (
	"errors"
	"testing"
)

func TestScalabilityModesAreThoseOfW3C(t *testing.T) {
	for name, want := range map[string]struct {
		spatial, temporal int
		keyOnly           bool
	}{
		"":         {1, 1, false},
		"L1T1":     {1, 1, false},
		"L1T3":     {1, 3, false},
		"L2T1":     {2, 1, false},
		"L3T3":     {3, 3, false},
		"L2T2_KEY": {2, 2, true},
		"L3T1_KEY": {3, 1, true},
	} {
		m, err := ParseScalabilityMode(name)
		if err != nil || m.SpatialLayers() != want.spatial || m.TemporalLayers() != want.temporal || m.KeyOnly() != want.keyOnly {
			t.Errorf("%q: %v, %v", name, m, err)
		}
		if name != "" && m.String() != name || m.Layered() == (want.spatial+want.temporal == 2) {
			t.Errorf("%q is %v, layered: %v", name, m, m.Layered())
		}
	}
	for _, name := range []string{
		"L", "L1T", "L0T1", "L1T0", "L4T1", "L1T4", "l1t1", "S2T1", "L1T3_KEY", "L2T2h", "L2T2_KEY_SHIFT", "L1T1 ", "_KEY",
	} {
		if m, err := ParseScalabilityMode(name); !errors.Is(err, ErrScalabilityMode) {
			t.Errorf("%q: %v, %v", name, m, err)
		}
	}
}
