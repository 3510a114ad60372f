package peer

import "github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"

// Traffic is what a connection's sockets have carried.
type Traffic = connectivity.Traffic

// Traffic is since the connection's beginning, and its end as well.
func (p *Peer) Traffic() Traffic { return p.network.Traffic() }

// Sockets is how many are open.
func (p *Peer) Sockets() int { return p.network.Sockets() }
