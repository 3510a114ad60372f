package main

import "time"

// player sends the frames of a schedule when they are due, each to all bots.
type player struct {
	schedule *schedule
	bots     []*bot
	payload  []byte
	buffer   []byte

	next  int
	begun time.Time
	sent  counts
}

type counts struct{ packets, bytes int }

func newPlayer(s *schedule, bots []*bot) *player {
	largest := 0
	for _, f := range s.frames {
		for _, size := range f.payloads {
			largest = max(largest, size)
		}
	}

	return &player{
		schedule: s, bots: bots, begun: time.Now(),
		payload: make([]byte, largest), buffer: make([]byte, headerSize+largest+roomForTag),
	}
}

// play sends for a time, and tells how late a frame was at the most.
func (p *player) play(length time.Duration) (latest time.Duration, err error) {
	until := time.Since(p.begun) + length
	for {
		round, at := p.next/len(p.schedule.frames), p.next%len(p.schedule.frames)
		f := p.schedule.frames[at]
		due := time.Duration(round)*p.schedule.length + f.at
		if due >= until {
			return latest, nil
		}
		if wait := due - time.Since(p.begun); wait > 0 {
			time.Sleep(wait)
		}
		if err := p.send(f, due); err != nil {
			return latest, err
		}
		latest = max(latest, time.Since(p.begun)-due)
		p.next++
	}
}

func (p *player) send(f frame, due time.Duration) error {
	rate := time.Duration(48000)
	if f.video {
		rate = 90000
	}
	timestamp := uint32(due * rate / time.Second) //nolint:gosec // modulo 2^32 is meant
	for _, b := range p.bots {
		for i, size := range f.payloads {
			marker := f.video && i == len(f.payloads)-1
			n, err := b.send(p.buffer, p.payload[:size], f.video, marker, timestamp)
			if err != nil {
				return err
			}
			p.sent.packets++
			p.sent.bytes += n
		}
	}

	return nil
}
