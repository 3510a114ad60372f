package peer

import "sync/atomic"

// channelCounts are W3C's dataChannelsOpened and dataChannelsClosed (RTCPeerConnectionStats).
type channelCounts struct{ opened, closed atomic.Uint64 }

// note counts a change of a data channel's state.
func (c *channelCounts) note(from, to string) {
	switch {
	case to == ChannelOpen:
		c.opened.Add(1)
	case to == ChannelClosed && from != ChannelConnecting:
		c.closed.Add(1)
	}
}
