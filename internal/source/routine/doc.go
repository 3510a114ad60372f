// Package routine has the goroutines of sources: each starts through the Worker that it ends with, and frees
// once what belongs to it. What runs on them is the other rooms'.
package routine
