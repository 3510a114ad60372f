// Package crash has what nothing recovers from (a map that two goroutines change, a fault in C, no memory) leave a
// report: Go ends the process then, without a word to Node.js. What recovers lives in package recovery.
package crash
