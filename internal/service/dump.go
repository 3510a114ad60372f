package service

import (
	"cmp"
	"os"
	"slices"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/wire"
)

// dump tells of the sources and the peers, in the order in which they were opened.
// What is being closed is not there any more: the app has seen its close() return.
func (w *worker) dump() wire.WorkerState {
	state := wire.WorkerState{Pid: os.Getpid(), Players: []wire.PlayerState{}, Handlers: []wire.PeerState{}}
	w.mu.Lock()
	leaving := make(map[string]bool)
	for _, t := range w.tracks {
		if t.leaving.Load() {
			leaving[t.ID()] = true
		}
	}
	peers := make([]*peerHandle, 0, len(w.peers))
	for p := range w.peers {
		if !p.leaving.Load() {
			peers = append(peers, p)
		}
	}
	w.mu.Unlock()
	for _, s := range w.sources.State() {
		if player, ok := playerState(s, leaving); ok {
			state.Players = append(state.Players, player)
		}
	}
	slices.SortFunc(peers, func(a, b *peerHandle) int { return cmp.Compare(a.number, b.number) })
	for _, p := range peers {
		state.Handlers = append(state.Handlers, p.state())
	}

	return state
}

// playerState shows of each kind the oldest track that is live, else the last that was.
// It reports false when none is.
func playerState(s source.State, leaving map[string]bool) (wire.PlayerState, bool) {
	player := wire.PlayerState{ID: s.ID}
	live := false
	for _, t := range s.Tracks {
		shown := &player.VideoTrack
		if t.Kind == media.Audio {
			shown = &player.AudioTrack
		}
		if leaving[t.ID] {
			t.ReadyState = source.Ended
		}
		live = live || t.ReadyState == source.Live
		if *shown == nil || (*shown).ReadyState == source.Ended {
			*shown = &wire.TrackState{ID: t.ID, Kind: t.Kind.String(), ReadyState: t.ReadyState}
		}
	}

	return player, live
}
