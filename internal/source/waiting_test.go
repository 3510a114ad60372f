package source_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
)

// A recorded URL of which one kind is there and the other is still on its way.
func TestWaitingForTheOtherKindCostsNothing(t *testing.T) {
	for name, late := range map[string][][]string{
		"late-picture.mkv": {{"-itsoffset", "5"}, redPicture, tone440},
		"late-tone.mkv":    {redPicture, {"-itsoffset", "5"}, tone440},
	} {
		path := clip(t, name, late[0], late[1], late[2], h264,
			[]string{"-map", "0:v", "-map", "1:a", "-c:a", "libopus", "-t", "8", "-cluster_time_limit", "200"})
		whole := read(t, path)
		rest := make(chan struct{})
		// What is there is of the first kind alone.
		begin := len(whole) / 8
		address := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
			_, _ = w.Write(whole[:begin])
			w.(http.Flusher).Flush()
			select {
			case <-rest:
				_, _ = w.Write(whole[begin:])
			case <-r.Context().Done():
			}
		}) + "/" + name
		f := newFixture(t)
		decode := true
		opened := f.open(t, source.Spec{Type: "url", Value: address, Decode: &decode, Timeout: time.Minute}, true, true)
		video, audio := newCollector(), newCollector()
		attach(t, opened.Video, vp8, media.EncodingSettings{}, video)
		attach(t, opened.Audio, opus, media.EncodingSettings{}, audio)
		const span = 1500 * time.Millisecond
		timer := time.NewTimer(span)
		before := processorTime(t)
		<-timer.C
		if used := processorTime(t) - before; used > span/6 {
			t.Errorf("%s: %v of processor time in %v", name, used, span)
		}
		if n := video.count() + audio.count(); n > 0 {
			t.Errorf("%s: %d frames before both were there", name, n)
		}
		close(rest)
		video.wait(t, 5, patience)
		audio.wait(t, 5, patience)
		opened.Audio.Stop()
		opened.Video.Stop()
	}
}
