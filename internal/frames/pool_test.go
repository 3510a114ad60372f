package frames

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryThatNobodyTakesIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPools()
		for _, size := range []int{100, 100, 100, 7, 1 << 20} {
			p.put(make([]byte, size))
		}
		time.Sleep(idleFor - time.Second)
		p.mu.Lock()
		if p.bytes != 1<<20+307 {
			t.Errorf("%d bytes wait, before they are looked at", p.bytes)
		}
		p.mu.Unlock()
		time.Sleep(2 * idleFor)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.bytes != 0 || len(p.bySize) != 0 || p.ageing {
			t.Errorf("%d bytes of %d sizes still wait", p.bytes, len(p.bySize))
		}
	})
}

func TestMemoryThatIsTakenAgainIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPools()
		for range 5 {
			p.put(make([]byte, 100))
		}
		kept := make(map[*byte]bool)
		for second := range 60 {
			one, other := p.get(100), p.get(100)
			if second >= 30 {
				kept[&one[0]], kept[&other[0]] = true, true
			}
			p.put(one)
			p.put(other)
			time.Sleep(time.Second)
		}
		p.mu.Lock()
		if p.bytes != 200 || len(kept) != 2 {
			t.Errorf("%d bytes wait, %d pieces were in use, of which two are needed", p.bytes, len(kept))
		}
		p.mu.Unlock()
		time.Sleep(3 * idleFor)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.bytes != 0 {
			t.Errorf("%d bytes wait once nobody takes them", p.bytes)
		}
	})
}

func TestOnlySoMuchMemoryWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPools()
		for size := range 9 {
			p.put(make([]byte, 10<<20+size))
			if p.bytes > mostIdle {
				t.Errorf("%d bytes wait", p.bytes)
			}
		}
		p.put(make([]byte, mostIdle+1))
		if p.bytes != 0 {
			t.Errorf("%d bytes wait after what is too large for all", p.bytes)
		}
		time.Sleep(3 * idleFor)
	})
}
