// Command pion-data is the yardstick of bench/cases/data.mjs: the same messages through the same server, with plain pion and
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

// load is so many messages of a size.
type load struct {
	Messages int `json:"messages"`
	Size     int `json:"size"`
}

type task struct {
	Flows       []load `json:"flows"`
	Singles     load   `json:"singles"`
	Outstanding int    `json:"outstanding"`
	LimitMs     int    `json:"limitMs"`
}

type rate struct {
	PerSecond float64 `json:"perSecond"`
	Lost      int     `json:"lost"`
}

type result struct {
	Flows    []rate  `json:"flows"`
	Lost     int     `json:"lost"`
	MedianMs float64 `json:"medianMs"`
	P99Ms    float64 `json:"p99Ms"`
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

	f := newFlow(producer, consumer)
	limit := time.Duration(t.LimitMs) * time.Millisecond
	if _, err := f.run(load{200, t.Singles.Size}, 1, limit); err != nil {
		return err
	}
	var r result
	for _, one := range t.Flows {
		many, err := f.run(one, t.Outstanding, limit)
		if err != nil {
			return err
		}
		r.Flows = append(r.Flows, rate{many.perSecond, many.lost})
	}
	single, err := f.run(t.Singles, 1, limit)
	if err != nil {
		return err
	}
	r.Lost = single.lost
	r.MedianMs = single.quantile(0.5)
	r.P99Ms = single.quantile(0.99)
	return s.out.Encode(map[string]result{"result": r})
}
