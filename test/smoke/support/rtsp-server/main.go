// Command rtsp-server is a camera for tests: an RTSP server on loopback that hands what one client publishes to all that
// read. It prints its URL, and ends with its standard input.
package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"
)

var errNothingPublished = errors.New("nothing is published")

// camera is the server's handler.
type camera struct {
	server *gortsplib.Server

	mu     sync.Mutex
	stream *gortsplib.ServerStream
}

func (c *camera) current() *gortsplib.ServerStream {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.stream
}

// OnAnnounce implements gortsplib.ServerHandlerOnAnnounce.
func (c *camera) OnAnnounce(ctx *gortsplib.ServerHandlerOnAnnounceCtx) (*base.Response, error) {
	stream := &gortsplib.ServerStream{Server: c.server, Desc: ctx.Description}
	if err := stream.Initialize(); err != nil {
		return &base.Response{StatusCode: base.StatusBadRequest}, fmt.Errorf("taking a stream: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stream = stream

	return &base.Response{StatusCode: base.StatusOK}, nil
}

// OnDescribe implements gortsplib.ServerHandlerOnDescribe.
func (c *camera) OnDescribe(*gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if stream := c.current(); stream != nil {
		return &base.Response{StatusCode: base.StatusOK}, stream, nil
	}

	return &base.Response{StatusCode: base.StatusNotFound}, nil, nil
}

// OnSetup implements gortsplib.ServerHandlerOnSetup.
func (c *camera) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if ctx.Session.State() == gortsplib.ServerSessionStatePreRecord {
		return &base.Response{StatusCode: base.StatusOK}, nil, nil
	}
	if stream := c.current(); stream != nil {
		return &base.Response{StatusCode: base.StatusOK}, stream, nil
	}

	return &base.Response{StatusCode: base.StatusNotFound}, nil, errNothingPublished
}

// OnPlay implements gortsplib.ServerHandlerOnPlay.
func (*camera) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	return &base.Response{StatusCode: base.StatusOK}, nil
}

// OnRecord implements gortsplib.ServerHandlerOnRecord.
func (c *camera) OnRecord(ctx *gortsplib.ServerHandlerOnRecordCtx) (*base.Response, error) {
	ctx.Session.OnPacketRTPAny(func(m *description.Media, _ format.Format, packet *rtp.Packet) {
		// A reader that is slow misses it, as with a camera.
		_ = c.current().WritePacketRTP(m, packet)
	})

	return &base.Response{StatusCode: base.StatusOK}, nil
}

func run() error {
	// gortsplib does not tell which port it took: one that is free now.
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("looking for a port: %w", err)
	}
	address := free.Addr().String()
	if err = free.Close(); err != nil {
		return fmt.Errorf("looking for a port: %w", err)
	}
	c := &camera{}
	c.server = &gortsplib.Server{Handler: c, RTSPAddress: address}
	if err = c.server.Start(); err != nil {
		return fmt.Errorf("serving: %w", err)
	}
	defer c.server.Close()
	fmt.Fprintf(os.Stdout, "rtsp://%s/camera\n", address)
	_, err = io.Copy(io.Discard, os.Stdin)

	return err //nolint:wrapcheck // the standard input's own
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
