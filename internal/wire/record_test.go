package wire

import (
	"bytes"
	"testing"
)

func TestRecordsComeBackAsTheyWerePut(t *testing.T) {
	records := []Record{
		{Type: RecordReply, Handle: 0, Number: 1, Payload: []byte("{}")},
		{Type: RecordEvent, Handle: MaxHandle, Number: 1<<32 - 1, Payload: []byte{}},
		{Type: RecordBinary, Flags: FlagLent, Handle: 1 << 24, Payload: make([]byte, LoanSize)},
		{Type: RecordText, Handle: 7, Payload: bytes.Repeat([]byte("x"), LentThreshold)},
	}
	// What was there before must not show through.
	batch := bytes.Repeat([]byte{0xff}, BatchSize)
	n := 0
	for _, r := range records {
		size := PutRecord(batch[n:], r)
		if size != RecordSize(len(r.Payload)) || size%RecordAlignment != 0 {
			t.Fatalf("a payload of %d bytes took %d", len(r.Payload), size)
		}
		n += size
	}
	rest := batch[:n]
	for i, want := range records {
		var got Record
		var err error
		got, rest, err = ParseRecord(rest)
		if err != nil {
			t.Fatal(err)
		}
		if got.Type != want.Type || got.Flags != want.Flags || got.Handle != want.Handle ||
			got.Number != want.Number || !bytes.Equal(got.Payload, want.Payload) {
			t.Errorf("record %d: got %+v, want %+v", i, got, want)
		}
	}
	if len(rest) != 0 {
		t.Errorf("%d bytes are left", len(rest))
	}
}

func TestPaddingIsZero(t *testing.T) {
	batch := bytes.Repeat([]byte{0xff}, 64)
	size := PutRecord(batch, Record{Type: RecordBinary, Payload: []byte{1}})
	if !bytes.Equal(batch[RecordHeaderSize:size], []byte{1, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("got % x", batch[:size])
	}
	if batch[size] != 0xff {
		t.Error("wrote past the record")
	}
}

func TestLoansComeBackAsTheyWerePut(t *testing.T) {
	var payload [LoanSize]byte
	PutLoan(&payload, MaxHandle, 1<<40)
	token, length, err := ParseLoan(payload[:])
	if err != nil || token != MaxHandle || length != 1<<40 {
		t.Errorf("got %d, %d, %v", token, length, err)
	}
	if _, _, err := ParseLoan(payload[1:]); err == nil {
		t.Error("a short payload parsed")
	}
}

func TestTheLargestRecordFitsABatch(t *testing.T) {
	if RecordSize(LentThreshold) > BatchSize {
		t.Error("it would never be polled")
	}
}

func FuzzParseRecord(f *testing.F) {
	seed := make([]byte, 64)
	f.Add(seed[:PutRecord(seed, Record{Type: RecordEvent, Number: 3, Payload: []byte(`{"a":1}`)})])
	f.Add([]byte{24, 0, 0, 0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, batch []byte) {
		for len(batch) > 0 {
			r, rest, err := ParseRecord(batch)
			if err != nil {
				return
			}
			if len(rest) >= len(batch) || len(r.Payload) > len(batch) {
				t.Fatalf("no progress: %d of %d bytes left", len(rest), len(batch))
			}
			batch = rest
		}
	})
}
