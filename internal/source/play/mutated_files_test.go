package play

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/media"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/container"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/passing"
	"github.com/mediasoup-client-pion/mediasoup-client-pion/internal/source/refusal"
)

const (
	// mostAddresses is of address space, mostResident of memory, in bytes, of a process that plays mutated files.
	mostAddresses = 8 << 30
	mostResident  = 1 << 30
	// mostTime is how long a file of a third of a second may take, on a machine that does much else.
	mostTime = 30 * time.Second
	// mostSteps and mostFrames bound what is played of one: sizes may say that it lasts for days.
	mostSteps, mostFrames = 5000, 300
)

// Files of every format with mutations in them are played, or refused with a reason: in another process, which they
// neither crash nor hold up, and whose memory they do not take. MUTATED_FILES is how many, MUTATED_SEED of which
// numbers; what failed is left in MUTATED_KEPT.
func TestMutatedFilesArePlayedOrRefused(t *testing.T) {
	if list := os.Getenv("MUTATED_LIST"); list != "" {
		playAll(t, list)

		return
	}
	count := numberOf(t, "MUTATED_FILES", 250)
	first := numberOf(t, "MUTATED_SEED", 1) * 1_000_000
	seeds := seedFiles(t)
	var decoded atomic.Int64
	const processes, batch = 2, 125
	numbers := make(chan int)
	var all sync.WaitGroup
	for range processes {
		all.Go(func() {
			for number := range numbers {
				var paths []string
				for i := number; i < min(number+batch, first+count); i++ {
					paths = append(paths, seeds.mutated(t, i))
				}
				playInAnother(t, paths, &decoded)
			}
		})
	}
	for number := first; number < first+count; number += batch {
		numbers <- number
	}
	close(numbers)
	all.Wait()
	t.Logf("%d of %d had pictures or sound", decoded.Load(), count)
	// What is refused at once tests nothing behind it.
	if int(decoded.Load()) < count/3 {
		t.Errorf("no more than %d of %d had pictures or sound", decoded.Load(), count)
	}
}

func numberOf(t *testing.T, name string, otherwise int) int {
	t.Helper()
	number, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(otherwise)))
	if err != nil || number < 0 {
		t.Fatalf("%s: %v", name, err)
	}

	return number
}

// playInAnother plays files in another process, and in one more after each that ends it.
func playInAnother(t *testing.T, paths []string, decoded *atomic.Int64) {
	for len(paths) > 0 {
		played, output, err := playUntil(t, paths, decoded)
		for _, path := range paths[:played] {
			_ = os.RemoveAll(filepath.Dir(path))
		}
		if paths = paths[played:]; err == nil {
			return
		}
		if len(paths) == 0 {
			t.Errorf("after all files: %v\n%s", err, output)

			return
		}
		t.Errorf("%s: %v\n%s", keep(t, paths[0]), err, output)
		paths = paths[1:]
	}
}

// keep leaves what failed where it is found.
func keep(t *testing.T, path string) string {
	folder := os.Getenv("MUTATED_KEPT")
	if folder == "" {
		return path
	}
	kept := filepath.Join(folder, filepath.Base(filepath.Dir(path)))
	if err := os.CopyFS(kept, os.DirFS(filepath.Dir(path))); err != nil {
		t.Error(err)
	}

	return filepath.Join(kept, filepath.Base(path))
}

// playUntil says how many files were played, and what the process said if it ended before all were, or took too long.
func playUntil(t *testing.T, paths []string, decoded *atomic.Int64) (played int, output string, err error) {
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte(strings.Join(paths, "\n")), 0o600); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	command := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestMutatedFilesArePlayedOrRefused$", "-test.v", "-test.timeout=1h")
	command.Env = append(os.Environ(), "MUTATED_LIST="+list, "GOMEMLIMIT=512MiB", "GOTRACEBACK=all")
	var said, stderr bytes.Buffer
	command.Stderr = &stderr
	lines, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Error(err)

		return len(paths), "", nil
	}
	patience := time.AfterFunc(mostTime, func() {
		_ = command.Process.Signal(syscall.SIGQUIT)
		time.AfterFunc(mostTime/10, func() { cancel(errors.New("it took too long")) })
	})
	defer patience.Stop()
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		if frames, found := strings.CutPrefix(scanner.Text(), "played "); found {
			played++
			if frames != "0" {
				decoded.Add(1)
			}
			patience.Reset(mostTime)
		} else {
			fmt.Fprintln(&said, scanner.Text())
		}
	}
	err = command.Wait()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	text := stderr.String() + said.String()

	return played, text[:min(len(text), 20_000)], err
}

// playAll is the other process.
func playAll(t *testing.T, list string) {
	// Detectors of races and of faults take terabytes for themselves, and much memory.
	bounded := status(t, "VmSize") < mostAddresses
	if bounded {
		limit := &syscall.Rlimit{Cur: mostAddresses, Max: mostAddresses}
		if err := syscall.Setrlimit(syscall.RLIMIT_AS, limit); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.SplitSeq(string(paths), "\n") {
		// Begins the count of the most resident memory anew.
		_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
		frames, err := playFast(path)
		if err != nil {
			t.Fatal(err)
		}
		if resident := status(t, "VmHWM"); bounded && resident > mostResident {
			t.Fatalf("%d MB were in memory", resident>>20)
		}
		fmt.Println("played", frames)
	}
}

// status is a size that the system tells of this process, in bytes.
func status(t *testing.T, name string) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), name+":")
	var kilobytes int
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		t.Fatal(err)
	}

	return kilobytes << 10
}

// drain is an output, and the source of a stream, that wants all.
type drain struct{ frames int }

func (*drain) Wanted(media.Kind) bool                { return true }
func (*drain) Expected(media.Kind) bool              { return true }
func (*drain) Held() bool                            { return false }
func (*drain) EndKind(media.Kind, error)             {}
func (*drain) LeaveOut(int)                          {}
func (*drain) Nudge()                                {}
func (*drain) Fail(media.Kind, error)                {}
func (d *drain) DeliverAudio(*media.AudioFrame)      { d.frames++ }
func (d *drain) Awaited() bool                       { return false }
func (d *drain) DeliverVideo(*media.VideoFrame, int) { d.frames++ }

// playFast plays a file as it is, and decoded, as fast as that goes. It counts the pictures and pieces of sound.
func playFast(path string) (frames int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), mostTime)
	defer cancel()
	c, err := container.OpenFile(ctx, path, nil)
	if err != nil {
		var refused *refusal.Error
		if !errors.As(err, &refused) || refused.Message == "" {
			return 0, fmt.Errorf("refused without a reason: %w", err)
		}

		return 0, nil
	}
	p := New(c, false)
	defer p.Close()
	p.Pass(ctx, nil)
	p.OpenDecoders()
	out := &drain{}
	p.DeliverTo(out)
	for _, kind := range []media.Kind{media.Audio, media.Video} {
		p.PassTo(kind, passing.NewStream(out, p.Name(), kind))
		p.Prime(kind)
	}
	for range mostSteps {
		if out.frames > mostFrames || ctx.Err() != nil {
			break
		}
		worked := false
		for _, part := range p.parts {
			worked = part.Step(0) || worked
			if next, ok := part.Upcoming(); ok {
				part.Deliver(ctx, next, time.Now())
				worked = true
			}
		}
		if !worked {
			break
		}
	}

	return out.frames, nil
}
