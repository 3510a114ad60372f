package media

import "time"

// SenderReport is what a sender says of its clock (RFC 3550 section 6.4.1): that RTP's Timestamp is At. What tracks of
// the same Clock say can be compared.
type SenderReport struct {
	Clock     any
	At        time.Time
	Timestamp uint32
	// Number counts reports from 1.
	Number uint64
}

// Reported is a Track whose sender may report; without a report its Number is 0.
type Reported interface{ SenderReport() SenderReport }
