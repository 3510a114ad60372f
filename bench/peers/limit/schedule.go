package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// frame is what leaves at a time of the file.
type frame struct {
	at    time.Duration
	video bool
	// payloads are the sizes of its packets.
	payloads []int
}

// schedule is a file's frames in order; it begins again after its length.
type schedule struct {
	frames []frame
	length time.Duration
}

const (
	// sps and pps are sent with each keyframe, as packets of their own: about what x264 writes.
	sps, pps = 26, 4
	// lengthSize is of a NAL unit in MP4, fragmentHeader of one in a packet (RFC 6184 section 5.8).
	lengthSize, fragmentHeader = 4, 2
)

var errNoFrames = errors.New("standard input names no frames: see the head of main.go")

// readSchedule reads what ffprobe prints: codec type, time in seconds, size in bytes and flags.
func readSchedule(input io.Reader, most int) (*schedule, error) {
	s := &schedule{}
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ",")
		if len(fields) < 4 {
			continue
		}
		at, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return nil, fmt.Errorf("reading a frame's time: %w", err)
		}
		size, err := strconv.Atoi(fields[2])
		if err != nil {
			return nil, fmt.Errorf("reading a frame's size: %w", err)
		}
		f := frame{at: max(seconds(at), 0), video: fields[0] == "video", payloads: []int{size}}
		if f.video {
			f.payloads = pictures(size-lengthSize, most, strings.HasPrefix(fields[3], "K"))
		}
		s.frames = append(s.frames, f)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading frames: %w", err)
	}
	if len(s.frames) < 2 {
		return nil, errNoFrames
	}
	slices.SortStableFunc(s.frames, func(a, b frame) int { return int(a.at - b.at) })
	last := s.frames[len(s.frames)-1].at
	s.length = last + last/time.Duration(len(s.frames)-1)

	return s, nil
}

// pictures are the packets of a picture of one NAL unit.
func pictures(size, most int, keyframe bool) []int {
	var payloads []int
	if keyframe {
		payloads = append(payloads, sps, pps)
	}
	if size <= most {
		return append(payloads, size)
	}
	for rest := size - 1; rest > 0; rest -= most - fragmentHeader {
		payloads = append(payloads, min(rest, most-fragmentHeader)+fragmentHeader)
	}

	return payloads
}
