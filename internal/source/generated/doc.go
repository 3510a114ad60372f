// Package generated plays what the app writes: pictures as they come, and sound that waits for its time. It knows
// neither JavaScript nor who reads its tracks.
package generated
