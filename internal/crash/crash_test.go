package crash

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	// crashing has the test's own program be the one that crashes.
	crashing = "MSCP_TEST_CRASH"
	head     = `{"version":"1.2.3"}`
)

func TestMain(m *testing.M) {
	if file := os.Getenv(crashing); file != "" {
		if _, err := Report(file, head); err != nil {
			panic(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			panic("deliberate")
		}()
		<-done
		select {}
	}
	os.Exit(m.Run())
}

func TestACrashLeavesItsStacksBehindTheHead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report")
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), crashing+"="+file)
	if err := command.Run(); err == nil {
		t.Fatal("it did not crash")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{head + "\n", "panic: deliberate", "goroutine 1 ["} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestTheFirstWhoAsksNamesTheFileAndTheLastToLeaveRemovesIt(t *testing.T) {
	var r reporter
	folder := t.TempDir()
	if _, err := r.report(filepath.Join(folder, "missing", "report"), head); err == nil {
		t.Error("in a folder that is not there")
	}
	first, second, third := filepath.Join(folder, "first"), filepath.Join(folder, "second"), filepath.Join(folder, "third")
	report := func(file, want string) *Reports {
		t.Helper()
		reports, err := r.report(file, head)
		if err != nil || reports.File != want {
			t.Fatalf("%+v, %v: expected %s", reports, err, want)
		}
		if text, err := os.ReadFile(want); string(text) != head+"\n" {
			t.Errorf("%q, %v", text, err)
		}

		return reports
	}
	leave := func(reports *Reports, left ...string) {
		t.Helper()
		if err := reports.Close(); err != nil {
			t.Error(err)
		}
		if found, _ := filepath.Glob(filepath.Join(folder, "*")); !slices.Equal(found, left) {
			t.Errorf("%v: expected %v", found, left)
		}
	}
	one, two := report(first, first), report(second, first)
	leave(one, first)
	leave(one, first)
	leave(two)
	three := report(third, third)
	// JavaScript removes it as the process ends.
	if err := os.Remove(third); err != nil {
		t.Error(err)
	}
	leave(three)
}

func TestNothingIsOverwritten(t *testing.T) {
	var r reporter
	file := filepath.Join(t.TempDir(), "report")
	if err := os.WriteFile(file, []byte("of another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if reports, err := r.report(file, head); err == nil {
		t.Errorf("%+v", reports)
	}
	if text, _ := os.ReadFile(file); string(text) != "of another" {
		t.Errorf("%q", text)
	}
}
