package threads

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"
)

// spare are left to all else where Go has made no more than it needs.
const spare = spareOfC + spareOfGo

// system is one that gives so many threads, and counts how often it was asked.
type system struct{ most, made, asked, ended int }

func (s *system) budget() *Budget {
	return &Budget{
		Free: func(most int) int {
			s.asked++
			return min(most, s.most-s.made)
		},
		Threads: func() int { return s.made },
		End: func() {
			s.made--
			s.ended++
		},
	}
}

func TestAsManyAreTakenAsTheSystemWouldGiveToAll(t *testing.T) {
	for _, most := range []int{spare, spare + 1, 50, 100, 1000} {
		b := (&system{most: most}).budget()
		var gives []func()
		for {
			give, err := b.Take()
			if err != nil {
				if !errors.Is(err, ErrNone) {
					t.Fatal(err)
				}
				break
			}
			gives = append(gives, give)
		}
		if len(gives) != most-spare {
			t.Errorf("%d of %d", len(gives), most)
		}
		// What is given back, once or twice, is another's.
		for _, give := range gives {
			give()
			give()
		}
		if give, err := b.Take(); (err == nil) != (most > spare) {
			t.Errorf("%d: %v", most, err)
		} else if err == nil {
			give()
		}
	}
}

// To ask makes as many threads.
func TestTheSystemIsAskedOnceForMany(t *testing.T) {
	s := &system{most: spare + ahead + 1}
	b := s.budget()
	for n := 1; n <= ahead+1; n++ {
		if _, err := b.Take(); err != nil || s.asked != 1 {
			t.Fatalf("%d: asked %d times, %v", n, s.asked, err)
		}
	}
	if _, err := b.Take(); !errors.Is(err, ErrNone) || s.asked != 2 {
		t.Errorf("asked %d times, %v", s.asked, err)
	}
}

// Threads that Go has are there for whoever waits next.
func TestThreadsThatWereMadeCountOnce(t *testing.T) {
	s := &system{most: 1000}
	b := s.budget()
	for range 300 {
		if _, err := b.Take(); err != nil {
			t.Fatal(err)
		}
	}
	// All of them wait at once, and no more is given than those and what all else has.
	s.made = 400
	s.most = 400 + spare
	b.more = 0
	if _, err := b.Take(); err != nil {
		t.Error(err)
	}
}

// All else made more threads than were thought of, which nobody ends.
func TestWhatIsStoppedMakesRoomWhereGoHasThreadsToSpare(t *testing.T) {
	s := &system{most: 70}
	b := s.budget()
	var gives []func()
	for give, err := b.Take(); err == nil; give, err = b.Take() {
		gives = append(gives, give)
	}
	s.made = 70 - spareOfC
	if _, err := b.Take(); !errors.Is(err, ErrNone) {
		t.Errorf("%d are there, and one more is given: %v", len(gives), err)
	}
	for _, give := range gives[:len(gives)/2] {
		give()
	}
	b.more = 0
	if _, err := b.Take(); err != nil {
		t.Error(err)
	}
}

// A busy machine has Go make all threads that there are, of which C can use none.
func TestThreadsOfGoThatNobodyNeedsAreEndedForC(t *testing.T) {
	for _, most := range []int{spare + 30, 200, 1000} {
		s := &system{most: most, made: most}
		b := s.budget()
		give, err := b.Take()
		if err != nil || s.ended != spareOfC {
			t.Fatalf("%d: %v, with %d ended", most, err, s.ended)
		}
		give()
		b.more = 0
		if _, err := b.Take(); err != nil || s.ended != spareOfC {
			t.Errorf("%d: then %v, with %d ended", most, err, s.ended)
		}
	}
}

// Who was counted needs a thread, so none of those that are there is ended.
func TestThreadsThatMayBeNeededAreNotEnded(t *testing.T) {
	s := &system{most: 200}
	b := s.budget()
	for range 100 {
		if _, err := b.Take(); err != nil {
			t.Fatal(err)
		}
	}
	s.made, s.most, b.more = 100, 100, 0
	if _, err := b.Take(); !errors.Is(err, ErrNone) || s.ended != 0 {
		t.Errorf("%v, with %d ended", err, s.ended)
	}
}

func TestManyWhoComeAtOnceTakeNoMoreThanThereAre(t *testing.T) {
	const most = 200
	b := (&system{most: most}).budget()
	var all sync.WaitGroup
	taken := make(chan func(), 1000)
	for range cap(taken) {
		all.Go(func() {
			if give, err := b.Take(); err == nil {
				taken <- give
			}
		})
	}
	all.Wait()
	if n := len(taken); n != most-spare {
		t.Errorf("%d of %d", n, most)
	}
}

func TestGoHasABoundOfItsOwn(t *testing.T) {
	b := (&system{most: 1 << 30}).budget()
	n := 0
	for ; n < 2*mostOfGo; n++ {
		if _, err := b.Take(); err != nil {
			break
		}
	}
	if n < mostOfGo-100 || n > mostOfGo {
		t.Errorf("%d", n)
	}
}

func TestTheSystemIsAsked(t *testing.T) {
	for range 3 {
		give, err := Process.Take()
		if err != nil {
			t.Fatal(err)
		}
		give()
	}
}

func TestAThreadOfTheProcessIsEnded(t *testing.T) {
	// As many as are held at once are there after. The first of a process is never ended, and the test's own makes one at times.
	const many, others = 20, 2
	release := make(chan struct{})
	var held, left sync.WaitGroup
	for range many {
		held.Add(1)
		left.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			held.Done()
			<-release
		})
	}
	held.Wait()
	close(release)
	left.Wait()
	before := Process.Threads()
	for range many / 2 {
		Process.End()
	}
	for end := time.Now().Add(10 * time.Second); Process.Threads() > before-many/2+others; {
		if time.Now().After(end) {
			t.Fatalf("%d of %d threads are left", Process.Threads(), before)
		}
		time.Sleep(time.Millisecond)
	}
}
