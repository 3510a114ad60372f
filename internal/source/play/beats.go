package play

import "time"

// beat is how far the beats of the process lie apart, at which players wake together: each waking of a thread costs
// more than what a player then does.
const beat = 10 * time.Millisecond

// epoch is the first beat.
var epoch = time.Now()

// untilBeat is how long to wait for what is due in that time and may be handed out slack before: up to a beat, where
// there surely is one in between. Nothing is late for it.
func untilBeat(now time.Time, due, slack time.Duration) time.Duration {
	if slack < beat {
		return due
	}
	since := now.Sub(epoch)
	next := since + due - slack + beat - 1
	return next - next%beat - since
}
