// Command goexport is the Go library behind the addon, built with
// -buildmode=c-shared: abi.h over internal/core. It checks, recovers and
// forwards; what messages do is internal/service's.
package main

func main() {}
