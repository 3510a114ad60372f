package main

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/pion/webrtc/v4"
)

const silence = 2 * time.Second

// flow sends numbered messages with at most so many under way.
type flow struct {
	producer *webrtc.DataChannel
	message  []byte
	started  time.Time
	next     uint64
	arrivals chan arrival
}

type arrival struct {
	number uint64
	delay  time.Duration
	at     time.Time
}

type outcome struct {
	perSecond float64
	lost      int
	delays    []time.Duration
}

func newFlow(producer, consumer *webrtc.DataChannel) *flow {
	f := &flow{
		producer: producer,
		started:  time.Now(),
		arrivals: make(chan arrival, 1024),
	}
	consumer.OnMessage(func(message webrtc.DataChannelMessage) {
		now := time.Now()
		sentAt := time.Duration(binary.LittleEndian.Uint64(message.Data[8:]))
		f.arrivals <- arrival{
			number: binary.LittleEndian.Uint64(message.Data),
			delay:  now.Sub(f.started) - sentAt,
			at:     now,
		}
	})
	return f
}

func (f *flow) run(l load, outstanding int, limit time.Duration) (*outcome, error) {
	f.message = make([]byte, l.Size)
	first := f.next
	end := first + uint64(l.Messages)
	passed := first
	begun := time.Now()
	last := begun
	deadline := time.After(limit)
	result := &outcome{delays: make([]time.Duration, 0, l.Messages)}

	for open := true; open && passed < end; {
		for f.next < end && f.next-passed < uint64(outstanding) {
			if err := f.send(); err != nil {
				return nil, err
			}
		}
		select {
		case got := <-f.arrivals:
			if got.number < first {
				continue
			}
			passed = got.number + 1
			last = got.at
			result.delays = append(result.delays, got.delay)
		case <-time.After(silence):
			open = false
		case <-deadline:
			open = false
		}
	}
	result.lost = int(f.next-first) - len(result.delays)
	result.perSecond = float64(len(result.delays)) / last.Sub(begun).Seconds()
	f.next = end
	return result, nil
}

func (f *flow) send() error {
	binary.LittleEndian.PutUint64(f.message, f.next)
	binary.LittleEndian.PutUint64(f.message[8:], uint64(time.Since(f.started)))
	if err := f.producer.Send(f.message); err != nil {
		return fmt.Errorf("send message %d: %w", f.next, err)
	}
	f.next++
	return nil
}

// quantile is in milliseconds.
func (o *outcome) quantile(share float64) float64 {
	if len(o.delays) == 0 {
		return 0
	}
	slices.Sort(o.delays)
	at := int(float64(len(o.delays)-1) * share)
	return float64(o.delays[at]) / float64(time.Millisecond)
}
