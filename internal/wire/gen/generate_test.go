package main

import (
	"testing"
)

func TestWireTsIsWhatThePackageSays(t *testing.T) {
	if err := run("..", "../../../lib/wire.ts", true); err != nil {
		t.Fatal(err)
	}
}

func TestCheckSeesADifference(t *testing.T) {
	other := t.TempDir() + "/wire.ts"
	if err := run("..", other, false); err != nil {
		t.Fatal(err)
	}
	if err := run("..", other, true); err != nil {
		t.Fatal(err)
	}
	if err := run("..", "generate.go", true); err == nil {
		t.Fatal("a file that differs passed")
	}
}
