package stats

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/pion/webrtc/v4"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/peer/connectivity"
)

const (
	TransportID         = "transport"
	RemoteCertificateID = "certificate-remote"
)

// Connection are the candidates, their pairs and the certificate of pion's report, with the members that
// pion knows: it has others, which stay at zero, and W3C says that what is not known is not there. Candidates that
// hasten ICE are left out; where ICE has selected a pair of one, it is of the server's own candidate, to which that leads.
// transport is what belongs to the transport.
func Connection(report webrtc.StatsReport, selected string, at float64) (entries []Entry, transport Entry) {
	transport = Entry{}
	for _, s := range report {
		if isAlias(report, s) {
			if pair, ok := s.(webrtc.ICECandidatePairStats); ok && pair.ID == selected {
				pair.RemoteCandidateID = original(report, pair.RemoteCandidateID)
				entries = append(entries, pairEntry(pair, at))
			}

			continue
		}
		switch s := s.(type) {
		case webrtc.TransportStats:
			transport["bytesSent"], transport["bytesReceived"] = s.BytesSent, s.BytesReceived
		case webrtc.CertificateStats:
			transport["localCertificateId"] = s.ID
			entries = append(entries, certificateEntry(s, at))
		case webrtc.ICECandidatePairStats:
			entries = append(entries, pairEntry(s, at))
		case webrtc.ICECandidateStats:
			entries = append(entries, candidateEntry(s, at))
		default:
		}
	}

	return entries, transport
}

func pairEntry(s webrtc.ICECandidatePairStats, at float64) Entry {
	e := Entry{
		"id": s.ID, "type": string(s.Type), "timestamp": at, "transportId": TransportID,
		"localCandidateId": s.LocalCandidateID, "remoteCandidateId": s.RemoteCandidateID,
		"state": string(s.State), "nominated": s.Nominated,
		"packetsSent": s.PacketsSent, "packetsReceived": s.PacketsReceived,
		"bytesSent": s.BytesSent, "bytesReceived": s.BytesReceived,
		"totalRoundTripTime": s.TotalRoundTripTime, "currentRoundTripTime": s.CurrentRoundTripTime,
		"requestsSent": s.RequestsSent, "requestsReceived": s.RequestsReceived,
		"responsesSent": s.ResponsesSent, "responsesReceived": s.ResponsesReceived,
	}
	if s.LastPacketSentTimestamp > 0 {
		e["lastPacketSentTimestamp"] = float64(s.LastPacketSentTimestamp)
	}
	if s.LastPacketReceivedTimestamp > 0 {
		e["lastPacketReceivedTimestamp"] = float64(s.LastPacketReceivedTimestamp)
	}

	return e
}

func candidateEntry(s webrtc.ICECandidateStats, at float64) Entry {
	e := Entry{
		"id": s.ID, "type": string(s.Type), "timestamp": at, "transportId": TransportID,
		"address": s.IP, "ip": s.IP, "port": s.Port, "protocol": s.Protocol,
		"candidateType": s.CandidateType.String(), "priority": s.Priority,
	}
	if s.Type == webrtc.StatsTypeLocalCandidate {
		if s.URL != "" {
			e["url"] = s.URL
		}
		if s.RelayProtocol != "" {
			e["relayProtocol"] = s.RelayProtocol
		}
	}

	return e
}

// certificateEntry writes pion's values as RFC 8122 and W3C have them.
func certificateEntry(s webrtc.CertificateStats, at float64) Entry {
	e := Entry{
		"id": s.ID, "type": string(s.Type), "timestamp": at,
		"fingerprint": strings.ToUpper(s.Fingerprint), "fingerprintAlgorithm": s.FingerprintAlgorithm,
	}
	if der, err := base64.RawURLEncoding.DecodeString(s.Base64Certificate); err == nil {
		e["base64Certificate"] = base64.StdEncoding.EncodeToString(der)
	}

	return e
}

// RemoteCertificate is the server's.
func RemoteCertificate(der []byte, now float64) Entry {
	digest := sha256.Sum256(der)
	pairs := make([]string, len(digest))
	for i, b := range digest {
		pairs[i] = fmt.Sprintf("%02X", b)
	}

	return Entry{
		"id": RemoteCertificateID, "type": "certificate", "timestamp": now,
		"fingerprint": strings.Join(pairs, ":"), "fingerprintAlgorithm": "sha-256",
		"base64Certificate": base64.StdEncoding.EncodeToString(der),
	}
}

// isAlias says whether s is of a candidate that hasten made.
func isAlias(report webrtc.StatsReport, s webrtc.Stats) bool {
	switch s := s.(type) {
	case webrtc.ICECandidateStats:
		return s.Type == webrtc.StatsTypeRemoteCandidate && s.CandidateType == connectivity.AliasType
	case webrtc.ICECandidatePairStats:
		remote, ok := report[s.RemoteCandidateID].(webrtc.ICECandidateStats)

		return ok && isAlias(report, remote)
	default:
		return false
	}
}

// original is the candidate of the server's whose alias hasten made.
func original(report webrtc.StatsReport, alias string) string {
	made, _ := report[alias].(webrtc.ICECandidateStats)
	for id, s := range report {
		own, ok := s.(webrtc.ICECandidateStats)
		if ok && own.Type == made.Type && !isAlias(report, s) && own.IP == made.IP && own.Port == made.Port && own.Protocol == made.Protocol {
			return id
		}
	}

	return alias
}

// PairTraffic is what the candidate pairs of ICE have carried, of packets that are not
// ICE's own.
type PairTraffic struct{ Sent, Received uint64 }

// With adds that of a report: pairs are gone once ICE begins anew.
func (t PairTraffic) With(report webrtc.StatsReport) PairTraffic {
	for _, s := range report {
		if pair, ok := s.(webrtc.ICECandidatePairStats); ok {
			t.Sent += uint64(pair.PacketsSent)
			t.Received += uint64(pair.PacketsReceived)
		}
	}

	return t
}
