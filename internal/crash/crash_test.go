package crash

import (
	"os"
	"os/exec"
	"path/filepath"
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
		if made, err := Report(file, head); !made || err != nil {
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

func TestTheFirstReportOfAProcessCounts(t *testing.T) {
	var r reporter
	folder := t.TempDir()
	if made, err := r.report(filepath.Join(folder, "missing", "report"), head); made || err == nil {
		t.Errorf("in a folder that is not there: %t, %v", made, err)
	}
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	if made, err := r.report(first, head); !made || err != nil {
		t.Errorf("the first: %t, %v", made, err)
	}
	if made, err := r.report(second, head); made || err != nil {
		t.Errorf("the second: %t, %v", made, err)
	}
	if text, err := os.ReadFile(first); string(text) != head+"\n" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := os.Stat(second); err == nil {
		t.Error("the second has a file")
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	var r reporter
	file := filepath.Join(t.TempDir(), "report")
	if err := os.WriteFile(file, []byte("of another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if made, err := r.report(file, head); made || err == nil {
		t.Errorf("%t, %v", made, err)
	}
	if text, _ := os.ReadFile(file); string(text) != "of another" {
		t.Errorf("%q", text)
	}
}
