package preemption

import _ "unsafe" // for go:linkname

// GODEBUG=asyncpreemptoff=1 says this, but a library can't: its runtime reads what the process was started with, and
// //go:debug does not know it. So the runtime's table of such settings does. That needs the linker's -checklinkname=0, and
// ends when golang/go has a way. What looks for signals of a process is test/unit/waist-signals.test.ts.

// setting is the runtime's dbgVar.
type setting struct {
	name  string
	value *int32
	_     *int32
	_     int32
}

//go:linkname settings runtime.dbgvars
var settings []*setting

func init() { //nolint:gochecknoinits // before the goroutines that would be preempted
	for _, setting := range settings {
		if setting.name == "asyncpreemptoff" {
			*setting.value = 1
		}
	}
}
