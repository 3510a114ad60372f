package stats

import "testing"

func TestASelectionHoldsWhatIsReferredTo(t *testing.T) {
	all := []Entry{
		{"id": "o1", "type": "outbound-rtp", "codecId": "c1", "transportId": "t", "remoteId": "absent"},
		{"id": "c1", "type": "codec", "transportId": "t"},
		{"id": "c2", "type": "codec"},
		{"id": "t", "type": "transport", "selectedCandidatePairId": "p"},
		{"id": "p", "type": "candidate-pair", "transportId": "t"},
		{"id": "p2", "type": "candidate-pair", "transportId": "t"},
	}
	got := map[any]bool{}
	for _, e := range Selected("outbound-rtp", all) {
		got[e["id"]] = true
	}
	for id, want := range map[string]bool{"o1": true, "c1": true, "c2": false, "t": true, "p": true, "p2": false} {
		if got[id] != want {
			t.Errorf("%s: %v", id, got[id])
		}
	}
	if len(Selected("inbound-rtp", all)) != 0 {
		t.Error("a selection of nothing is not empty")
	}
}
