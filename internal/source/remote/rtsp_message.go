package remote

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Bounds of what a server of RTSP may send before it plays.
const (
	mostRTSPLine  = 64 << 10
	mostRTSPLines = 200
	mostRTSPBody  = 4 << 20
)

// errRTSP is what FFmpeg and this reader could take for different things.
var errRTSP = errors.New("no message of RTSP")

// rtspMessage is a request, a reply or a frame of RTSP (RFC 2326).
type rtspMessage struct {
	// frame is interleaved binary data, with its header; else nil.
	frame []byte
	// lines are the first and those of the header.
	lines []string
	body  []byte
}

// readRTSP reads a message. It is strict, so that FFmpeg can't read another.
func readRTSP(in *bufio.Reader) (*rtspMessage, error) {
	first, err := in.Peek(1)
	if err != nil {
		return nil, err
	}
	if first[0] == '$' {
		head, err := in.Peek(4)
		if err != nil {
			return nil, err
		}
		frame := make([]byte, 4+int(binary.BigEndian.Uint16(head[2:])))
		_, err = io.ReadFull(in, frame)
		return &rtspMessage{frame: frame}, err
	}
	m := &rtspMessage{}
	length := 0
	for {
		line, err := readRTSPLine(in)
		if err != nil {
			return nil, err
		}
		if line == "" {
			break
		}
		if m.lines = append(m.lines, line); len(m.lines) > mostRTSPLines {
			return nil, errRTSP
		}
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Length") {
			n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 32)
			if err != nil || n > mostRTSPBody {
				return nil, errRTSP
			}
			length = int(n)
		}
	}
	m.body = make([]byte, length)
	_, err = io.ReadFull(in, m.body)
	return m, err
}

func readRTSPLine(in *bufio.Reader) (string, error) {
	raw, err := in.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")
	if strings.HasPrefix(line, "$") || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return "", errRTSP
	}
	return line, nil
}

// header is the value of the first header field of that name, which is in small letters.
func (m *rtspMessage) header(name string) string {
	for _, line := range m.lines {
		if field, value, found := strings.Cut(line, ":"); found && strings.ToLower(field) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// status is 0 for what is no reply.
func (m *rtspMessage) status() (int, error) {
	if len(m.lines) == 0 || !strings.HasPrefix(m.lines[0], "RTSP/") {
		return 0, nil
	}
	fields := strings.FieldsFunc(m.lines[0], func(r rune) bool { return r == ' ' || r == '\t' })
	if len(fields) < 2 || len(fields[1]) != 3 {
		return 0, errRTSP
	}
	code, err := strconv.Atoi(fields[1])
	if err != nil || code < 100 {
		return 0, errRTSP
	}
	return code, nil
}

func (m *rtspMessage) write(to io.Writer) error {
	if m.frame != nil {
		_, err := to.Write(m.frame)
		return err
	}
	text := strings.Join(append(m.lines, "", ""), "\r\n")
	if len(m.lines) == 0 {
		text = "\r\n"
	}
	if _, err := to.Write(append([]byte(text), m.body...)); err != nil {
		return fmt.Errorf("hand on a message of RTSP: %w", err)
	}
	return nil
}
