package source

// Waiting is how many wait for sources that open.
func Waiting(r *Registry) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, o := range r.opening {
		n += len(o.waiters)
	}
	return n
}
