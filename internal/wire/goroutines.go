package wire

// Goroutines are those of all environments of a process, for tests of what is left over.
type Goroutines struct {
	// ByStack counts them by the functions that they are in, the innermost first.
	ByStack map[string]int `json:"byStack"`
}
