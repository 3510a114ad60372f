package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// sink is the other process.
type sink struct {
	command *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Reader
	ports   []int
}

func startSink(sockets int) (*sink, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	s := &sink{command: exec.Command(program, "-sink", "-bots", strconv.Itoa(sockets))}
	s.command.Stderr = os.Stderr
	if s.input, err = s.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting the sink: %w", err)
	}
	output, err := s.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the sink: %w", err)
	}
	s.output = bufio.NewReader(output)
	if err = s.command.Start(); err != nil {
		return nil, fmt.Errorf("starting the sink: %w", err)
	}
	if err = s.read(&s.ports); err != nil {
		s.stop()

		return nil, err
	}

	return s, nil
}

func (s *sink) read(value any) error {
	line, err := s.output.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, value)
	}
	if err != nil {
		return fmt.Errorf("hearing the sink: %w", err)
	}

	return nil
}

// count is how many packets came in all.
func (s *sink) count() (received int, err error) {
	if err = s.input.Close(); err != nil {
		return 0, fmt.Errorf("asking the sink: %w", err)
	}

	return received, s.read(&received)
}

func (s *sink) stop() {
	_ = s.input.Close()
	_ = s.command.Wait()
}

// lastReads is for how long is read after all was sent.
const lastReads = 300 * time.Millisecond

// serve reads packets until standard input ends.
func serve(sockets int) error {
	ports := make([]int, sockets)
	conns := make([]*net.UDPConn, sockets)
	for i := range conns {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return fmt.Errorf("opening a socket: %w", err)
		}
		_ = conn.SetReadBuffer(1 << 20)
		conns[i] = conn
		if address, ok := conn.LocalAddr().(*net.UDPAddr); ok {
			ports[i] = address.Port
		}
	}
	var received atomic.Int64
	var readers sync.WaitGroup
	for _, conn := range conns {
		readers.Go(func() {
			buffer := make([]byte, 2048)
			for {
				if _, _, err := conn.ReadFromUDPAddrPort(buffer); err == nil {
					received.Add(1)
				} else if errors.Is(err, os.ErrDeadlineExceeded) {
					return
				}
			}
		})
	}
	if err := json.NewEncoder(os.Stdout).Encode(ports); err != nil {
		return fmt.Errorf("telling ports: %w", err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	// What was sent last is still being read.
	for _, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(lastReads))
	}
	readers.Wait()

	return json.NewEncoder(os.Stdout).Encode(received.Load())
}
