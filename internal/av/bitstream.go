package av

// #include <libavformat/avformat.h>
//
// // cgo leaves bit fields out.
// static int mscp_entry_is_keyframe(const AVIndexEntry *entry) {
//   return (entry->flags & AVINDEX_KEYFRAME) != 0;
// }
// static int mscp_entry_size(const AVIndexEntry *entry) { return entry->size; }
import "C"

import (
	"slices"
	"strings"
	"time"
	"unsafe"
)

// Index is what a container's table of packets tells of one stream.
type Index struct {
	// LongestGap is the longest time from one keyframe to the next, or to the end.
	LongestGap time.Duration
	// Bitrate is the mean in bits a second, 0 where it isn't known.
	Bitrate int
}

// Data are the packet's bytes: FFmpeg's memory, lent until Release.
func (p *Packet) Data() []byte {
	c := *(**C.AVPacket)(unsafe.Pointer(p.packet))
	if c.data == nil || c.size <= 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(c.data)), int(c.size))
}

// Seekable reports that the input is bytes that can be read anywhere.
func (d *Demuxer) Seekable() bool {
	pb := formatContext(d.context).pb
	return pb != nil && pb.seekable&C.AVIO_SEEKABLE_NORMAL != 0
}

// Index gives what the container's header says of every packet of the stream;
// ok is false where it doesn't list them all.
func (d *Demuxer) Index(stream Stream) (index Index, ok bool) {
	if !slices.Contains(strings.Split(d.format, ","), "mp4") {
		return Index{}, false
	}
	s := avStream(d.inner[stream.Index])
	count := C.avformat_index_get_entries_count(s)
	if count <= 0 || s.nb_frames <= 0 || C.int64_t(count) < s.nb_frames {
		return Index{}, false
	}
	var bytes, last int64
	first, keyframe := int64(noPTS), int64(noPTS)
	longest := int64(0)
	for i := range count {
		entry := C.avformat_index_get_entry(s, i)
		if entry == nil {
			return Index{}, false
		}
		bytes += int64(C.mscp_entry_size(entry))
		last = int64(entry.timestamp)
		if first == noPTS {
			first = last
		}
		if C.mscp_entry_is_keyframe(entry) != 0 {
			if keyframe != noPTS {
				longest = max(longest, last-keyframe)
			}
			keyframe = last
		}
	}
	if keyframe == noPTS {
		keyframe = first
	}
	index.LongestGap = toDuration(max(longest, last-keyframe), stream.base)
	if length := toDuration(last-first, stream.base); length > 0 {
		index.Bitrate = int(float64(bytes) * 8 / length.Seconds())
	}
	return index, index.LongestGap != NoTime
}
