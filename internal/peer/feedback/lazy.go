package feedback

import (
	"sync"

	"github.com/pion/interceptor"
)

// lazyFactory makes interceptors that begin to work with the first stream that is
// received: one that looks for missing packets every 20 ms would otherwise cost a
// connection that only sends more than its packets do.
type lazyFactory struct{ interceptor.Factory }

// Lazy makes those of a factory lazy.
func Lazy(factory interceptor.Factory) interceptor.Factory { return lazyFactory{factory} }

// NewInterceptor implements interceptor.Factory.
func (f lazyFactory) NewInterceptor(id string) (interceptor.Interceptor, error) {
	inner, err := f.Factory.NewInterceptor(id)
	if err != nil {
		return nil, err
	}

	return &lazy{Interceptor: inner}, nil
}

type lazy struct {
	interceptor.Interceptor

	mu     sync.Mutex
	writer interceptor.RTCPWriter
	begun  bool
}

// BindRTCPWriter keeps the writer until there is a stream.
func (l *lazy) BindRTCPWriter(writer interceptor.RTCPWriter) interceptor.RTCPWriter {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writer = writer

	return writer
}

// BindRemoteStream begins the work.
func (l *lazy) BindRemoteStream(info *interceptor.StreamInfo, reader interceptor.RTPReader) interceptor.RTPReader {
	l.mu.Lock()
	begin := !l.begun && l.writer != nil
	l.begun = l.begun || begin
	l.mu.Unlock()
	if begin {
		l.Interceptor.BindRTCPWriter(l.writer)
	}

	return l.Interceptor.BindRemoteStream(info, reader)
}
