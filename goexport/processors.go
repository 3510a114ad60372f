package main

import (
	"os"
	"runtime"
	"sync"
)

// spare is how many JavaScript threads find a place at once.
const spare = 2

// spareProcessors lets more goroutines run at once than there are processors.
// A call from the JavaScript thread needs one of GOMAXPROCS places. If busy
// goroutines hold them all, it waits until the scheduler takes one away, some
// 10 ms later; with places to spare, the operating system shares the time, as it
// does among all threads. The user's own GOMAXPROCS is kept.
var spareProcessors = sync.OnceFunc(func() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + spare)
	}
})
