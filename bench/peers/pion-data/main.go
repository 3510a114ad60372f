// Command pion-data is the yardstick of bench/data: the same messages through the same server, with plain pion and
// without Node. It reads its task from standard input and asks the server through standard output, in JSON lines.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

type task struct {
	Messages    int `json:"messages"`
	Singles     int `json:"singles"`
	Size        int `json:"size"`
	Outstanding int `json:"outstanding"`
	LimitMs     int `json:"limitMs"`
}

type result struct {
	PerSecond float64 `json:"perSecond"`
	Lost      int     `json:"lost"`
	MedianMs  float64 `json:"medianMs"`
	P99Ms     float64 `json:"p99Ms"`
}

// server asks the other end of standard input and output.
type server struct {
	in  *bufio.Reader
	out *json.Encoder
}

func (s *server) request(method string, data, answer any) error {
	if err := s.out.Encode(map[string]any{"method": method, "data": data}); err != nil {
		return fmt.Errorf("ask %s: %w", method, err)
	}
	line, err := s.in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("answer to %s: %w", method, err)
	}
	var reply struct {
		Answer json.RawMessage `json:"answer"`
		Error  string          `json:"error"`
	}
	if err := json.Unmarshal(line, &reply); err != nil {
		return fmt.Errorf("answer to %s: %w", method, err)
	}
	if reply.Error != "" {
		return fmt.Errorf("%s: %w", method, errors.New(reply.Error))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(reply.Answer, answer)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pion-data:", err)
		os.Exit(1)
	}
}

func run() error {
	s := &server{in: bufio.NewReader(os.Stdin), out: json.NewEncoder(os.Stdout)}
	line, err := s.in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the task: %w", err)
	}
	var t task
	if err := json.Unmarshal(line, &t); err != nil {
		return fmt.Errorf("read the task: %w", err)
	}

	sender, err := connect(s)
	if err != nil {
		return err
	}
	receiver, err := connect(s)
	if err != nil {
		return err
	}
	producer, producerID, err := sender.produceData(s)
	if err != nil {
		return err
	}
	consumer, err := receiver.consumeData(s, producerID)
	if err != nil {
		return err
	}

	f := newFlow(producer, consumer, t.Size)
	limit := time.Duration(t.LimitMs) * time.Millisecond
	if _, err := f.run(200, 1, limit); err != nil {
		return err
	}
	many, err := f.run(t.Messages, t.Outstanding, limit)
	if err != nil {
		return err
	}
	single, err := f.run(t.Singles, 1, limit)
	if err != nil {
		return err
	}
	return s.out.Encode(map[string]result{"result": {
		PerSecond: many.perSecond,
		Lost:      many.lost + single.lost,
		MedianMs:  single.quantile(0.5),
		P99Ms:     single.quantile(0.99),
	}})
}
