// Command limit sends what bots would send that pass a file through, and does nothing else: it encrypts packets of the
// same sizes at the same times (pion/srtp) and writes each to a connected UDP socket. There is no ICE, no feedback and
// no timer a bot; one loop serves all. What a bot costs more than this is what the rest of a client costs.
//
//	ffprobe -v error -show_entries packet=codec_type,pts_time,size,flags -of csv=p=0 FILE | limit -bots 20 -seconds 10
//
// reads the sizes of a file's frames from its standard input, in any order, and plays them in a loop.
//
//	-bots N       bots, each with a socket and keys of its own (1)
//	-seconds S    how long is measured (10)
//	-warm S       how long is sent before that (1)
//	-profile P    SRTP_AEAD_AES_256_GCM, which mediasoup chooses, or SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_HMAC_SHA1_80
//	-payload B    the most that a packet of video holds, in bytes (1140, as internal/media has it)
//
// Another process of the same program reads the packets from as many sockets, and ends with this one. It prints one
// line of JSON: bots, seconds, cpuSeconds, cpuPerBot (seconds of processor time a bot and second), packets,
// packetsPerBot (a second), bytes (of UDP), lost (packets that the other process did not read), lateMs (the most that a
// frame left after its time).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

type options struct {
	bots    int
	seconds float64
	warm    float64
	profile string
	payload int
}

type report struct {
	Bots          int     `json:"bots"`
	Seconds       float64 `json:"seconds"`
	CPUSeconds    float64 `json:"cpuSeconds"`
	CPUPerBot     float64 `json:"cpuPerBot"`
	Packets       int     `json:"packets"`
	PacketsPerBot float64 `json:"packetsPerBot"`
	Bytes         int     `json:"bytes"`
	Lost          int     `json:"lost"`
	LateMs        float64 `json:"lateMs"`
}

func main() {
	var o options
	var sink bool
	flag.IntVar(&o.bots, "bots", 1, "how many bots")
	flag.Float64Var(&o.seconds, "seconds", 10, "how long is measured")
	flag.Float64Var(&o.warm, "warm", 1, "how long is sent before that")
	flag.StringVar(&o.profile, "profile", "SRTP_AEAD_AES_256_GCM", "what encrypts")
	flag.IntVar(&o.payload, "payload", 1140, "the most that a packet of video holds, in bytes")
	flag.BoolVar(&sink, "sink", false, "read packets: the other process")
	flag.Parse()
	run := func() error { return measure(o) }
	if sink {
		run = func() error { return serve(o.bots) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "limit:", err)
		os.Exit(1)
	}
}

func measure(o options) error {
	schedule, err := readSchedule(os.Stdin, o.payload)
	if err != nil {
		return err
	}
	far, err := startSink(o.bots)
	if err != nil {
		return err
	}
	defer far.stop()
	bots := make([]*bot, o.bots)
	for i := range bots {
		if bots[i], err = newBot(far.ports[i], o.profile); err != nil {
			return err
		}
	}
	player := newPlayer(schedule, bots)
	if _, err = player.play(seconds(o.warm)); err != nil {
		return err
	}
	sentBefore, cpuBefore := player.sent, processorTime()
	late, err := player.play(seconds(o.seconds))
	if err != nil {
		return err
	}
	cpu := (processorTime() - cpuBefore).Seconds()
	packets := player.sent.packets - sentBefore.packets
	received, err := far.count()
	if err != nil {
		return err
	}

	return json.NewEncoder(os.Stdout).Encode(report{
		Bots: o.bots, Seconds: o.seconds,
		CPUSeconds: cpu, CPUPerBot: cpu / o.seconds / float64(o.bots),
		Packets: packets, PacketsPerBot: float64(packets) / o.seconds / float64(o.bots),
		Bytes: player.sent.bytes - sentBefore.bytes, Lost: player.sent.packets - received,
		LateMs: float64(late) / float64(time.Millisecond),
	})
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// processorTime is what this process has used.
func processorTime() time.Duration {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return 0
	}

	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
