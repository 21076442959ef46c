package simulation

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// reached is how far a long run of seeds has come. With FATURAD_TORTURE_DIR it is kept in a file there, and the next run goes
// on behind it.
type reached struct {
	mu      sync.Mutex
	path    string // empty = it is not kept
	told    time.Time
	cpu     float64 // of this process when it began
	before  float64 // seconds of CPU of earlier runs
	playing []uint64

	Next    uint64 // the next seed: every one below it, from the first on, has been played
	End     uint64 // 0 = none
	Played  uint64
	Failed  uint64
	Faults  uint64
	Seconds float64 // of CPU, in all
}

// newReached begins at a seed, or goes on behind what was kept.
func newReached(t *testing.T, from, count uint64) *reached {
	t.Helper()
	r := &reached{Next: from, told: time.Now(), cpu: cpuSeconds(t)}
	if count > 0 {
		r.End = from + count
	}
	dir := os.Getenv("FATURAD_TORTURE_DIR")
	if dir == "" || count == 0 {
		return r
	}
	r.path = filepath.Join(dir, "seeds.json")
	text, err := os.ReadFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return r
	}
	kept := &reached{}
	if err == nil {
		err = json.Unmarshal(text, kept)
	}
	if err != nil {
		t.Fatalf("reading how far an earlier run came: %v", err)
	}
	if kept.Next > from && kept.Next <= r.End {
		r.Next, r.Played, r.Failed, r.Faults, r.before = kept.Next, kept.Played, kept.Failed, kept.Faults, kept.Seconds
	}
	return r
}

// together is how many seeds are played in one bubble: a bubble and its goroutines cost as much as a short run.
const together = 32

// draw gives the next seeds to play; none are left when there are none.
func (r *reached) draw() []uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	var drawn []uint64
	for len(drawn) < together && (!r.bounded() || r.Next < r.End) {
		drawn = append(drawn, r.Next)
		r.Next++
	}
	r.playing = append(r.playing, drawn...)
	return drawn
}

// bounded reports whether the run has an end; without one it plays as long as its budget lasts.
func (r *reached) bounded() bool { return r.End > 0 }

// played notes the end of a seed.
func (r *reached) played(t *testing.T, seed uint64, faults int, failed bool) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.playing = slices.DeleteFunc(r.playing, func(s uint64) bool { return s == seed })
	r.Played++
	r.Faults += uint64(faults)
	if failed {
		r.Failed++
	}
	if r.bounded() && time.Since(r.told) > 10*time.Second {
		r.told = time.Now()
		fmt.Printf("%s %s\n", time.Now().Format(time.TimeOnly), r.keep(t))
	}
}

// keep writes the file, and gives what was reached in words. The lock is held, or nobody plays any more.
func (r *reached) keep(t *testing.T) string {
	t.Helper()
	r.Seconds = r.before + cpuSeconds(t) - r.cpu
	kept := &reached{Next: r.Next, End: r.End, Played: r.Played, Failed: r.Failed, Faults: r.Faults, Seconds: r.Seconds}
	if len(r.playing) > 0 {
		kept.Next = slices.Min(r.playing) // some are played twice rather than never
	}
	if r.path != "" {
		text, err := json.Marshal(kept)
		if err == nil {
			err = os.WriteFile(r.path+".new", text, 0o600)
		}
		if err == nil {
			err = os.Rename(r.path+".new", r.path)
		}
		if err != nil {
			t.Errorf("keeping how far the run came: %v", err)
		}
	}
	return fmt.Sprintf("%d seeds played, up to %d; %d faults; %d seeds failed; %.2f ms of CPU a seed", r.Played, kept.Next, r.Faults, r.Failed,
		1000*r.Seconds/float64(max(1, r.Played)))
}

// cpuSeconds is the CPU that this process has used.
func cpuSeconds(t *testing.T) float64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
