package device

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/pion/mediadevices/pkg/prop"
)

// Constraint is a member of W3C's MediaTrackConstraints: what a number is to be, or
// an id, of which any that is listed will do. Nil asks for nothing.
type Constraint struct {
	Name                   string
	Exact, Ideal, Min, Max *float64
	ExactIDs, IdealIDs     []string
}

// Constraints are met together, or not at all.
type Constraints []Constraint

// OverconstrainedError is of constraints that no device meets. Constraint names one
// that none meets by itself; it is empty where only all of them are too much.
type OverconstrainedError struct{ Constraint string }

func (e *OverconstrainedError) Error() string {
	return fmt.Sprintf("no device meets %s", cmp.Or(e.Constraint, "all constraints at once"))
}

// ids are the constraints that choose a device, whatever it can do.
func (c Constraints) ids() Constraints {
	return slices.DeleteFunc(slices.Clone(c), func(one Constraint) bool {
		return one.Name != "deviceId" && one.Name != "groupId"
	})
}

// near is the number that a constraint of this name would have, if any can be had.
func (c Constraints) near(name string, usual float64) float64 {
	for _, one := range c {
		if one.Name != name {
			continue
		}
		if one.Exact != nil {
			return *one.Exact
		}
		value := usual
		if one.Ideal != nil {
			value = *one.Ideal
		}
		if one.Max != nil {
			value = min(value, *one.Max)
		}
		if one.Min != nil {
			value = max(value, *one.Min)
		}
		return value
	}
	return usual
}

func (c Constraints) has(name string) bool {
	return slices.ContainsFunc(c, func(one Constraint) bool { return one.Name == name })
}

// setting is one way in which a device can be opened.
type setting struct {
	prop.Media
	group string
	// device counts devices, the default first.
	device int
	mode   Mode
}

// choose gives the setting of the least fitness distance. Of equal ones it is of the
// first device, then the nearest to what is usual, then the first.
func (c Constraints) choose(settings []setting, usual Constraints) (setting, error) {
	best, found, bestFit, bestTie := setting{}, false, 0.0, 0.0
	for _, s := range settings {
		fit, ok := c.distance(s)
		if !ok {
			continue
		}
		tie, _ := usual.distance(s)
		if !found || cmp.Or(cmp.Compare(fit, bestFit), cmp.Compare(s.device, best.device), cmp.Compare(tie, bestTie)) < 0 {
			best, found, bestFit, bestTie = s, true, fit, tie
		}
	}
	if !found {
		return best, &OverconstrainedError{Constraint: c.unmet(settings)}
	}
	return best, nil
}

// unmet is a constraint that no setting meets.
func (c Constraints) unmet(settings []setting) string {
	for _, one := range c {
		meets := func(s setting) bool {
			_, ok := Constraints{one}.distance(s)
			return ok
		}
		if !slices.ContainsFunc(settings, meets) {
			return one.Name
		}
	}
	return ""
}

// distance is W3C's fitness distance; not ok is infinity.
func (c Constraints) distance(s setting) (distance float64, ok bool) {
	var asked prop.MediaConstraints
	for _, one := range c {
		further, ok := 0.0, true
		switch one.Name {
		case "deviceId":
			asked.DeviceID = one.text()
		case "width":
			asked.Width = one.whole()
		case "height":
			asked.Height = one.whole()
		case "frameRate":
			asked.FrameRate = one.real()
		case "sampleRate":
			asked.SampleRate = one.whole()
		case "channelCount":
			asked.ChannelCount = one.whole()
		case "groupId":
			// This and the next are none of prop's.
			further, ok = one.text().Compare(s.group)
		case "aspectRatio":
			further, ok = one.real().Compare(float32(s.Width) / float32(max(s.Height, 1)))
		}
		if !ok {
			return 0, false
		}
		distance += further
	}
	further, ok := asked.FitnessDistance(s.Media)
	return distance + further, ok
}

// all are met together. prop's ranges have an ideal too, but measure it in another way
// than W3C: without a least value, all that is below the ideal is as good.
type all[T any] []interface {
	Compare(actual T) (float64, bool)
}

func (a all[T]) Compare(actual T) (distance float64, ok bool) {
	for _, one := range a {
		further, ok := one.Compare(actual)
		if !ok {
			return 0, false
		}
		distance += further
	}
	return distance, true
}

// Value is for prop's interfaces.
func (all[T]) Value() (value T, ok bool) { return value, false }

// whole is W3C's ConstrainULong: numbers are rounded, and kept within 32 bits.
func (c Constraint) whole() prop.IntConstraint {
	var parts all[int]
	add := func(value *float64, make func(n int) prop.IntConstraint) {
		if value != nil {
			parts = append(parts, make(int(math.RoundToEven(min(max(*value, 0), math.MaxUint32)))))
		}
	}
	add(c.Exact, func(n int) prop.IntConstraint { return prop.IntExact(n) })
	add(c.Min, func(n int) prop.IntConstraint { return prop.IntRanged{Min: n} })
	add(c.Max, func(n int) prop.IntConstraint {
		if n == 0 {
			// No limit in a range.
			return prop.IntExact(0)
		}
		return prop.IntRanged{Max: n}
	})
	add(c.Ideal, func(n int) prop.IntConstraint { return prop.Int(n) })
	return parts
}

// sameReal is how far an exact number may be off: 29.97 is what people write for
// 30000/1001, and 1.778 for 16/9.
const sameReal = 0.0005

// real is W3C's ConstrainDouble.
func (c Constraint) real() prop.FloatConstraint {
	var parts all[float32]
	add := func(value *float64, make func(v float32) prop.FloatConstraint) {
		if value != nil {
			parts = append(parts, make(float32(*value)))
		}
	}
	add(c.Exact, func(v float32) prop.FloatConstraint {
		if v <= 0 {
			return prop.FloatExact(v)
		}
		return prop.FloatRanged{Min: v * (1 - sameReal), Max: v * (1 + sameReal)}
	})
	add(c.Min, func(v float32) prop.FloatConstraint { return prop.FloatRanged{Min: v} })
	add(c.Max, func(v float32) prop.FloatConstraint {
		if v <= 0 {
			return prop.FloatExact(v)
		}
		return prop.FloatRanged{Max: v}
	})
	add(c.Ideal, func(v float32) prop.FloatConstraint { return prop.Float(v) })
	return parts
}

// text is W3C's ConstrainDOMString.
func (c Constraint) text() prop.StringConstraint {
	var parts all[string]
	if c.ExactIDs != nil {
		parts = append(parts, prop.StringOneOf(c.ExactIDs))
	}
	if c.IdealIDs != nil {
		parts = append(parts, anyOf(c.IdealIDs))
	}
	return parts
}

// anyOf are strings of which one is wished for.
type anyOf []string

func (a anyOf) Compare(actual string) (float64, bool) {
	if slices.Contains(a, actual) {
		return 0, true
	}
	return 1, true
}
