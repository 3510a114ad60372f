package media

import (
	"fmt"
	"strings"
)

// mostLayers of either kind that W3C's modes have.
const mostLayers = 3

// ScalabilityMode is which layers a stream has, as W3C's webrtc-svc names them
// (section 6). The zero value is L1T1: no layers.
type ScalabilityMode struct {
	// moreSpatial and moreTemporal layers there are than one.
	moreSpatial, moreTemporal uint8
	// keyOnly is of the _KEY modes.
	keyOnly bool
}

// ParseScalabilityMode takes "" as L1T1.
func ParseScalabilityMode(name string) (ScalabilityMode, error) {
	if name == "" {
		return ScalabilityMode{}, nil
	}
	rest, keyOnly := strings.CutSuffix(name, "_KEY")
	if len(rest) == 4 && rest[0] == 'L' && rest[2] == 'T' {
		m := ScalabilityMode{rest[1] - '1', rest[3] - '1', keyOnly}
		if max(m.moreSpatial, m.moreTemporal) < mostLayers && (m.moreSpatial > 0 || !keyOnly) {
			return m, nil
		}
	}
	return ScalabilityMode{}, fmt.Errorf("%w: %.20q: expected L1T1 to L3T3 or L2T1_KEY to L3T3_KEY", ErrScalabilityMode, name)
}

// SpatialLayers is 1 or more. Each has twice the width and height of the one below.
func (m ScalabilityMode) SpatialLayers() int { return int(m.moreSpatial) + 1 }

// TemporalLayers is 1 or more. Each has twice the frame rate of the one below.
func (m ScalabilityMode) TemporalLayers() int { return int(m.moreTemporal) + 1 }

// KeyOnly modes predict a spatial layer from the one below in keyframes only:
// who receives a layer needs nothing else of those below.
func (m ScalabilityMode) KeyOnly() bool { return m.keyOnly }

// Layered is false for L1T1.
func (m ScalabilityMode) Layered() bool { return m != ScalabilityMode{} }

// String is W3C's name.
func (m ScalabilityMode) String() string {
	suffix := ""
	if m.keyOnly {
		suffix = "_KEY"
	}
	return fmt.Sprintf("L%dT%d%s", m.SpatialLayers(), m.TemporalLayers(), suffix)
}
