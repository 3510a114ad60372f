package stats

import (
	"testing"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
)

// A pair of an alias is left out, unless ICE has selected it: then it is of the candidate that the alias was made of.
func TestAPairOfAnAliasIsThatOfTheServersCandidate(t *testing.T) {
	remote := func(id string, port int32, protocol string, kind webrtc.ICECandidateType) webrtc.ICECandidateStats {
		return webrtc.ICECandidateStats{
			ID: id, Type: webrtc.StatsTypeRemoteCandidate, IP: "127.0.0.1", Port: port, Protocol: protocol, CandidateType: kind,
		}
	}
	pair := func(remote string) webrtc.ICECandidatePairStats {
		return webrtc.ICECandidatePairStats{
			ID: "local-" + remote, Type: webrtc.StatsTypeCandidatePair, LocalCandidateID: "local", RemoteCandidateID: remote,
		}
	}
	report := webrtc.StatsReport{
		"local": webrtc.ICECandidateStats{ID: "local", Type: webrtc.StatsTypeLocalCandidate, IP: "127.0.0.1", Port: 2, Protocol: "udp"},
		"udp":   remote("udp", 1, "udp", webrtc.ICECandidateTypeHost), "tcp": remote("tcp", 1, "tcp", webrtc.ICECandidateTypeHost),
		"other": remote("other", 2, "udp", webrtc.ICECandidateTypeHost),
		"alias": remote("alias", 1, "udp", connectivity.AliasType), "late": remote("late", 1, "udp", connectivity.AliasType),
	}
	for _, of := range []string{"udp", "tcp", "other", "alias", "late"} {
		report["local-"+of] = pair(of)
	}
	for selected, leadsTo := range map[string]string{
		"": "", "local-udp": "udp", "local-tcp": "tcp", "local-other": "other", "local-alias": "udp", "local-late": "udp",
	} {
		entries, _ := Connection(report, selected, 1)
		pairs, candidates, found := 0, make(map[any]bool), ""
		for _, e := range entries {
			switch e["type"] {
			case "candidate-pair":
				pairs++
				if e["id"] == selected {
					found, _ = e["remoteCandidateId"].(string)
				}
			case "remote-candidate":
				candidates[e["id"]] = true
			}
		}
		expected := 3
		if leadsTo != "" && selected != "local-"+leadsTo {
			expected++
		}
		if pairs != expected || found != leadsTo || len(candidates) != 3 || leadsTo != "" && !candidates[leadsTo] {
			t.Errorf("selected %q: it leads to %q, of %d pairs and candidates %v", selected, found, pairs, candidates)
		}
	}
}
