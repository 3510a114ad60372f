package feedback

import (
	"testing"
	"time"
)

// said is a packet whose header extension 3 has one byte.
func said(timestamp uint32, value byte) []byte {
	return []byte{
		0x90, 111, 0, 1, byte(timestamp >> 24), byte(timestamp >> 16), byte(timestamp >> 8), byte(timestamp), 0, 0, 0, 7,
		0xbe, 0xde, 0, 1, 3 << 4, value, 0, 0, 1, 2,
	}
}

func TestLevelsTellTheLoudestOfEachInterval(t *testing.T) {
	l := NewLevels(3)
	now := time.Now()
	l.Take(said(1, 40), now)
	if last, ok := l.Last(); !ok || last.Level != 40 || last.Voice || last.RTPTimestamp != 1 {
		t.Errorf("%+v, %v before anybody listens", last, ok)
	}
	var told []Loudness
	l.Watch(100*time.Millisecond, func(one Loudness) { told = append(told, one) })
	for i, value := range []byte{90, 30 | 0x80, 60, 127, 50, 127, 127} {
		l.Take(said(uint32(i), value), now.Add(time.Duration(i)*40*time.Millisecond)) //nolint:gosec // small
	}
	want := []struct {
		level uint8
		voice bool
	}{{90, false}, {30, true}, {50, false}}
	if len(told) != len(want) {
		t.Fatalf("told %+v", told)
	}
	for i, one := range want {
		if told[i].Level != one.level || told[i].Voice != one.voice {
			t.Errorf("%d: %+v, want %+v", i, told[i], one)
		}
	}
	l.Watch(0, nil)
	l.Take(said(9, 5), now.Add(time.Hour))
	if len(told) != len(want) {
		t.Error("told after it was ended")
	}
}

func TestAStreamWithoutTheExtensionHasNoLevel(t *testing.T) {
	for _, id := range []uint8{0, 4} {
		l := NewLevels(id)
		l.Watch(0, func(Loudness) { t.Error("told") })
		l.Take(said(1, 40), time.Now())
		if _, ok := l.Last(); ok {
			t.Errorf("a level of extension %d", id)
		}
	}
}
