package sink

// Lost counts the frames that the reader, or the decoder before it, had no time for.
func (r *Reader) Lost() uint64 { return r.mailbox.Lost() }
