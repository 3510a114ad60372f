package recovery

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type told struct{ message, stack string }

func owned() (context.Context, chan told) {
	panics := make(chan told, 1)

	return WithOwner(context.Background(), func(message, stack string) { panics <- told{message, stack} }), panics
}

func failing() { panic("deliberate") }

func wantTold(t *testing.T, panics chan told) {
	t.Helper()
	select {
	case got := <-panics:
		if got.message != "testing: deliberate" || !strings.Contains(got.stack, "recovery.failing") {
			t.Errorf("told %q with the stack\n%s", got.message, got.stack)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the owner was not told")
	}
}

func TestTheOwnerIsToldOfAPanicWhereverItWas(t *testing.T) {
	ctx, panics := owned()
	for name, run := range map[string]func(ctx context.Context){
		"Run": func(ctx context.Context) { Run(ctx, "testing", failing) },
		"Go":  func(ctx context.Context) { Go(ctx, "testing", failing) },
		"AfterFunc": func(ctx context.Context) {
			ctx, cancel := context.WithCancel(ctx)
			AfterFunc(ctx, "testing", failing)
			cancel()
		},
		"Timer":     func(ctx context.Context) { Timer(ctx, "testing", time.Microsecond, failing) },
		"inherited": func(ctx context.Context) { Run(Inherit(context.Background(), ctx), "testing", failing) },
		"derived": func(ctx context.Context) {
			ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
			defer cancel()
			Run(ctx, "testing", failing)
		},
	} {
		t.Run(name, func(t *testing.T) {
			run(ctx)
			wantTold(t, panics)
		})
	}
}

func TestAPanicIsTheErrorOfItsCallback(t *testing.T) {
	ctx, panics := owned()
	call := func() (err error) {
		defer Recover(ctx, "testing", &err)
		failing()

		return nil
	}
	if err := call(); !errors.Is(err, ErrPanic) {
		t.Errorf("got %v", err)
	}
	wantTold(t, panics)
}

func TestAStoppedFunctionDoesNotRun(t *testing.T) {
	ctx, panics := owned()
	ctx, cancel := context.WithCancel(ctx)
	if stop := AfterFunc(ctx, "testing", failing); !stop() {
		t.Error("it was not stopped")
	}
	cancel()
	if len(panics) > 0 {
		t.Error("it ran")
	}
}

// What is stopped is about to go, with what the function uses.
func TestStoppingWaitsForAFunctionThatRuns(t *testing.T) {
	for name, fail := range map[string]func(){"returns": func() {}, "panics": failing} {
		t.Run(name, func(t *testing.T) {
			ctx, panics := owned()
			ctx, cancel := context.WithCancel(ctx)
			begun, ends := make(chan struct{}), make(chan struct{})
			stop := AfterFunc(ctx, "testing", func() {
				close(begun)
				<-ends
				fail()
			})
			cancel()
			<-begun
			stopped := make(chan bool)
			go func() { stopped <- stop() }()
			select {
			case <-stopped:
				t.Fatal("it was not waited for")
			case <-time.After(50 * time.Millisecond):
			}
			close(ends)
			if <-stopped {
				t.Error("it was stopped")
			}
			if told := len(panics) == 1; told != (name == "panics") {
				t.Errorf("told: %t", told)
			}
			if stop() {
				t.Error("it was stopped later")
			}
		})
	}
}

func TestStoppingTwiceWaitsForNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := AfterFunc(ctx, "testing", failing)
	if !stop() || stop() {
		t.Error("it was not stopped once")
	}
	cancel()
	if stop() {
		t.Error("it was stopped again")
	}
}

// Goroutines that are started elsewhere end the process with their first panic.
func TestNothingElseStartsAGoroutine(t *testing.T) {
	for _, folder := range []string{"../../internal", "../../goexport"} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
				filepath.Base(filepath.Dir(path)) == "recovery" {
				return err
			}
			file := token.NewFileSet()
			parsed, err := parser.ParseFile(file, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(parsed, func(node ast.Node) bool {
				if what := starts(node); what != "" {
					t.Errorf("%s: %s, which package recovery has a guarded one of", file.Position(node.Pos()), what)
				}

				return true
			})

			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// starts names what starts a goroutine without a guard.
func starts(node ast.Node) string {
	switch node := node.(type) {
	case *ast.GoStmt:
		return "a go statement"
	case *ast.CallExpr:
		selector, ok := node.Fun.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		of, _ := selector.X.(*ast.Ident)
		switch name := selector.Sel.Name; {
		case name == "AfterFunc" && of != nil && (of.Name == "context" || of.Name == "time"):
			return fmt.Sprintf("%s.AfterFunc", of.Name)
		// A Scope's has a name too.
		case name == "Go" && len(node.Args) == 1:
			return "sync.WaitGroup.Go"
		}
	}

	return ""
}

func TestWhatStartsAGoroutineIsFound(t *testing.T) {
	for code, found := range map[string]bool{
		"go f()": true, "time.AfterFunc(1, f)": true, "context.AfterFunc(ctx, f)": true, "all.Go(f)": true,
		"recovery.AfterFunc(ctx, f)": false, `scope.Go("name", f)`: false, "f()": false,
	} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc g() {\n"+code+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		has := false
		ast.Inspect(parsed, func(node ast.Node) bool {
			has = has || starts(node) != ""

			return true
		})
		if has != found {
			t.Errorf("%s: got %t", code, has)
		}
	}
}

func TestAPanicIsToldOfBeforeWhoWaitsGoesOn(t *testing.T) {
	order := make(chan string, 2)
	ctx := WithOwner(context.Background(), func(string, string) { order <- "told" })
	GoThen(ctx, "testing", failing, func() { order <- "finally" })
	for _, want := range []string{"told", "finally"} {
		select {
		case got := <-order:
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: never", want)
		}
	}
}
